from __future__ import annotations

import asyncio

import pyotp
import pytest

from desk.accounts.build import Accounts
from desk.accounts.models import NewMember, Role
from desk.accounts.store import Changes
from desk.errors import (
    LinkError,
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    NotFound,
    NotSignedIn,
    Refused,
)
from tests.desk.accounts.conftest import PASSWORD, PUBLIC_URL, Staff, TurnedClock

NEW = NewMember("Ida Holm", "Ida@Example.dk ", Role.guide)


async def invited(accounts: Accounts) -> str:
    member = await accounts.store.add(NEW, by=None)
    link = await accounts.invitations.make(member.id, by=None)
    assert link.startswith(f"{PUBLIC_URL}/desk/welcome/")
    return link.rpartition("/")[2]


async def code_for(accounts: Accounts, token: str, clock: TurnedClock) -> str:
    secret = (await accounts.invitations.look(token)).totp_secret
    return pyotp.TOTP(secret).at(clock())


async def test_looking_changes_nothing(accounts: Accounts) -> None:
    token = await invited(accounts)
    first = await accounts.invitations.look(token)
    assert first == await accounts.invitations.look(token)
    assert first.email == "ida@example.dk"
    assert first.totp_secret in first.totp_address


async def test_a_link_works_once(accounts: Accounts, clock: TurnedClock) -> None:
    token = await invited(accounts)
    code = await code_for(accounts, token, clock)
    assert len(await accounts.invitations.redeem(token, PASSWORD, code)) == 10
    for again in (
        accounts.invitations.redeem(token, PASSWORD, code),
        accounts.invitations.look(token),
    ):
        with pytest.raises(LinkUsed):
            await again


async def test_of_two_at_one_moment_one_wins(accounts: Accounts, clock: TurnedClock) -> None:
    token = await invited(accounts)
    code = await code_for(accounts, token, clock)
    results = await asyncio.gather(
        *(accounts.invitations.redeem(token, PASSWORD, code) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, list) for result in results) == 1
    assert sum(isinstance(result, LinkUsed) for result in results) == 4


async def test_a_link_ends_after_48_hours(accounts: Accounts, clock: TurnedClock) -> None:
    token = await invited(accounts)
    code = await code_for(accounts, token, clock)
    clock.forward(hours=48)
    with pytest.raises(LinkExpired):
        await accounts.invitations.redeem(token, PASSWORD, code)


@pytest.mark.parametrize(
    ("password", "right_code", "why"),
    [(PASSWORD, False, "totp_wrong"), ("too short", True, "password_short")],
)
async def test_what_is_refused_leaves_the_link_usable(
    accounts: Accounts, clock: TurnedClock, password: str, right_code: bool, why: str
) -> None:
    token = await invited(accounts)
    code = await code_for(accounts, token, clock)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    with pytest.raises(Refused) as refused:
        await accounts.invitations.redeem(token, password, code if right_code else wrong)
    assert refused.value.code == why
    await accounts.invitations.redeem(token, PASSWORD, code)


@pytest.mark.parametrize("token", ["", "x", "æ" * 43, "A" * 43])
async def test_a_made_up_link_opens_nothing(accounts: Accounts, token: str) -> None:
    with pytest.raises(LinkUnknown):
        await accounts.invitations.look(token)


async def test_a_new_link_replaces_the_old_one(
    accounts: Accounts, staff: Staff, clock: TurnedClock
) -> None:
    person = await staff.person()
    links = [await accounts.invitations.make(person.member.id, by=None) for _ in range(2)]
    with pytest.raises(LinkUnknown):
        await accounts.invitations.look(links[0].rpartition("/")[2])
    await accounts.invitations.look(links[1].rpartition("/")[2])


async def test_a_reset_keeps_the_old_password_until_it_is_used(
    accounts: Accounts, staff: Staff, clock: TurnedClock
) -> None:
    person = await staff.person()
    link = await accounts.invitations.make(person.member.id, by=None)
    session = await accounts.sessions.open(await staff.sign_in(person))
    token = link.rpartition("/")[2]
    person.secret = (await accounts.invitations.look(token)).totp_secret
    new = await accounts.invitations.redeem(token, "tre andre ord herfra", person.code())
    with pytest.raises(NotSignedIn):
        await accounts.sessions.still_open(session)
    assert not set(new) & set(person.recovery_codes)
    clock.forward(seconds=30)
    for password, code, right in (
        (PASSWORD, person.code(), False),
        ("tre andre ord herfra", person.recovery_codes[0], False),
        ("tre andre ord herfra", person.code(), True),
    ):
        entering = accounts.passwords.sign_in(
            person.member.email, password, code, address="192.0.2.1", instead_of=None
        )
        if right:
            await entering
        else:
            with pytest.raises(Exception, match="sign_in_failed"):
                await entering


async def test_who_is_deactivated_has_no_link(accounts: Accounts, clock: TurnedClock) -> None:
    token = await invited(accounts)
    credentials = await accounts.store.credentials(NEW.email)
    assert credentials is not None
    member = credentials.member
    await accounts.store.change(member.id, Changes(active=False), by=None)
    with pytest.raises(LinkError):
        await accounts.invitations.look(token)
    with pytest.raises(NotFound):
        await accounts.invitations.make(member.id, by=None)
