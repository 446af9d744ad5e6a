"""Transactions on SQLite: writers of one process take turns, readers do not wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as WaitedTooLong
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import sessions
from storage.engine import open_engine
from storage.sessions import Sessions


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/test.db")
    async with Sessions(engine).write() as session:
        await session.execute(text("CREATE TABLE marks (mark TEXT)"))
    yield engine
    await engine.dispose()


async def marks(engine: AsyncEngine) -> list[str]:
    async with Sessions(engine).read() as session:
        return list(await session.scalars(text("SELECT mark FROM marks ORDER BY rowid")))


async def put(engine: AsyncEngine, mark: str, *, urgent: bool = False) -> None:
    async with Sessions(engine).write(urgent=urgent) as session:
        await session.execute(text("INSERT INTO marks VALUES (:mark)"), {"mark": mark})


async def test_writers_take_turns_whoever_made_their_sessions(engine: AsyncEngine) -> None:
    async with Sessions(engine).write():
        waiting = [asyncio.create_task(put(engine, str(number))) for number in range(20)]
        await asyncio.sleep(0)
        waiting.append(asyncio.create_task(put(engine, "urgent", urgent=True)))
        await asyncio.sleep(0.05)
        assert await marks(engine) == []
    await asyncio.gather(*waiting)
    assert await marks(engine) == ["urgent", *map(str, range(20))]


async def test_a_writer_that_fails_leaves_no_trace_and_gives_its_turn_on(
    engine: AsyncEngine,
) -> None:
    async def fails() -> None:
        async with Sessions(engine).write() as session:
            await session.execute(text("INSERT INTO marks VALUES ('gone')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    await asyncio.wait_for(put(engine, "next"), 5)
    assert await marks(engine) == ["next"]


async def test_who_waits_too_long_hears_it_as_trouble_of_the_database(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_PATIENCE", 0.01)
    async with Sessions(engine).write():
        with pytest.raises(WaitedTooLong):
            await put(engine, "never")
    await put(engine, "now")
    assert await marks(engine) == ["now"]


async def test_two_databases_do_not_wait_for_each_other(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    other = open_engine(f"sqlite+aiosqlite:///{tmp_path}/other.db")
    try:
        async with Sessions(engine).write(), Sessions(other).write() as session:
            await session.execute(text("CREATE TABLE marks (mark TEXT)"))
    finally:
        await other.dispose()
