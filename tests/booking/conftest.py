"""Booking on every database that it must run on, with a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import conversations.store.tables  # noqa: F401 - appointments name conversations
from storage.base import Base
from storage.engine import open_engine
from tests.booking.world import Booking, HandClock, booking_on, small_town
from tests.postgres import NoPostgres, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a real PostgreSQL; skips, and says what is missing."""
    try:
        with cluster() as url:
            yield url
    except NoPostgres as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'guide.db'}"
    return str(request.getfixturevalue("postgres"))


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database with the tables in it."""
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
    await engine.dispose()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def booking(engine: AsyncEngine, clock: HandClock) -> Booking:
    """A small town that can be booked, as the clock stands."""
    booking = booking_on(engine, clock)
    await small_town(booking.supply)
    return booking
