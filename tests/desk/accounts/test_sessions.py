from __future__ import annotations

import pytest

from desk.accounts.build import Accounts
from desk.accounts.models import Role
from desk.accounts.store import Changes
from desk.errors import NotSignedIn
from tests.desk.accounts.conftest import Staff, TurnedClock


async def test_a_session_slides_while_the_member_is_there(
    accounts: Accounts, staff: Staff, clock: TurnedClock
) -> None:
    token = await staff.sign_in(await staff.person())
    for _ in range(20):
        clock.forward(minutes=29)
        await accounts.sessions.open(token)
    clock.forward(minutes=31)
    with pytest.raises(NotSignedIn):
        await accounts.sessions.open(token)


async def test_twelve_hours_are_the_end_however_busy(
    accounts: Accounts, staff: Staff, clock: TurnedClock
) -> None:
    token = await staff.sign_in(await staff.person())
    for _ in range(12 * 3 - 1):
        clock.forward(minutes=20)
        await accounts.sessions.open(token)
    clock.forward(minutes=20)
    with pytest.raises(NotSignedIn):
        await accounts.sessions.open(token)


async def test_a_page_that_polls_keeps_nothing_alive(
    accounts: Accounts, staff: Staff, clock: TurnedClock
) -> None:
    session = await accounts.sessions.open(await staff.sign_in(await staff.person()))
    for _ in range(2):
        clock.forward(minutes=14)
        await accounts.sessions.still_open(session)
    clock.forward(minutes=2)
    with pytest.raises(NotSignedIn):
        await accounts.sessions.still_open(session)


async def test_signing_out_here_and_everywhere(accounts: Accounts, staff: Staff) -> None:
    person, other = await staff.person(), await staff.person()
    tokens = [await staff.sign_in(person) for _ in range(3)]
    others = await staff.sign_in(other)
    await accounts.sessions.end(await accounts.sessions.open(tokens[0]))
    with pytest.raises(NotSignedIn):
        await accounts.sessions.open(tokens[0])
    await accounts.sessions.end_all(await accounts.sessions.open(tokens[1]))
    with pytest.raises(NotSignedIn):
        await accounts.sessions.open(tokens[2])
    await accounts.sessions.open(others)


async def test_deactivating_ends_everything_at_once(accounts: Accounts, staff: Staff) -> None:
    person = await staff.person()
    session = await accounts.sessions.open(await staff.sign_in(person))
    await accounts.store.change(person.member.id, Changes(active=False), by=None)
    with pytest.raises(NotSignedIn):
        await accounts.sessions.still_open(session)
    await accounts.store.change(person.member.id, Changes(active=True), by=None)
    with pytest.raises(NotSignedIn):
        await accounts.sessions.still_open(session)


async def test_who_was_deactivated_while_signing_in_gets_no_session(
    accounts: Accounts, staff: Staff
) -> None:
    person = await staff.person()
    await accounts.store.change(person.member.id, Changes(active=False), by=None)
    with pytest.raises(NotSignedIn):
        await accounts.sessions.begin(
            person.member, method="password", address="192.0.2.1", instead_of=None
        )


async def test_a_role_counts_from_the_next_request_on(accounts: Accounts, staff: Staff) -> None:
    person = await staff.person()
    token = await staff.sign_in(person)
    await accounts.store.change(person.member.id, Changes(role=Role.editor), by=None)
    assert (await accounts.sessions.open(token)).member.role is Role.editor


async def test_erasing_takes_only_what_has_ended(
    accounts: Accounts, staff: Staff, clock: TurnedClock
) -> None:
    person = await staff.person()
    old = await staff.sign_in(person)
    clock.forward(minutes=25)
    new = await staff.sign_in(person)
    clock.forward(minutes=6)
    await accounts.erase_expired()
    await accounts.sessions.open(new)
    with pytest.raises(NotSignedIn):
        await accounts.sessions.open(old)
