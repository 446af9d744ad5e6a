"""Knowledge, replies ready to use, teams, figures and dead letters over HTTP."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest

from desk.accounts.models import Role
from desk.console.canned import fill
from desk.console.report import safe_cell
from desk.errors import Refused
from desk.queue.hours import ZONE
from tests.desk.console.conftest import API, Office, Page, code_of

REPLY = {"team": None, "language": "da", "shortcut": "hej", "title": "Hej", "text": "Hej"}


@pytest.fixture
async def boss(office: Office) -> Page:
    return await office.page("Bo", role=Role.administrator)


# Knowledge.


async def test_the_entries_are_the_citizens(office: Office, mette: Page) -> None:
    found = (await mette.get(f"{API}/knowledge?q=nyt%20pas&lang=en")).json()["items"]
    assert set(found[0]) == {"service", "title", "summary", "source", "checked"}
    card = (await mette.get(f"{API}/knowledge/pas-voksen?lang=en")).json()
    assert set(card) == {
        "service", "title", "summary", "authority", "rows", "links", "source", "checked",
    }  # fmt: skip
    assert card["title"] == office.parts.knowledge.catalogue().text("pas-voksen", "en")[1].title
    assert code_of(await mette.get(f"{API}/knowledge/nothing")) == "not_found"
    assert code_of(await mette.get(f"{API}/knowledge/pas-voksen?lang=xx")) == "unknown_language"


async def test_a_remark_reaches_the_editors(office: Office, mette: Page) -> None:
    editor = await office.page("Eva", role=Role.editor)
    path = f"{API}/knowledge/pas-voksen/notes"
    body = {"text": "Prisen er gammel. 010190-1234", "kind": "wrong"}
    assert (await mette.post(path, json=body)).status_code == 201
    (remark,) = (await editor.get(f"{API}/knowledge-notes")).json()["items"]
    assert (remark["service"]["id"], remark["author"]) == ("pas-voksen", "Mette")
    assert remark["text"] == "Prisen er gammel. ******-****"
    for _ in range(2):
        done = await editor.post(f"{API}/knowledge-notes/{remark['id']}/done")
        assert done.status_code == 204
    assert (await editor.get(f"{API}/knowledge-notes")).json()["items"][0]["done"] is True
    for odd in ("0", "-1", "999", str(2**70)):
        assert code_of(await editor.post(f"{API}/knowledge-notes/{odd}/done")) == "not_found"
    nothing = await mette.post(f"{API}/knowledge/nothing/notes", json=body)
    assert code_of(nothing) == "not_found"
    empty = await mette.post(path, json={"text": " ", "kind": "missing"})
    assert code_of(empty) == "empty"


# Replies ready to use.


async def test_replies_by_team(office: Office, mette: Page, stranger: Page, boss: Page) -> None:
    made = []
    for team in (None, "borgerservice", "musik"):
        answer = await boss.post(f"{API}/canned-replies", json=REPLY | {"team": team})
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["id"])

    async def teams(page: Page) -> list[str | None]:
        items = (await page.get(f"{API}/canned-replies")).json()["items"]
        return sorted((item["team"] for item in items), key=str)

    assert await teams(mette) == [None, "borgerservice"]
    assert await teams(stranger) == [None, "musik"]
    assert await teams(boss) == [None, "borgerservice", "musik"]
    citizen = await office.waiting()
    foreign = await mette.post(
        f"{API}/canned-replies/{made[2]}/fill", json={"conversation_id": citizen.id}
    )
    assert code_of(foreign) == "not_found"
    again = await boss.post(f"{API}/canned-replies", json=REPLY)
    assert code_of(again) == "shortcut_taken"
    changed = await boss.put(f"{API}/canned-replies/{made[0]}", json=REPLY | {"text": "Goddag"})
    assert changed.json()["text"] == "Goddag"
    assert (await boss.delete(f"{API}/canned-replies/{made[0]}")).status_code == 204
    assert code_of(await boss.delete(f"{API}/canned-replies/{made[0]}")) == "not_found"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": "{password}"}, "unknown_value"),
        ({"text": "{}"}, "unknown_value"),
        ({"text": " "}, "empty"),
        ({"text": "x" * 4001}, "too_long"),
        ({"team": "nowhere"}, "unknown_team"),
        ({"language": "xx"}, "unknown_language"),
        ({"shortcut": "a b"}, "bad_request"),
        ({"title": ""}, "bad_request"),
    ],
)
async def test_replies_that_are_refused(boss: Page, change: dict[str, Any], code: str) -> None:
    refused = await boss.post(f"{API}/canned-replies", json=REPLY | change)
    assert (refused.status_code, code_of(refused)) == (422, code)


async def test_a_reply_is_filled_in(office: Office, mette: Page, boss: Page) -> None:
    citizen = await office.waiting()
    body = {"conversation_id": citizen.id}
    text = "Hej fra {name}, ring {phone}."
    made = (await boss.post(f"{API}/canned-replies", json=REPLY | {"text": text})).json()
    filled = await mette.post(f"{API}/canned-replies/{made['id']}/fill", json=body)
    assert filled.json() == {"text": "Hej fra Mette, ring 33 66 33 66."}
    await boss.put(f"{API}/canned-replies/{made['id']}", json=REPLY | {"text": "Om {service}"})
    without = await mette.post(f"{API}/canned-replies/{made['id']}/fill", json=body)
    assert code_of(without) == "no_service"
    await office.sql("UPDATE handover SET service = 'pas-voksen'")
    filled = await mette.post(f"{API}/canned-replies/{made['id']}/fill", json=body)
    assert "{" not in filled.json()["text"]


def test_values_are_filled_in_once() -> None:
    assert fill("{name}", {"name": "{phone}", "phone": "1"}) == "{phone}"
    with pytest.raises(Refused):
        fill("{service}", {"name": "x"})


# Teams.


async def test_how_a_team_works(mette: Page, boss: Page) -> None:
    hours = {"mo": ["10:00-12:00", "13:00-16:00"]}
    body = {"auto_assign": True, "hours": hours, "closed": ["2026-12-24"]}
    saved = await boss.put(f"{API}/teams/borgerservice/hours", json=body)
    assert saved.status_code == 200, saved.text
    (team,) = (await mette.get(f"{API}/teams")).json()["teams"]
    assert (team["id"], team["administrations"]) == ("borgerservice", ["kk"])
    assert {key: team[key] for key in body} == body
    mistakes: list[dict[str, Any]] = [
        {"hours": {"xx": []}},
        {"hours": {"mo": ["late"]}},
        {"closed": ["2026-02-30"]},
    ]
    for wrong in mistakes:
        refused = await boss.put(f"{API}/teams/borgerservice/hours", json={"hours": {}, **wrong})
        assert (refused.status_code, code_of(refused)) == (422, "hours_invalid")
    assert code_of(await boss.put(f"{API}/teams/nowhere/hours", json=body)) == "not_found"


async def test_how_the_common_queue_works(office: Office, mette: Page, boss: Page) -> None:
    # A team for something else, so that what follows is nobody's.
    await office.team("borgerservice", "tmf")
    body: dict[str, Any] = {
        "auto_assign": False,
        "hours": {day: [] for day in ("mo", "tu", "we", "th", "fr", "sa", "su")},
        "closed": [],
    }
    assert (await mette.get(f"{API}/teams")).json()["common"]["hours"] is None
    assert code_of(await mette.put(f"{API}/common-queue/hours", json=body)) == "not_allowed"
    saved = await boss.put(f"{API}/common-queue/hours", json=body)
    assert saved.json() == body
    assert (await mette.get(f"{API}/teams")).json()["common"] == body
    citizen = await office.citizen("hej")
    await citizen.say(choice="human")
    # Never open: nobody is put into the queue, though somebody is there.
    assert (await citizen.heard())[-1]["reply"] in {"handover_closed", "handover_nobody"}
    await boss.put(f"{API}/common-queue/hours", json=body | {"hours": None})
    await citizen.say(choice="human")
    assert (await citizen.heard())[-1]["reply"] == "handover_queued_unknown"
    assert len(await office.trail(boss, "hours_saved")) == 2


async def test_colleagues(mette: Page, omar: Page, boss: Page) -> None:
    await omar.put(f"{API}/presence", json={"state": "away"})
    found = (await mette.get(f"{API}/colleagues")).json()["items"]
    assert {one["name"]: one["presence"] for one in found} == {"Mette": "online", "Omar": "away"}
    assert (await mette.post(f"{API}/heartbeat")).status_code == 204
    odd = await mette.put(f"{API}/presence", json={"state": "asleep"})
    assert odd.status_code == 422


# Figures.


async def test_figures(office: Office, mette: Page, boss: Page, stranger: Page) -> None:
    today = dt.datetime.now(tz=dt.UTC).astimezone().date()
    span = {"from": str(today - dt.timedelta(days=2)), "to": str(today + dt.timedelta(days=1))}
    await office.citizen("Hej")
    citizen = await office.waiting()
    await mette.act(citizen.id, "claim")
    await mette.act(citizen.id, "resolve", outcome="solved")
    await citizen.say(choice="rate:4")
    figures = (await boss.get(f"{API}/statistics", params=span)).json()
    assert figures["guide_alone"] == {"count": 1, "share": 0.5}
    assert sum(row["count"] for row in figures["handovers"]) == 1
    assert figures["ratings"] == {"average": 4.0, "count": 1, "by_star": {"4": 1}}
    assert figures["waiting"]["median"] is not None
    assert len(figures["by_day"]) == 4
    assert sum(day["conversations"] for day in figures["by_day"]) == 2
    own = (await boss.get(f"{API}/statistics", params=span | {"team": "borgerservice"})).json()
    assert own["handovers"] == figures["handovers"]
    assert (await stranger.get(f"{API}/statistics", params=span)).json()["handovers"] == []
    nowhere = await boss.get(f"{API}/statistics", params=span | {"team": "nowhere"})
    assert code_of(nowhere) == "not_found"
    for first, last in (("2026-02-01", "2026-01-01"), ("2020-01-01", "2026-01-01")):
        refused = await boss.get(f"{API}/statistics", params={"from": first, "to": last})
        assert code_of(refused) == "period_invalid"
    extreme = {"from": "9999-12-31", "to": "9999-12-31"}
    assert code_of(await boss.get(f"{API}/statistics", params=extreme)) == "period_invalid"


async def test_the_file_runs_nothing(office: Office, mette: Page, boss: Page) -> None:
    today = str(dt.datetime.now(tz=ZONE).date())
    await office.waiting()
    await office.sql("UPDATE handover SET service = :bad", bad='=HYPERLINK("http://evil")')
    answer = await boss.get(f"{API}/statistics.csv", params={"from": today, "to": today})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert ["handovers", '\'=HYPERLINK("http://evil")', "da", "1"] in rows
    assert len({len(row) for row in rows}) == 1
    assert [entry.details["from"] for entry in await office.trail(boss, "statistics_exported")]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", '"=1', "＝1", "＠x"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [-1, 0, 1.5, "Pas", "a=b", "", None, "12-18 år"])
def test_ordinary_cells_stay(value: object) -> None:
    assert safe_cell(value) == ("" if value is None else str(value))


# Dead letters.


async def test_dead_letters(office: Office, boss: Page, mette: Page) -> None:
    citizen = await office.waiting()
    letter = "ab" * 16
    now = dt.datetime.now(tz=dt.UTC).isoformat()
    await office.sql(
        "INSERT INTO delivery (public_id, conversation_id, message_id, channel, address, payload,"
        " despite_stop, state, attempts, due_at, error, created_at, updated_at) VALUES"
        " (:id, :conversation, :message, 'sms', '+4520123456', '{\"body\": \"x\"}', 0,"
        " 'rejected', 3, :now, 'unknown number', :now, :now)",
        id=letter,
        conversation=citizen.id,
        message=(await citizen.heard())[-1]["id"],
        now=now.replace("T", " ").replace("+00:00", ""),
    )
    answer = await boss.get(f"{API}/dead-letters")
    (item,) = answer.json()["items"]
    assert (item["id"], item["error"], item["attempts"]) == (letter, "unknown number", 3)
    assert "+45" not in answer.text
    assert (await boss.post(f"{API}/dead-letters/{letter}/resend")).status_code == 204
    assert code_of(await boss.post(f"{API}/dead-letters/{letter}/resend")) == "not_found"
    assert code_of(await boss.post(f"{API}/dead-letters/%00/resend")) == "not_found"
    (entry,) = await office.trail(boss, "dead_letter_resent")
    assert entry.subject == f"delivery:{letter}"
