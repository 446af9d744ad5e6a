"""What people try, and what they get for it."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from desk.accounts.models import Role
from desk.accounts.sessions import csrf_token
from desk.accounts.store import Changes
from tests.desk.console.conftest import API, Citizen, Office, Page, code_of

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@dataclass
class Scene:
    """Mette has taken a conversation; Sara is in another team, Omar in the same."""

    office: Office
    mette: Page
    omar: Page
    sara: Page
    citizen: Citizen


@pytest.fixture
async def scene(office: Office, mette: Page, omar: Page, stranger: Page) -> Scene:
    citizen = await office.waiting()
    assert (await mette.act(citizen.id, "claim")).status_code == 200
    return Scene(office, mette, omar, stranger, citizen)


Attempt = Callable[[Scene], Awaitable[httpx.Response]]
IDS = ("0" * 32, "not-an-id", "%00", "' OR 1=1", "%F0%9F%98%80", "a" * 500)
POSTS: dict[str, dict[str, Any] | None] = {
    "claim": None,
    "return": None,
    "reopen": None,
    "spam": None,
    "withdraw-transfer": None,
    "transfer": {"team": "musik", "note": ""},
    "transfer/accept": None,
    "transfer/decline": {"note": "x"},
    "snooze": {"until": "2100-01-01T00:00:00Z"},
    "resolve": {"outcome": "solved"},
    "messages": {"text": "x", "client_message_id": "x"},
    "notes": {"text": "x"},
    "read": {"seq": 1},
    "typing": None,
}
"""Everything that changes a conversation."""
READS = ("", "/messages", "/suggestions")


async def forged_cookie(scene: Scene) -> httpx.Response:
    page = scene.mette
    page.cookies.clear()
    page.cookies.set("desk", "A" * 43)
    page.headers["X-CSRF-Token"] = csrf_token("A" * 43)
    return await page.act(scene.citizen.id, "resolve", outcome="solved")


async def citizens_token(scene: Scene) -> httpx.Response:
    page = scene.mette
    page.cookies.clear()
    page.headers.update(scene.citizen.headers)
    return await page.get(f"{API}/conversations/{scene.citizen.id}")


async def no_page_token(scene: Scene) -> httpx.Response:
    del scene.mette.headers["X-CSRF-Token"]
    return await scene.mette.act(scene.citizen.id, "resolve", outcome="solved")


async def foreign_page_token(scene: Scene) -> httpx.Response:
    scene.mette.headers["X-CSRF-Token"] = csrf_token(scene.omar.token)
    return await scene.mette.act(scene.citizen.id, "resolve", outcome="solved")


async def foreign_origin(scene: Scene) -> httpx.Response:
    scene.mette.headers["Origin"] = "https://evil.example"
    return await scene.mette.act(scene.citizen.id, "resolve", outcome="solved")


async def deactivated(scene: Scene) -> httpx.Response:
    store = scene.office.accounts.store
    await store.change(scene.mette.member.id, Changes(active=False), by=None)
    return await scene.mette.get(f"{API}/conversations/{scene.citizen.id}")


async def own_role(scene: Scene) -> httpx.Response:
    path = f"{API}/members/{scene.mette.member.id}"
    return await scene.mette.patch(path, json={"role": "administrator"})


async def own_hours(scene: Scene) -> httpx.Response:
    return await scene.mette.put(f"{API}/teams/borgerservice/hours", json={"auto_assign": True})


async def own_canned(scene: Scene) -> httpx.Response:
    body = {"team": None, "language": "da", "shortcut": "x", "title": "x", "text": "x"}
    return await scene.mette.post(f"{API}/canned-replies", json=body)


async def the_letters(scene: Scene) -> httpx.Response:
    return await scene.mette.get(f"{API}/dead-letters")


async def a_resend(scene: Scene) -> httpx.Response:
    return await scene.mette.post(f"{API}/dead-letters/{'0' * 32}/resend")


async def the_file(scene: Scene) -> httpx.Response:
    return await scene.mette.get(f"{API}/statistics.csv?from=2026-01-01&to=2026-01-02")


async def the_remarks(scene: Scene) -> httpx.Response:
    return await scene.mette.get(f"{API}/knowledge-notes")


async def the_end_of_a_remark(scene: Scene) -> httpx.Response:
    return await scene.mette.post(f"{API}/knowledge-notes/1/done")


async def anothers_words(scene: Scene) -> httpx.Response:
    body = {"text": "Jeg er ikke Mette", "client_message_id": "x"}
    return await scene.omar.act(scene.citizen.id, "messages", **body)


async def anothers_end(scene: Scene) -> httpx.Response:
    return await scene.omar.act(scene.citizen.id, "resolve", outcome="solved")


async def anothers_offer(scene: Scene) -> httpx.Response:
    return await scene.omar.act(scene.citizen.id, "transfer/accept")


async def taken_already(scene: Scene) -> httpx.Response:
    return await scene.omar.act(scene.citizen.id, "claim")


async def foreign_figures(scene: Scene) -> httpx.Response:
    query = "from=2026-01-01&to=2026-01-02&team=musik"
    return await scene.mette.get(f"{API}/statistics?{query}")


async def foreign_fill(scene: Scene) -> httpx.Response:
    boss = await scene.office.page("Bo", role=Role.administrator)
    body = {"language": "da", "shortcut": "hej", "title": "Hej", "text": "Hej fra {name}"}
    made = await boss.post(f"{API}/canned-replies", json=body)
    path = f"{API}/canned-replies/{made.json()['id']}/fill"
    return await scene.sara.post(path, json={"conversation_id": scene.citizen.id})


async def ten_megabytes(scene: Scene) -> httpx.Response:
    body = {"text": "x" * 10_000_000, "client_message_id": "x"}
    return await scene.mette.act(scene.citizen.id, "messages", **body)


async def ten_megabytes_of_remark(scene: Scene) -> httpx.Response:
    body = {"text": "x" * 10_000_000, "kind": "wrong"}
    return await scene.mette.post(f"{API}/knowledge/pas-voksen/notes", json=body)


ATTEMPTS: dict[str, tuple[Attempt, int, str]] = {
    "a forged cookie": (forged_cookie, 401, "not_signed_in"),
    "a citizen's token": (citizens_token, 401, "not_signed_in"),
    "a member who has left": (deactivated, 401, "not_signed_in"),
    "no page token": (no_page_token, 403, "forged_request"),
    "another session's page token": (foreign_page_token, 403, "forged_request"),
    "another site": (foreign_origin, 403, "forged_request"),
    "own role": (own_role, 403, "not_allowed"),
    "own team's hours": (own_hours, 403, "not_allowed"),
    "a canned reply": (own_canned, 403, "not_allowed"),
    "dead letters": (the_letters, 403, "not_allowed"),
    "sending again": (a_resend, 403, "not_allowed"),
    "the file": (the_file, 403, "not_allowed"),
    "the remarks": (the_remarks, 403, "not_allowed"),
    "ending a remark": (the_end_of_a_remark, 403, "not_allowed"),
    "writing for a colleague": (anothers_words, 403, "not_allowed"),
    "ending for a colleague": (anothers_end, 403, "not_allowed"),
    "accepting what nobody offered": (anothers_offer, 409, "nothing_offered"),
    "claiming what is taken": (taken_already, 409, "already_taken"),
    "another team's figures": (foreign_figures, 404, "not_found"),
    "filling in for another team": (foreign_fill, 404, "not_found"),
    "10 MB": (ten_megabytes, 413, "too_long"),
    "10 MB of remark": (ten_megabytes_of_remark, 413, "too_long"),
}


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_what_people_try(scene: Scene, name: str) -> None:
    watcher = await scene.office.page("Bo", role=Role.administrator)
    before = await watcher.line(scene.citizen.id)
    heard = await scene.citizen.heard()
    attempt, status, code = ATTEMPTS[name]
    response = await attempt(scene)
    assert (response.status_code, code_of(response)) == (status, code)
    after = await watcher.line(scene.citizen.id)
    assert after["version"] == before["version"]
    assert after["assignee"] == before["assignee"]
    assert await scene.citizen.heard() == heard


async def test_another_teams_conversation_is_as_good_as_none(scene: Scene) -> None:
    """Whatever is asked of it, the answer is the one that an unknown id gets."""
    unknown = "0" * 32
    # One that never came to the desk is nobody's here either.
    private = await scene.office.citizen("Hej")
    for path in READS:
        answers = [
            await scene.sara.get(f"{API}/conversations/{one}{path}")
            for one in (scene.citizen.id, private.id, unknown)
        ]
        assert {(answer.status_code, answer.text) for answer in answers} == {
            (404, answers[-1].text)
        }, path
    for what, body in POSTS.items():
        answers = [
            await scene.sara.act(one, what, **(body or {}))
            for one in (scene.citizen.id, private.id, unknown)
        ]
        assert {(answer.status_code, answer.text) for answer in answers} == {
            (404, answers[-1].text)
        }, what
    assert await scene.office.trail(scene.sara, "looked_at_conversation") == []
    for name in ("waiting", "mine", "team", "snoozed", "resolved"):
        assert await scene.sara.ids(name) == []


@pytest.mark.parametrize("identifier", IDS)
async def test_odd_ids_are_not_found(mette: Page, identifier: str) -> None:
    for path in READS:
        answer = await mette.get(f"{API}/conversations/{identifier}{path}")
        assert answer.status_code == 404, path
    for what, body in POSTS.items():
        answer = await mette.act(identifier, what, **(body or {}))
        assert answer.status_code == 404, what


async def test_nothing_is_open_to_who_is_not_signed_in(office: Office) -> None:
    """Every route of the desk, as the application knows them, but those before the door."""
    before = ("/sign-in", "/welcome/")
    asked = 0
    for path, methods in office.app.openapi()["paths"].items():
        if not path.startswith(f"{API}/") or path.removeprefix(API).startswith(before):
            continue
        address = re.sub(r"\{\w+\}", "1" * 32, path)
        for method in methods:
            if (method, path) == ("post", f"{API}/session"):
                continue
            # Nor do the parts of a request that do not fit say anything first.
            answer = await office.http.request(method, address, headers={"Origin": "http://guide"})
            assert (answer.status_code, code_of(answer)) == (401, "not_signed_in"), (method, path)
            asked += 1
    assert asked > 45


async def test_scripts_stay_words(office: Office, mette: Page) -> None:
    name = SCRIPT[:80]
    boss = await office.page("Bo", role=Role.administrator)
    await office.accounts.store.change(mette.member.id, Changes(name=name), by=None)
    citizen = await office.waiting(SCRIPT)
    await mette.act(citizen.id, "claim")
    await mette.act(citizen.id, "messages", text=SCRIPT, client_message_id="x")
    await mette.act(citizen.id, "notes", text=SCRIPT)
    answers = [
        await boss.get(f"{API}/conversations/{citizen.id}"),
        await boss.get(f"{API}/conversations?list=team"),
        await boss.get(f"{API}/search", params={"q": "script"}),
        await boss.get(f"{API}/colleagues"),
    ]
    for answer in answers:
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        json.loads(answer.text)
    detail = answers[0].json()
    assert SCRIPT in [item["text"] for item in detail["messages"]]
    assert detail["notes"][0]["text"] == SCRIPT
    assert detail["conversation"]["assignee"]["name"] == name
