"""Signing in at a provider that is a real server, with everything that can be wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from desk.accounts.build import Accounts, build_accounts
from desk.accounts.federation import mapped
from desk.accounts.models import NewMember, Role, StaffMember, Team
from desk.accounts.settings import DeskSettings, Group
from desk.accounts.store import Changes
from desk.errors import NoRole, NotSignedIn
from tests.desk.accounts.conftest import HASHER, PUBLIC_URL, Browser, Staff, TurnedClock, build_app
from tests.standins.faults import Fault
from tests.standins.oidc import Claims, OidcStandIn, Person, Signing

CLIENT, SECRET = "desk-client", "not: simple & %41"
IDA = Person("sub-1", "Ida Holm", "ida@kk.example", ("KK-Pas",))
GROUPS = {
    "KK-Admin": Group(role=Role.administrator),
    "KK-Pas": Group(role=Role.specialist, teams=("pas",)),
    "KK-Front": Group(role=Role.guide, teams=("front",)),
    "KK-Alle": Group(teams=("front",)),
}


@pytest.fixture
def provider() -> Iterator[OidcStandIn]:
    with OidcStandIn(CLIENT, SECRET, f"{PUBLIC_URL}/desk/oidc/return") as provider:
        provider.person = IDA
        yield provider


@pytest.fixture
def settings(provider: OidcStandIn) -> DeskSettings:
    return DeskSettings(
        oidc_issuer=provider.url,
        oidc_client_id=CLIENT,
        oidc_client_secret=SecretStr(SECRET),
        oidc_groups=GROUPS,
    )


@pytest.fixture
async def accounts(
    engine: AsyncEngine, settings: DeskSettings, clock: TurnedClock
) -> AsyncIterator[Accounts]:
    accounts = build_accounts(
        engine,
        settings,
        PUBLIC_URL,
        clock=clock,
        hasher=HASHER,
        client=httpx.AsyncClient(trust_env=False),
    )
    for team in ("pas", "front"):
        await accounts.store.save_team(Team(team, team), by=None)
    yield accounts
    await accounts.close()


async def leave(browser: Browser) -> str:
    """The address at the provider that the desk sends a browser to."""
    response = await browser.get("/desk/oidc/login")
    assert response.status_code == 303
    return response.headers["location"]


async def at_provider(address: str) -> str:
    """The address that the provider sends the browser back to."""
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.get(address)
    assert response.status_code == 302, response.text
    return response.headers["location"]


async def go_through(browser: Browser) -> httpx.Response:
    return await browser.get(await at_provider(await leave(browser)))


def problem(response: httpx.Response) -> str | None:
    """What the desk says went wrong; None for nothing."""
    assert response.status_code == 303
    query = parse_qs(urlsplit(response.headers["location"]).query)
    return query.get("problem", [None])[0]


async def me(browser: Browser) -> Any:
    response = await browser.get("/api/desk/me")
    return response.json() if response.is_success else None


async def test_who_is_in_a_mapped_group_becomes_a_member(
    browser: Browser, accounts: Accounts, provider: OidcStandIn
) -> None:
    address = await leave(browser)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["state"] != asked["nonce"]
    assert SECRET not in address
    response = await browser.get(await at_provider(address))
    assert problem(response) is None
    assert "desk-oidc" not in "".join(browser.cookies)
    cookies = response.headers.get_list("set-cookie")
    assert any("__Host-desk=" in one and "SameSite=strict" in one for one in cookies)
    ida = await me(browser)
    assert (ida["role"], ida["member"]["teams"]) == ("specialist", ["pas"])
    assert ida["member"]["email"] == "ida@kk.example"
    assert len(provider.sent) == 1


async def test_the_flow_cookie_comes_back_from_another_site(browser: Browser) -> None:
    response = await browser.get("/desk/oidc/login")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-desk-oidc=")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Max-Age=600"):
        assert part in cookie


async def test_the_second_time_is_the_same_member(browser: Browser, accounts: Accounts) -> None:
    await go_through(browser)
    first = await me(browser)
    await go_through(browser)
    assert (await me(browser))["member"]["id"] == first["member"]["id"]
    assert len(await accounts.store.members()) == 1


async def reason(accounts: Accounts) -> str:
    """Why the newest try failed, as the trail has it."""
    entries = await accounts.audit.read()
    return next(str(e.details["reason"]) for e in entries if e.action == "sign_in_failed")


def changed(**changes: object) -> Callable[[Claims], Claims]:
    return lambda claims: claims | changes


def without(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


FORGED: dict[str, Callable[[Claims], Claims]] = {
    "bad nonce": changed(nonce="another"),
    "no nonce": without("nonce"),
    "wrong audience": changed(aud="another-client"),
    "no audience": without("aud"),
    "several audiences, another's": changed(aud=[CLIENT, "other"], azp="other"),
    "several audiences, nobody's": changed(aud=[CLIENT, "other"]),
    "another issuer": changed(iss="https://evil.example"),
    "no issuer": without("iss"),
    "expired": lambda claims: claims | {"exp": int(time.time()) - 120},
    "no end": without("exp"),
    "no beginning": without("iat"),
    "not yet": lambda claims: claims | {"nbf": int(time.time()) + 3600},
    "from the future": lambda claims: claims | {"iat": int(time.time()) + 3600},
    "no subject": without("sub"),
    "an empty subject": changed(sub=""),
    "a subject that is a list": changed(sub=["sub-1"]),
    "an end that is no number": changed(exp="tomorrow"),
}


@pytest.mark.parametrize("name", FORGED)
async def test_claims_that_prove_nothing(
    name: str, browser: Browser, accounts: Accounts, provider: OidcStandIn
) -> None:
    provider.forge = FORGED[name]
    assert problem(await go_through(browser)) == "provider_refused"
    assert await me(browser) is None
    assert await accounts.store.members() == []
    assert (await reason(accounts)).startswith("ID token: ")
    assert len(provider.sent) == 1


@pytest.mark.parametrize("signing", [one for one in Signing if one is not Signing.own])
async def test_signatures_that_prove_nothing(
    signing: Signing, browser: Browser, accounts: Accounts, provider: OidcStandIn
) -> None:
    provider.signing = signing
    assert problem(await go_through(browser)) == "provider_refused"
    assert await me(browser) is None
    assert await accounts.store.members() == []
    assert (await reason(accounts)).startswith("ID token: ")


async def test_a_state_works_once(browser: Browser, accounts: Accounts) -> None:
    departure = await browser.get("/desk/oidc/login")
    cookie = departure.cookies["__Host-desk-oidc"]
    back = await at_provider(departure.headers["location"])
    assert problem(await browser.get(back)) is None
    browser.cookies.set("__Host-desk-oidc", cookie, domain="guide.example.dk", path="/")
    assert problem(await browser.get(back)) == "provider_refused"
    assert await reason(accounts) == "unknown or used state"


async def test_of_two_with_one_state_one_gets_in(browser: Browser, accounts: Accounts) -> None:
    back = await at_provider(await leave(browser))
    responses = await asyncio.gather(*(browser.get(back) for _ in range(4)))
    assert sorted(str(problem(response)) for response in responses) == [
        "None",
        *["provider_refused"] * 3,
    ]


async def test_another_browser_cannot_be_signed_in_by_a_link(
    browser: Browser, second: Browser, accounts: Accounts
) -> None:
    """Somebody sends their own way back to a victim, to have them work in a foreign account."""
    back = await at_provider(await leave(browser))
    await leave(second)
    assert problem(await second.get(back)) == "provider_refused"
    assert await me(second) is None
    assert await reason(accounts) == "another browser's state"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda back: back.replace("state=", "state=x"), "unknown or used state"),
        (lambda back: back.partition("?")[0], "unknown or used state"),
        (lambda back: back.replace("code=", "kode="), "no code"),
        (lambda back: back.replace("code=", "code=x"), "status 400"),
        (lambda back: back.replace("iss=http%3A", "iss=https%3A"), "another provider's answer"),
        (lambda back: f"{back}&error=server_error", "the provider said no"),
    ],
)
async def test_a_way_back_that_was_changed(
    browser: Browser, accounts: Accounts, change: Callable[[str], str], why: str
) -> None:
    back = change(await at_provider(await leave(browser)))
    assert problem(await browser.get(back)) == "provider_refused"
    assert await me(browser) is None
    assert await reason(accounts) == why


async def test_whoever_takes_too_long_begins_anew(browser: Browser, clock: TurnedClock) -> None:
    back = await at_provider(await leave(browser))
    clock.forward(minutes=10)
    assert problem(await browser.get(back)) == "provider_refused"


async def test_who_says_no(browser: Browser, provider: OidcStandIn) -> None:
    provider.person = None
    assert problem(await go_through(browser)) == "provider_refused"


@pytest.mark.parametrize(
    "person",
    [
        replace(IDA, groups=()),
        replace(IDA, groups=("KK-Andre",)),
        replace(IDA, groups=("KK-Alle",)),
        replace(IDA, groups=("kk-pas",)),
    ],
)
async def test_without_a_group_that_gives_a_role_nobody_gets_in(
    browser: Browser, accounts: Accounts, provider: OidcStandIn, person: Person
) -> None:
    provider.person = person
    assert problem(await go_through(browser)) == "no_role"
    assert await accounts.store.members() == []


async def test_groups_that_are_no_list_give_nothing(
    browser: Browser, accounts: Accounts, provider: OidcStandIn
) -> None:
    provider.forge = changed(groups="KK-Admin")
    assert problem(await go_through(browser)) == "no_role"


async def test_who_leaves_the_group_is_out_everywhere(
    browser: Browser, second: Browser, provider: OidcStandIn
) -> None:
    await go_through(browser)
    provider.person = replace(IDA, groups=())
    assert problem(await go_through(second)) == "no_role"
    assert await me(browser) is None


async def test_role_and_teams_follow_the_groups(
    browser: Browser, accounts: Accounts, provider: OidcStandIn
) -> None:
    await go_through(browser)
    provider.person = replace(IDA, groups=("KK-Front", "KK-Alle"))
    await go_through(browser)
    ida = await me(browser)
    assert (ida["role"], ida["member"]["teams"]) == ("guide", ["front"])
    acts = [entry.action for entry in await accounts.audit.read()]
    assert "role_changed" in acts


async def test_a_deactivated_member_stays_out(browser: Browser, accounts: Accounts) -> None:
    await go_through(browser)
    (member,) = await accounts.store.members()
    await accounts.store.change(member.id, Changes(active=False), by=None)
    assert problem(await go_through(browser)) == "no_role"
    assert await me(browser) is None


async def local_ida(accounts: Accounts) -> StaffMember:
    return await accounts.store.add(NewMember("Ida", IDA.email, Role.guide), by=None)


async def test_a_local_account_with_a_confirmed_address_is_taken_over(
    browser: Browser, accounts: Accounts, staff: Staff
) -> None:
    person = await staff.person(email=IDA.email)
    session = await accounts.sessions.open(await staff.sign_in(person))
    await go_through(browser)
    assert (await me(browser))["member"]["id"] == person.member.id
    # There is one way in now: the password is gone, and what it had opened.
    with pytest.raises(NotSignedIn):
        await accounts.sessions.still_open(session)
    credentials = await accounts.store.credentials(IDA.email)
    assert credentials is not None
    assert credentials.password_hash is None
    assert (await browser.sign_in(person)).status_code == 401


async def test_an_address_that_is_not_confirmed_opens_no_account(
    browser: Browser, accounts: Accounts, provider: OidcStandIn
) -> None:
    member = await local_ida(accounts)
    provider.person = replace(IDA, email_verified=False, groups=("KK-Admin",))
    assert problem(await go_through(browser)) == "no_role"
    assert await accounts.store.members() == [member]


async def test_an_address_given_to_somebody_new_does_not_open_the_old_account(
    browser: Browser, accounts: Accounts, provider: OidcStandIn
) -> None:
    await go_through(browser)
    provider.person = replace(IDA, sub="sub-2")
    assert problem(await go_through(browser)) == "no_role"
    assert len(await accounts.store.members()) == 1


async def test_a_member_of_the_provider_gets_no_link(
    browser: Browser, accounts: Accounts, staff: Staff
) -> None:
    await go_through(browser)
    (member,) = await accounts.store.members()
    with pytest.raises(Exception, match="provider_account"):
        await accounts.invitations.make(member.id, by=None)


async def test_a_new_key_is_fetched_when_it_is_needed(
    browser: Browser, provider: OidcStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    await go_through(browser)
    provider.rotate()
    assert problem(await go_through(browser)) == "provider_refused"
    monkeypatch.setattr("desk.accounts.oidc._KEYS_AGAIN_SECONDS", 0.0)
    assert problem(await go_through(browser)) is None
    assert provider.requests["keys"] == 2
    assert provider.requests["discovery"] == 1


@pytest.mark.parametrize("methods", [["client_secret_basic"], ["client_secret_post"]])
async def test_the_secret_goes_where_the_provider_wants_it(
    browser: Browser, provider: OidcStandIn, methods: list[str]
) -> None:
    provider.methods = methods
    assert problem(await go_through(browser)) is None


@pytest.mark.parametrize("fault", [Fault.server_error, Fault.reset_before, Fault.error_after])
async def test_a_provider_that_fails_at_the_end(
    browser: Browser, provider: OidcStandIn, fault: Fault
) -> None:
    provider.faults.extend([fault])
    assert problem(await go_through(browser)) == "provider_away"
    assert problem(await go_through(browser)) is None


@pytest.mark.parametrize("fault", [Fault.server_error, Fault.reset_before])
async def test_a_provider_that_is_away_at_the_start(
    browser: Browser, provider: OidcStandIn, fault: Fault
) -> None:
    provider.query_faults.extend([fault])
    assert problem(await browser.get("/desk/oidc/login")) == "provider_away"
    assert problem(await go_through(browser)) is None


@pytest.mark.parametrize(
    "describe",
    [
        changed(issuer="https://evil.example"),
        without("token_endpoint"),
        changed(jwks_uri="file:///etc/passwd"),
    ],
)
async def test_a_description_that_is_not_the_provider_s(
    browser: Browser, provider: OidcStandIn, describe: Callable[[Claims], Claims]
) -> None:
    provider.describe = describe
    assert problem(await browser.get("/desk/oidc/login")) == "provider_away"


async def test_a_wrong_secret_lets_nobody_in(browser: Browser, provider: OidcStandIn) -> None:
    provider.client_secret = "another"
    assert problem(await go_through(browser)) == "provider_refused"


@pytest.mark.parametrize(
    ("groups", "role", "teams"),
    [
        (("KK-Pas",), Role.specialist, ("pas",)),
        (("KK-Front", "KK-Pas"), Role.specialist, ("front", "pas")),
        (("KK-Admin", "KK-Pas", "KK-Alle"), Role.administrator, ("front", "pas")),
    ],
)
def test_the_first_group_of_the_settings_gives_the_role(
    groups: tuple[str, ...], role: Role, teams: tuple[str, ...]
) -> None:
    assert mapped(groups, GROUPS) == (role, teams)


def test_no_group_no_role() -> None:
    with pytest.raises(NoRole):
        mapped(("KK-Alle",), GROUPS)


async def test_without_a_provider_there_is_no_way_there(
    engine: AsyncEngine, clock: TurnedClock
) -> None:
    plain = build_accounts(engine, DeskSettings(), PUBLIC_URL, clock=clock, hasher=HASHER)
    async with Browser(build_app(plain)) as browser:
        assert (await browser.get("/desk/oidc/login")).status_code == 404
