"""Signing in with a password: one answer and one path, whatever is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from desk.accounts.build import Accounts, build_accounts
from desk.accounts.settings import DeskSettings
from desk.accounts.store import Changes
from desk.errors import SignInFailed, TooManyTries
from tests.desk.accounts.conftest import HASHER, PASSWORD, PUBLIC_URL, Person, Staff, TurnedClock

WRONG = "en anden morgen ved søerne"


async def try_in(
    accounts: Accounts, email: str, password: str, code: str, address: str = "192.0.2.1"
) -> str:
    return await accounts.passwords.sign_in(email, password, code, address=address, instead_of=None)


async def test_all_three_together_open_a_session(accounts: Accounts, staff: Staff) -> None:
    person = await staff.person()
    session = await accounts.sessions.open(await staff.sign_in(person))
    assert session.member == person.member


async def test_case_and_spaces_of_the_address_do_not_matter(
    accounts: Accounts, staff: Staff
) -> None:
    person = await staff.person()
    await try_in(accounts, f" {person.member.email.upper()} ", PASSWORD, person.code())


@pytest.mark.parametrize("steps", [-1, 0, 1])
async def test_a_code_is_used_once(accounts: Accounts, staff: Staff, steps: int) -> None:
    person = await staff.person()
    person.clock.forward(seconds=60)
    code = person.code(steps)
    await try_in(accounts, person.member.email, PASSWORD, code)
    with pytest.raises(SignInFailed):
        await try_in(accounts, person.member.email, PASSWORD, code)


async def test_an_older_code_is_not_taken_after_a_newer_one(
    accounts: Accounts, staff: Staff
) -> None:
    person = await staff.person()
    person.clock.forward(seconds=60)
    await try_in(accounts, person.member.email, PASSWORD, person.code())
    with pytest.raises(SignInFailed):
        await try_in(accounts, person.member.email, PASSWORD, person.code(-1))


async def test_the_code_of_the_link_is_used_up(accounts: Accounts, staff: Staff) -> None:
    person = await staff.person()
    with pytest.raises(SignInFailed):
        await try_in(accounts, person.member.email, PASSWORD, person.code(-1))


async def test_a_recovery_code_works_once_and_for_its_member(
    accounts: Accounts, staff: Staff
) -> None:
    person, other = await staff.person(), await staff.person()
    code = person.recovery_codes[3]
    with pytest.raises(SignInFailed):
        await try_in(accounts, other.member.email, PASSWORD, code)
    await try_in(accounts, person.member.email, PASSWORD, code)
    with pytest.raises(SignInFailed):
        await try_in(accounts, person.member.email, PASSWORD, code)
    acts = [entry.action for entry in await accounts.audit.read(actor=person.member.id)]
    assert acts.count("recovery_code_used") == 1


async def test_without_the_password_no_code_is_used_up(accounts: Accounts, staff: Staff) -> None:
    person = await staff.person()
    for code in (person.code(), person.recovery_codes[0]):
        with pytest.raises(SignInFailed):
            await try_in(accounts, person.member.email, WRONG, code)
    await try_in(accounts, person.member.email, PASSWORD, person.code())
    await try_in(accounts, person.member.email, PASSWORD, person.recovery_codes[0])


async def test_who_has_used_no_link_cannot_sign_in(accounts: Accounts, staff: Staff) -> None:
    person = await staff.person()
    await accounts.store.change(person.member.id, Changes(active=False), by=None)
    with pytest.raises(SignInFailed):
        await try_in(accounts, person.member.email, PASSWORD, person.code())


class CountingHasher(PasswordHasher):
    """argon2, and how often it was asked."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002
        self.verified += 1
        return super().verify(hash, password)


