"""From the list to the end of a conversation, as pages go through it."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest

from conversations.models import Reply
from desk.accounts.models import Role
from tests.conftest import ScriptedAssistant
from tests.desk.console.conftest import API, Office, Page, code_of

LATER = (dt.datetime.now(tz=dt.UTC) + dt.timedelta(hours=2)).isoformat()
CONVERSATION = {
    "id", "state", "kind", "channel", "language", "service", "reason", "priority", "team",
    "assignee", "waiting_seconds", "queued_at", "last_message", "unread", "snoozed_until",
    "transfer", "outcome", "version",
}  # fmt: skip
"""What web/desk/contract.ts reads."""


async def test_a_list(office: Office, mette: Page) -> None:
    citizen = await office.waiting("Jeg har mistet mit pas")
    answer = (await mette.get(f"{API}/conversations")).json()
    (item,) = answer["items"]
    assert set(item) == CONVERSATION
    assert item["id"] == citizen.id
    assert (item["state"], item["kind"], item["team"]) == ("queued", "chat", "borgerservice")
    assert item["assignee"] is None
    assert item["unread"] == 2
    assert set(item["last_message"]) == {"author", "text", "at"}
    assert answer["counts"] == {"waiting": 1, "mine": 0, "team": 0, "snoozed": 0}
    assert answer["next"] is None


async def test_pages_of_a_list(office: Office, mette: Page) -> None:
    expected = [(await office.waiting()).id for _ in range(3)]
    found, after = [], "0"
    while after is not None:
        query = {"list": "waiting", "limit": "2", "after": after}
        page = (await mette.get(f"{API}/conversations", params=query)).json()
        found += [item["id"] for item in page["items"]]
        after = page["next"]
    assert found == expected


async def test_the_whole_way(office: Office, mette: Page, omar: Page) -> None:
    citizen = await office.waiting("Jeg har mistet mit pas")
    claimed = await mette.act(citizen.id, "claim")
    assert claimed.status_code == 200, claimed.text
    assert claimed.json()["assignee"] == {"id": mette.member.id, "name": "Mette"}
    assert await mette.ids("mine") == [citizen.id]
    assert await omar.ids("team") == [citizen.id]
    words = {"text": "Hej, det klarer vi.", "client_message_id": "one"}
    said = await mette.act(citizen.id, "messages", **words)
    assert said.status_code == 202, said.text
    # Sent again, since the answer was lost on the way.
    assert (await mette.act(citizen.id, "messages", **words)).json() == said.json()
    heard = await citizen.heard()
    assert [item["text"] for item in heard].count("Hej, det klarer vi.") == 1
    assert heard[-1]["author_name"] == "Mette, Borgerservice"
    await citizen.say("Tak!")
    assert (await mette.line(citizen.id))["unread"] == 1
    seq = said.json()["seq"]
    more = (await mette.get(f"{API}/conversations/{citizen.id}/messages?after={seq}")).json()
    assert [item["text"] for item in more["messages"]] == ["Tak!"]
    assert (await mette.act(citizen.id, "read", seq=seq + 1)).status_code == 204
    assert (await mette.line(citizen.id))["unread"] == 0
    note = await mette.act(citizen.id, "notes", text="Har ringet til politiet.")
    assert (note.status_code, note.json()["author"]) == (201, "Mette")
    ended = await mette.act(citizen.id, "resolve", outcome="solved", note="Nyt pas bestilt.")
    assert (ended.json()["state"], ended.json()["outcome"]) == ("resolved", "solved")
    detail = (await omar.get(f"{API}/conversations/{citizen.id}")).json()
    assert [item["text"] for item in detail["notes"]] == [
        "Har ringet til politiet.",
        "Nyt pas bestilt.",
    ]
    assert [item["kind"] for item in detail["activity"]][-2:] == ["resolved", "note"]
    assert detail["activity"][-1]["actor"] == "Mette"
    assert detail["appointments"] == []
    assert await mette.ids("resolved") == [citizen.id]
    again = await omar.act(citizen.id, "reopen")
    assert again.json()["assignee"]["name"] == "Omar"


async def test_two_who_claim_at_once(office: Office, mette: Page, omar: Page) -> None:
    citizen = await office.waiting()
    answers = await asyncio.gather(mette.act(citizen.id, "claim"), omar.act(citizen.id, "claim"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert code_of(lost) == "already_taken"
    winner = won.json()["assignee"]["name"]
    assert winner in lost.json()["error"]["message"]
    assert (await mette.line(citizen.id))["assignee"]["name"] == winner
    assert [item["text"] for item in await citizen.heard()].count("") == 0
    joined = [item for item in await citizen.heard() if item["reply"] == "handover_joined"]
    assert len(joined) == 1


async def test_what_is_shown_of_a_conversation(office: Office, mette: Page) -> None:
    citizen = await office.waiting("Jeg har mistet mit pas")
    detail = (await mette.get(f"{API}/conversations/{citizen.id}")).json()
    assert set(detail) == {
        "conversation", "summary", "messages", "notes", "activity", "others", "appointments",
        "citizen",
    }  # fmt: skip
    assert detail["summary"]["asked"] == ["Jeg har mistet mit pas"]
    assert detail["citizen"] == {"label": "Borger", "channel": "web", "language": "da"}
    assert [item["seq"] for item in detail["messages"]] == list(
        range(1, len(detail["messages"]) + 1)
    )
    assert len(await office.trail(mette, "looked_at_conversation")) == 1
    (entry,) = await office.trail(mette, "looked_at_conversation")
    assert entry.subject == f"conversation:{citizen.id}"


@pytest.mark.parametrize("path", ["", "/messages", "/suggestions"])
async def test_no_look_without_a_trace(office: Office, mette: Page, path: str) -> None:
    citizen = await office.waiting()
    assert (await mette.get(f"{API}/conversations/{citizen.id}{path}")).status_code == 200
    assert len(await office.trail(mette, "looked_at_conversation")) == 1


async def test_an_offer_crosses_teams(office: Office, mette: Page, stranger: Page) -> None:
    citizen = await office.waiting()
    await mette.act(citizen.id, "claim")
    body: dict[str, Any] = {"member": stranger.member.id, "note": "Det er vist din."}
    offered = (await mette.act(citizen.id, "transfer", **body)).json()
    assert offered["transfer"] == {
        "from": {"id": mette.member.id, "name": "Mette"},
        "to": {"id": stranger.member.id, "name": "Sara"},
        "note": "Det er vist din.",
    }
    assert await stranger.ids("mine") == [citizen.id]
    declined = await stranger.act(citizen.id, "transfer/decline", note="Ikke min.")
    assert declined.json()["transfer"] is None
    notes = (await mette.get(f"{API}/conversations/{citizen.id}")).json()["notes"]
    assert [(note["author"], note["text"]) for note in notes] == [("Sara", "Ikke min.")]
    await mette.act(citizen.id, "transfer", **body)
    accepted = await stranger.act(citizen.id, "transfer/accept")
    assert accepted.json()["assignee"]["name"] == "Sara"
    assert accepted.json()["team"] == "musik"
    assert code_of(await mette.act(citizen.id, "withdraw-transfer")) == "not_found"


async def test_an_offer_is_taken_back(office: Office, mette: Page, omar: Page) -> None:
    citizen = await office.waiting()
    await mette.act(citizen.id, "claim")
    await mette.act(citizen.id, "transfer", member=omar.member.id)
    assert (await mette.act(citizen.id, "withdraw-transfer")).json()["transfer"] is None
    assert code_of(await omar.act(citizen.id, "transfer/accept")) == "nothing_offered"
    await mette.act(citizen.id, "transfer", member=omar.member.id)
    declined = await omar.act(citizen.id, "transfer/decline", note="Har pause.")
    assert declined.json()["transfer"] is None
    detail = (await mette.get(f"{API}/conversations/{citizen.id}")).json()
    assert detail["notes"][-1]["text"] == "Har pause."


async def test_into_another_team(office: Office, mette: Page, stranger: Page) -> None:
    citizen = await office.waiting()
    await mette.act(citizen.id, "claim")
    moved = await mette.act(citizen.id, "transfer", team="musik", note="")
    assert (moved.json()["team"], moved.json()["state"]) == ("musik", "queued")
    assert await mette.ids("waiting") == []
    assert await stranger.ids("waiting") == [citizen.id]


async def test_aside_and_back(office: Office, mette: Page) -> None:
    citizen = await office.waiting()
    await mette.act(citizen.id, "claim")
    snoozed = (await mette.act(citizen.id, "snooze", until=LATER)).json()
    assert snoozed["snoozed_until"]
    assert (await mette.ids("mine"), await mette.ids("snoozed")) == ([], [citizen.id])
    await citizen.say("Er du der?")
    assert (await mette.ids("mine"), await mette.ids("snoozed")) == ([citizen.id], [])
    assert (await mette.act(citizen.id, "return")).json()["state"] == "queued"
    assert (await mette.act(citizen.id, "spam")).json()["outcome"] == "spam"


@pytest.mark.parametrize(
    ("what", "body", "code"),
    [
        ("snooze", {"until": "2020-01-01T00:00:00Z"}, "in_the_past"),
        ("snooze", {"until": "9999-12-31T23:59:59-12:00"}, "too_far_away"),
        ("snooze", {"until": "2100-01-01T00:00:00"}, "bad_request"),
        ("resolve", {"outcome": "spam"}, "unknown_outcome"),
        ("resolve", {"outcome": "x"}, "bad_request"),
        ("transfer", {"team": "nowhere", "note": ""}, "unknown_team"),
        ("transfer", {"member": "nobody", "note": ""}, "unknown_colleague"),
        ("transfer", {"member": "a", "team": "b"}, "bad_request"),
        ("messages", {"text": " ", "client_message_id": "x"}, "empty"),
        ("messages", {"text": "x" * 4001, "client_message_id": "x"}, "too_long"),
        ("messages", {"text": "x", "client_message_id": ""}, "bad_request"),
        ("messages", {"text": "x", "client_message_id": "x", "html": "x"}, "bad_request"),
        ("notes", {"text": "\u200b"}, "empty"),
    ],
)
async def test_what_cannot_be_taken(
    office: Office, mette: Page, what: str, body: dict[str, Any], code: str
) -> None:
    citizen = await office.waiting()
    await mette.act(citizen.id, "claim")
    refused = await mette.act(citizen.id, what, **body)
    assert (refused.status_code, code_of(refused)) == (422, code)


async def test_a_card_goes_along_in_the_citizens_language(
    office: Office, mette: Page, omar: Page, assistant: ScriptedAssistant
) -> None:
    assistant.answer = lambda *_: [Reply("greet")]
    citizen = await office.waiting("I have lost my passport", language="en")
    await mette.act(citizen.id, "claim")
    body: dict[str, Any] = {
        "text": "Here it is:",
        "client_message_id": "one",
        "card": {"service": "pas-voksen"},
    }
    said = await mette.act(citizen.id, "messages", **body)
    assert said.status_code == 202, said.text
    title = office.parts.knowledge.catalogue().text("pas-voksen", "en")[1].title
    words, shown = (await citizen.heard())[-2:]
    assert words["text"] == "Here it is:"
    assert (words["card"], words["author"], shown["author"]) == (None, "staff", "staff")
    assert shown["card"]["title"] == title
    assert (shown["service"], shown["language"]) == ("pas-voksen", "en")
    assert shown["author_name"] == words["author_name"] == "Mette, Borgerservice"
    # The guide, who answers to choices, is silent.
    assert (shown["choices"], shown["card"]["actions"]) == ([], [])
    again = await mette.act(citizen.id, "messages", **body)
    assert again.json() == said.json()
    assert (await citizen.heard())[-1] == shown
    only = await mette.act(
        citizen.id, "messages", client_message_id="two", card={"service": "pas-voksen"}
    )
    assert only.status_code == 202, only.text
    assert (await citizen.heard())[-1]["seq"] == only.json()["seq"] == shown["seq"] + 1
    for card, code in (
        ({"service": "nothing"}, "not_found"),
        ({"service": "pas-voksen", "aspect": "colour"}, "unknown_aspect"),
    ):
        refused = await mette.act(citizen.id, "messages", client_message_id="three", card=card)
        assert code_of(refused) == code
    # Nobody writes in another's conversation, with or without a card.
    assert code_of(await omar.act(citizen.id, "messages", **body)) == "not_allowed"


async def test_suggestions(office: Office, mette: Page) -> None:
    citizen = await office.waiting("Hvad koster et nyt pas til en voksen?")
    found = (await mette.get(f"{API}/conversations/{citizen.id}/suggestions")).json()["items"]
    assert 1 <= len(found) <= 3
    assert "pas-voksen" in [item["service"] for item in found]
    assert set(found[0]) == {"service", "title", "text"}


async def test_suggestions_stay_with_what_was_asked(office: Office, mette: Page) -> None:
    citizen = await office.waiting("Hvad koster et nyt pas til en voksen?", "et menneske tak")
    await mette.act(citizen.id, "claim")
    path = f"{API}/conversations/{citizen.id}/suggestions"
    first = (await mette.get(path)).json()["items"]
    assert "pas-voksen" in [item["service"] for item in first]
    # On its own this fits nothing well.
    await citizen.say("På fredag")
    assert (await mette.get(path)).json()["items"] == first
    await citizen.say("Hvordan melder jeg flytning?")
    assert (await mette.get(path)).json()["items"][0]["service"] == "flytning"


async def test_a_message_that_was_said_is_known_whatever_came_after(
    office: Office, mette: Page, omar: Page
) -> None:
    citizen = await office.waiting()
    await mette.act(citizen.id, "claim")
    body = {"text": "Et øjeblik.", "client_message_id": "one"}
    said = await mette.act(citizen.id, "messages", **body)
    await office.team("musik")
    await mette.act(citizen.id, "transfer", team="musik", note="")
    assert (await mette.get(f"{API}/conversations/{citizen.id}")).status_code == 404
    assert (await mette.act(citizen.id, "messages", **body)).json() == said.json()


async def test_searching(office: Office, mette: Page, stranger: Page) -> None:
    citizen = await office.waiting("Min cykel blev væk på Nørrebro i går")
    await office.citizen("Min cykel er rød")
    found = (await mette.get(f"{API}/search", params={"q": "nørrebro CYKEL"})).json()
    (hit,) = found["items"]
    assert hit["conversation"]["id"] == citizen.id
    assert "Nørrebro" in hit["snippet"]
    assert (await stranger.get(f"{API}/search", params={"q": "cykel"})).json()["items"] == []
    for odd in ("%", "_", "\x00", "'; --", ""):
        assert (await mette.get(f"{API}/search", params={"q": odd})).json()["items"] == []
    (entry, *_) = await office.trail(mette, "searched_history")
    assert "cykel" not in str(entry.details)


async def test_the_list_of_resolved_names_a_conversation_once(office: Office, mette: Page) -> None:
    citizen = await office.waiting()
    for _ in range(2):
        await mette.act(citizen.id, "claim")
        await mette.act(citizen.id, "resolve", outcome="solved")
        await citizen.say(choice="human")
    assert await mette.ids("resolved") == [citizen.id]


async def test_administrators_see_all_and_editors_none(office: Office, mette: Page) -> None:
    citizen = await office.waiting()
    boss = await office.page("Bo", role=Role.administrator)
    editor = await office.page("Eva", role=Role.editor)
    assert await boss.ids("waiting") == [citizen.id]
    for path in ("conversations", "search?q=pas", f"conversations/{citizen.id}"):
        assert code_of(await editor.get(f"{API}/{path}")) == "not_allowed"
