"""The trail can be added to and read, and the database itself refuses the rest."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from desk.accounts.audit import AuditTrail
from desk.accounts.build import Accounts
from desk.accounts.store import Changes
from desk.errors import UnknownTeam
from tests.desk.accounts.conftest import Staff, TurnedClock

FORBIDDEN = [
    "UPDATE audit SET actor = 'somebody else'",
    "UPDATE audit SET at = '2020-01-01 00:00:00+00:00'",
    "DELETE FROM audit",
    "DELETE FROM audit WHERE id = 1",
]
BY_DIALECT = {
    "sqlite": [
        "REPLACE INTO audit (id, at, action, details) VALUES (1, '2020-01-01 00:00:00', 'x', '{}')",
        "UPDATE OR REPLACE audit SET id = 1",
    ],
    "postgresql": ["TRUNCATE audit"],
}


@pytest.mark.parametrize("number", range(6))
async def test_nothing_is_changed_or_deleted(engine: AsyncEngine, number: int) -> None:
    trail = AuditTrail(engine)
    await trail.record("a", "signed_in", "member:a", {"method": "password"})
    before = await trail.read()
    statements = FORBIDDEN + BY_DIALECT[engine.dialect.name]
    statement = statements[min(number, len(statements) - 1)]
    with pytest.raises(DBAPIError, match="audit trail"):
        async with engine.begin() as connection:
            await connection.execute(text(statement))
    assert await trail.read() == before


async def test_only_what_is_old_enough_is_erased(engine: AsyncEngine) -> None:
    now = dt.datetime.now(tz=dt.UTC)
    for days in (800, 400, 300, 0):
        clock = TurnedClock(now - dt.timedelta(days=days))
        await AuditTrail(engine, clock).record(None, "x")
    trail = AuditTrail(engine)
    assert await trail.erase_old(730) == 1
    assert await trail.erase_old(365) == 1
    assert len(await trail.read()) == 2
    with pytest.raises(ValueError, match="365"):
        await trail.erase_old(364)


async def test_a_clock_that_is_wrong_erases_nothing(engine: AsyncEngine) -> None:
    await AuditTrail(engine).record(None, "x")
    future = AuditTrail(engine, lambda: dt.datetime.now(tz=dt.UTC) + dt.timedelta(days=4000))
    with pytest.raises(DBAPIError):
        await future.erase_old(730)
    assert len(await AuditTrail(engine).read()) == 1


async def test_a_look_is_written_down(accounts: Accounts, staff: Staff) -> None:
    person = await staff.person()
    await accounts.audit.looked(person.member, "c" * 32)
    (entry,) = await accounts.audit.read(subject=f"conversation:{'c' * 32}")
    assert (entry.actor, entry.action) == (person.member.id, "looked_at_conversation")


async def test_pages_do_not_overlap(engine: AsyncEngine) -> None:
    trail = AuditTrail(engine)
    for number in range(5):
        await trail.record("a" if number % 2 else "b", "x", details={"number": number})
    first = await trail.read(limit=3)
    rest = await trail.read(limit=3, before=first[-1].id)
    assert [entry.details["number"] for entry in first + rest] == [4, 3, 2, 1, 0]
    assert len(await trail.read(actor="a")) == 2


@pytest.mark.parametrize("value", ["x" * 121, ["x" * 121]])
async def test_long_texts_have_no_place(engine: AsyncEngine, value: str | list[str]) -> None:
    trail = AuditTrail(engine)
    with pytest.raises(ValueError, match="long text"):
        await trail.record(None, "x", details={"words": value})
    assert await trail.read() == []


async def test_what_is_rolled_back_leaves_no_row(
    accounts: Accounts, staff: Staff, clock: TurnedClock
) -> None:
    person = await staff.person()
    before = await accounts.audit.read()
    with pytest.raises(UnknownTeam):
        await accounts.store.change(
            person.member.id, Changes(capacity=9, teams=("no-such-team",)), by=None
        )
    assert await accounts.audit.read() == before
