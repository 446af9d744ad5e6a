"""The desk over HTTP: what works, and a table of what people try."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import Depends, FastAPI
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from desk.accounts.build import Accounts, build_accounts
from desk.accounts.models import Role
from desk.accounts.sentences import load_texts
from desk.accounts.sessions import StaffSession, csrf_token, hash_token
from desk.accounts.settings import DeskSettings
from desk.rights import Action
from tests.desk.accounts.conftest import (
    HASHER,
    PASSWORD,
    PUBLIC_URL,
    Browser,
    Doorman,
    Person,
    Staff,
    TurnedClock,
    build_app,
)

COOKIE = "__Host-desk"


def code_of(response: httpx.Response) -> str:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    return str(body["error"]["code"])


def cookie_of(response: httpx.Response) -> Any:
    return SimpleCookie(response.headers["set-cookie"])


async def test_in_and_out(browser: Browser, staff: Staff, doorman: Doorman) -> None:
    person = await staff.person(Role.specialist)
    response = await browser.sign_in(person)
    assert response.status_code == 200, response.text
    morsel = cookie_of(response)[COOKIE]
    assert (morsel["path"], morsel["samesite"]) == ("/", "strict")
    assert morsel["httponly"]
    assert morsel["secure"]
    assert not morsel["max-age"]
    assert not morsel["domain"]
    me = await browser.get("/api/desk/me")
    assert me.headers["cache-control"] == "no-store"
    assert me.json() == response.json()
    assert me.json()["rights"]["claim"] == "team"
    assert "manage_members" not in me.json()["rights"]
    assert "hash" not in me.text
    assert "secret" not in me.text
    assert me.json()["presence"] == "online"
    token = browser.cookies[COOKIE]
    assert (await browser.delete("/api/desk/session")).status_code == 204
    assert doorman.gone == [person.member.id]
    assert COOKIE not in browser.cookies
    browser.cookies.set(COOKIE, token)
    assert code_of(await browser.get("/api/desk/me")) == "not_signed_in"


async def test_signing_in_again_rotates_the_token(browser: Browser, staff: Staff) -> None:
    person = await staff.person()
    await browser.sign_in(person)
    first, csrf = browser.cookies[COOKIE], browser.headers["X-CSRF-Token"]
    await browser.sign_in(person)
    assert browser.cookies[COOKIE] != first
    assert browser.headers["X-CSRF-Token"] != csrf
    browser.cookies.set(COOKIE, first, domain="guide.example.dk", path="/")
    assert code_of(await browser.get("/api/desk/me")) == "not_signed_in"


async def test_a_token_that_somebody_planted_is_not_taken_over(
    browser: Browser, staff: Staff
) -> None:
    browser.cookies.set(COOKIE, "planted", domain="guide.example.dk", path="/")
    response = await browser.sign_in(await staff.person())
    assert cookie_of(response)[COOKIE].value != "planted"


async def test_out_everywhere(
    browser: Browser, second: Browser, staff: Staff, doorman: Doorman
) -> None:
    person = await staff.person()
    await browser.sign_in(person)
    await second.sign_in(person)
    assert (await browser.delete("/api/desk/sessions")).status_code == 204
    assert doorman.gone == [person.member.id]
    assert (await second.get("/api/desk/me")).status_code == 401


async def test_a_member_chooses_the_language_of_the_errors(browser: Browser, staff: Staff) -> None:
    texts = load_texts()
    person = await staff.person()
    refused = await browser.get("/api/desk/me")
    assert refused.json()["error"]["message"] == texts.text("not_signed_in", "en")
    await browser.sign_in(person)
    refused = await browser.get("/api/desk/members")
    assert refused.json()["error"]["message"] == texts.text("not_allowed", "da")
    response = await browser.put("/api/desk/me/language", json={"language": "en"})
    assert response.status_code == 204
    refused = await browser.get("/api/desk/members")
    assert refused.json()["error"]["message"] == texts.text("not_allowed", "en")


Attempt = Callable[[Browser, Browser, Person, TurnedClock], Awaitable[httpx.Response]]


async def forged_cookie(mine: Browser, *_: object) -> httpx.Response:
    mine.cookies.set(COOKIE, "A" * 43, domain="guide.example.dk", path="/")
    mine.headers["X-CSRF-Token"] = csrf_token("A" * 43)
    return await mine.delete("/api/desk/session")


async def no_cookie(mine: Browser, *_: object) -> httpx.Response:
    mine.cookies.clear()
    return await mine.delete("/api/desk/session")


async def hash_as_cookie(mine: Browser, *_: object) -> httpx.Response:
    """What a reader of the database would have."""
    hashed = hash_token(mine.cookies[COOKIE])
    mine.cookies.set(COOKIE, hashed, domain="guide.example.dk", path="/")
    return await mine.get("/api/desk/me")


async def idle(
    mine: Browser, _other: Browser, _person: Person, clock: TurnedClock
) -> httpx.Response:
    clock.forward(minutes=30)
    return await mine.get("/api/desk/me")


async def no_token(mine: Browser, *_: object) -> httpx.Response:
    del mine.headers["X-CSRF-Token"]
    return await mine.delete("/api/desk/session")


async def foreign_token(mine: Browser, other: Browser, *_: object) -> httpx.Response:
    mine.headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"]
    return await mine.delete("/api/desk/session")


async def odd_token(mine: Browser, *_: object) -> httpx.Response:
    headers = {"X-CSRF-Token": "\u00e6\u00f8".encode()}
    return await mine.request("DELETE", "/api/desk/session", headers=headers)  # type: ignore[arg-type]


async def replayed_code(
    mine: Browser, _other: Browser, person: Person, clock: TurnedClock
) -> httpx.Response:
    body = {"email": person.member.email, "password": PASSWORD, "totp": person.code()}
    assert (await mine.post("/api/desk/session", json=body)).status_code == 200
    return await mine.post("/api/desk/session", json=body)


async def no_code(mine: Browser, _other: Browser, person: Person, *_: object) -> httpx.Response:
    body = {"email": person.member.email, "password": PASSWORD, "totp": ""}
    return await mine.post("/api/desk/session", json=body)


async def own_role(mine: Browser, _other: Browser, person: Person, *_: object) -> httpx.Response:
    return await mine.patch(f"/api/desk/members/{person.member.id}", json={"role": "administrator"})


async def new_administrator(mine: Browser, *_: object) -> httpx.Response:
    body = {"name": "Bo", "email": "bo@example.dk", "role": "administrator"}
    return await mine.post("/api/desk/members", json=body)


async def link_for_oneself(
    mine: Browser, _other: Browser, person: Person, *_: object
) -> httpx.Response:
    return await mine.post(f"/api/desk/members/{person.member.id}/link")


async def the_trail(mine: Browser, *_: object) -> httpx.Response:
    return await mine.get("/api/desk/audit")


async def ten_megabytes(mine: Browser, *_: object) -> httpx.Response:
    body = json.dumps({"email": "a@b.dk", "password": "x" * 10_000_000, "totp": ""})
    return await mine.post(
        "/api/desk/session", content=body, headers={"Content-Type": "application/json"}
    )


def from_origin(origin: str | None, *, signing_in: bool) -> Attempt:
    async def attempt(
        mine: Browser, _other: Browser, person: Person, clock: TurnedClock
    ) -> httpx.Response:
        del mine.headers["Origin"]
        if origin is not None:
            mine.headers["Origin"] = origin
        return await (mine.sign_in(person) if signing_in else mine.delete("/api/desk/session"))

    return attempt


ATTEMPTS: dict[str, tuple[Attempt, int, str]] = {
    "forged cookie": (forged_cookie, 401, "not_signed_in"),
    "no cookie": (no_cookie, 401, "not_signed_in"),
    "hash as cookie": (hash_as_cookie, 401, "not_signed_in"),
    "idle for too long": (idle, 401, "not_signed_in"),
    "no page token": (no_token, 403, "forged_request"),
    "another session's page token": (foreign_token, 403, "forged_request"),
    "a page token of odd letters": (odd_token, 403, "forged_request"),
    "replayed code": (replayed_code, 401, "sign_in_failed"),
    "no code": (no_code, 401, "sign_in_failed"),
    "own role": (own_role, 403, "not_allowed"),
    "new administrator": (new_administrator, 403, "not_allowed"),
    "link for oneself": (link_for_oneself, 403, "not_allowed"),
    "the trail": (the_trail, 403, "not_allowed"),
    "10 MB": (ten_megabytes, 413, "too_long"),
}
for _origin in (
    None,
    "null",
    "https://evil.example",
    f"{PUBLIC_URL}.evil.example",
    f"{PUBLIC_URL}:8443",
    PUBLIC_URL.replace("https", "http"),
    "https://sub.guide.example.dk",
):
    for _in in (True, False):
        _name = f"{'signing in' if _in else 'signed in'} from {_origin}"
        ATTEMPTS[_name] = (from_origin(_origin, signing_in=_in), 403, "forged_request")


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_what_people_try(
    name: str,
    *,
    accounts: Accounts,
    browser: Browser,
    second: Browser,
    staff: Staff,
    clock: TurnedClock,
) -> None:
    attempt, status, code = ATTEMPTS[name]
    person, other = await staff.person(), await staff.person()
    await browser.sign_in(person)
    await second.sign_in(other)
    response = await attempt(browser, second, person, clock)
    assert (response.status_code, code_of(response)) == (status, code)
    if status == 403:
        # Nothing was done all the same: the session that was to be ended is alive.
        assert (await browser.get("/api/desk/me")).status_code == 200
    (member,) = [one for one in await accounts.store.members() if one.id == person.member.id]
    assert member == person.member
    assert len(await accounts.store.members()) == 2


async def test_a_link_over_http(browser: Browser, second: Browser, staff: Staff) -> None:
    boss = await staff.person(Role.administrator)
    await browser.sign_in(boss)
    body = {"name": "Bo Dahl", "email": "bo@example.dk", "role": "guide"}
    added = await browser.post("/api/desk/members", json=body)
    assert added.status_code == 201, added.text
    path = f"/api{added.json()['link'].removeprefix(PUBLIC_URL)}"
    seen = (await second.get(path)).json()
    assert seen["name"] == "Bo Dahl"
    bo = Person(boss.member, seen["totp_secret"], [], boss.clock)
    short = await second.post(path, json={"password": "kort", "totp": bo.code()})
    assert (short.status_code, code_of(short)) == (422, "password_short")
    given = {"password": PASSWORD, "totp": bo.code()}
    foreign = await second.post(path, json=given, headers={"Origin": "https://evil.example"})
    assert code_of(foreign) == "forged_request"
    codes = (await second.post(path, json=given)).json()["recovery_codes"]
    assert len(codes) == 10
    replayed = await second.post(path, json=given)
    assert (replayed.status_code, code_of(replayed)) == (410, "link_used")
    body = {"email": "bo@example.dk", "password": PASSWORD, "totp": codes[0]}
    assert (await second.post("/api/desk/session", json=body)).status_code == 200


async def test_managing_over_http(browser: Browser, staff: Staff) -> None:
    boss, member = await staff.person(Role.administrator), (await staff.person()).member
    await browser.sign_in(boss)
    team = {"name": "Pas", "administrations": ["kff"], "services": []}
    assert (await browser.put("/api/desk/teams/pas", json=team)).json()["id"] == "pas"
    changed = await browser.patch(
        f"/api/desk/members/{member.id}", json={"role": "specialist", "teams": ["pas"]}
    )
    assert (changed.json()["role"], changed.json()["teams"]) == ("specialist", ["pas"])
    assert len((await browser.get("/api/desk/members")).json()["members"]) == 2
    link = await browser.post(f"/api/desk/members/{member.id}/link")
    assert "/desk/welcome/" in link.json()["link"]
    unknown = await browser.patch("/api/desk/members/nobody", json={"capacity": 1})
    assert code_of(unknown) == "not_found"
    trail = (await browser.get("/api/desk/audit", params={"actor": boss.member.id})).json()
    assert trail["entries"][0]["action"] == "reset_link_made"


async def test_too_many_tries_say_when(browser: Browser, staff: Staff) -> None:
    person = await staff.person()
    body = {"email": person.member.email, "password": "forkert kode her", "totp": "000000"}
    for _ in range(5):
        assert (await browser.post("/api/desk/session", json=body)).status_code == 401
    refused = await browser.post("/api/desk/session", json=body)
    assert (refused.status_code, code_of(refused)) == (429, "too_many_tries")
    assert refused.headers["retry-after"] == "2"
    assert " 2 " in refused.json()["error"]["message"]


async def test_other_routers_use_the_gate(
    accounts: Accounts, app: FastAPI, browser: Browser, staff: Staff, clock: TurnedClock
) -> None:
    enter = accounts.gate.signed_in(Action.see_audit, active=False)

    @app.get("/thing")
    async def thing(session: StaffSession = Depends(enter)) -> str:  # noqa: B008
        return session.member.id

    await browser.sign_in(await staff.person())
    assert code_of(await browser.get("/thing")) == "not_allowed"
    boss = await staff.person(Role.administrator)
    await browser.sign_in(boss)
    for _ in range(2):
        assert (await browser.get("/thing")).json() == boss.member.id
        clock.forward(minutes=20)
    # Polling has kept nothing alive.
    assert code_of(await browser.get("/api/desk/me")) == "not_signed_in"


async def test_over_plain_http_the_cookie_has_its_plain_name(
    engine: AsyncEngine, staff: Staff, clock: TurnedClock
) -> None:
    local = build_accounts(
        engine, DeskSettings(), "http://localhost:8000", clock=clock, hasher=HASHER
    )
    person = await staff.person()
    async with Browser(build_app(local)) as browser:
        browser.base_url = httpx.URL("http://localhost:8000")
        browser.headers["Origin"] = "http://localhost:8000"
        response = await browser.sign_in(person)
        morsel = cookie_of(response)["desk"]
        assert not morsel["secure"]
        assert morsel["httponly"]
        assert (await browser.get("/api/desk/me")).status_code == 200


async def test_passwords_can_be_turned_off(
    engine: AsyncEngine, staff: Staff, clock: TurnedClock
) -> None:
    settings = DeskSettings(
        local_accounts=False,
        oidc_issuer="https://login.example",
        oidc_client_id="desk",
        oidc_client_secret=SecretStr("secret"),
    )
    accounts = build_accounts(
        engine, settings, PUBLIC_URL, clock=clock, hasher=PasswordHasher(1, 64, 1)
    )
    async with Browser(build_app(accounts)) as browser:
        assert (await browser.get("/api/desk/sign-in")).json() == {
            "password": False,
            "provider": True,
        }
        assert code_of(await browser.sign_in(await staff.person())) == "local_accounts_off"
    await accounts.close()


ODD = ["", "a\x00b@c.dk", "\ud800@c.dk", "æ" * 254, "x" * 300, "' OR 1=1 --", "\u202e@c.dk"]


@pytest.mark.parametrize("field", ["email", "password", "totp"])
@pytest.mark.parametrize("value", ODD)
async def test_odd_letters_are_no_surprise(
    browser: Browser, staff: Staff, field: str, value: str
) -> None:
    person = await staff.person()
    body = {"email": person.member.email, "password": PASSWORD, "totp": person.code()}
    response = await browser.post(
        "/api/desk/session",
        content=json.dumps(body | {field: value}),
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code in {401, 422}


@pytest.mark.parametrize("identifier", ["%00", "x%00", "%F0%9F%98%80", "' OR 1=1", "a" * 500])
async def test_odd_ids_are_not_found(browser: Browser, staff: Staff, identifier: str) -> None:
    await browser.sign_in(await staff.person(Role.administrator))
    for response in (
        await browser.patch(f"/api/desk/members/{identifier}", json={"capacity": 1}),
        await browser.post(f"/api/desk/members/{identifier}/link"),
        await browser.get(f"/api/desk/welcome/{identifier}"),
        await browser.put(f"/api/desk/teams/{identifier}", json={"name": "x"}),
    ):
        assert response.status_code in {404, 422}
    for name in ("actor", "subject"):
        response = await browser.get(f"/api/desk/audit?{name}={identifier}")
        assert response.status_code == 422