@contextmanager
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """The first words of what goes to the database meanwhile."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        words = statement.replace("\n", " ").split()
        seen.append(" ".join(words[:1]))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_the_path_does_not_tell_what_was_wrong(
    engine: AsyncEngine, staff: Staff, clock: TurnedClock
) -> None:
    """The time could tell, so the work that it takes is compared: that does not flicker."""
    hasher = CountingHasher()
    accounts = build_accounts(engine, DeskSettings(), PUBLIC_URL, clock=clock, hasher=hasher)
    person, inactive = await staff.person(), await staff.person()
    await accounts.store.change(inactive.member.id, Changes(active=False), by=None)
    invited = await staff.person()
    wrong = f"{(int(person.code()) + 1) % 10**6:06}"
    cases = {
        "unknown": ("nobody@example.dk", PASSWORD, wrong),
        "no address": ("x", PASSWORD, wrong),
        "wrong password": (person.member.email, WRONG, wrong),
        "wrong code": (person.member.email, PASSWORD, wrong),
        "no code": (person.member.email, PASSWORD, ""),
        "wrong password, right code": (person.member.email, WRONG, person.code()),
        "not active": (inactive.member.email, PASSWORD, inactive.code()),
        "right password of another": (invited.member.email, PASSWORD, person.code()),
    }
    work = {}
    for number, (name, given) in enumerate(cases.items()):
        before = hasher.verified
        with statements(engine) as seen, pytest.raises(SignInFailed) as failed:
            await try_in(accounts, *given, address=f"192.0.2.{number + 10}")
        assert failed.value.values == {}
        work[name] = (hasher.verified - before, tuple(seen))
    assert len(set(work.values())) == 1, work
    assert work["unknown"][0] == 1


async def test_every_try_is_in_the_trail_without_what_was_typed(
    accounts: Accounts, staff: Staff
) -> None:
    person = await staff.person()
    for email in (person.member.email, "MyPassword123456@typed.here"):
        with pytest.raises(SignInFailed):
            await try_in(accounts, email, WRONG, "000000")
    await staff.sign_in(person)
    entries = (await accounts.audit.read())[:3]
    assert [(entry.actor, entry.action, entry.subject) for entry in entries] == [
        (person.member.id, "signed_in", f"member:{person.member.id}"),
        (None, "sign_in_failed", None),
        (None, "sign_in_failed", f"member:{person.member.id}"),
    ]
    written = repr(await accounts.audit.read()).casefold()
    assert "typed" not in written
    assert WRONG.casefold() not in written


async def test_guessing_is_slowed_down_and_seen(accounts: Accounts, staff: Staff) -> None:
    person = await staff.person()
    for _ in range(5):
        with pytest.raises(SignInFailed):
            await try_in(accounts, person.member.email, WRONG, "000000")
    with pytest.raises(TooManyTries):
        await try_in(accounts, person.member.email, PASSWORD, person.code())
    acts = [entry.action for entry in await accounts.audit.read()]
    assert acts.count("locked") == 1
    assert acts.count("sign_in_failed") == 5


async def test_a_reset_link_ends_the_waiting(accounts: Accounts, staff: Staff) -> None:
    person = await staff.person()
    for _ in range(5):
        with pytest.raises(SignInFailed):
            await try_in(accounts, person.member.email, WRONG, "000000")
    link = await accounts.invitations.make(person.member.id, by=None)
    token = link.rpartition("/")[2]
    person.secret = (await accounts.invitations.look(token)).totp_secret
    await accounts.invitations.redeem(token, PASSWORD, person.code())
    person.clock.forward(seconds=30)
    await try_in(accounts, person.member.email, PASSWORD, person.code(), "198.51.100.9")


async def test_a_weaker_hash_is_replaced_at_the_next_sign_in(
    engine: AsyncEngine, staff: Staff, clock: TurnedClock
) -> None:
    person = await staff.person()
    stronger = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    accounts = build_accounts(engine, DeskSettings(), PUBLIC_URL, clock=clock, hasher=stronger)
    await sign_in_again(accounts, person)
    credentials = await accounts.store.credentials(person.member.email)
    assert credentials is not None
    assert credentials.password_hash is not None
    assert not stronger.check_needs_rehash(credentials.password_hash)
    assert HASHER.check_needs_rehash(credentials.password_hash)
    await sign_in_again(accounts, person)


async def sign_in_again(accounts: Accounts, person: Person) -> None:
    await try_in(accounts, person.member.email, PASSWORD, person.code())
    person.clock.forward(seconds=30)
