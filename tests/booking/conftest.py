"""Booking on every database that it must run on, with a clock that stands still."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import conversations.store.tables  # noqa: F401 - appointments name conversations
from tests.booking.world import Booking, HandClock, booking_on, small_town
from tests.conversations.store.conftest import engine, postgres, url

__all__ = ["engine", "postgres", "url"]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def booking(engine: AsyncEngine, clock: HandClock) -> Booking:
    """A small town that can be booked, as the clock stands."""
    booking = booking_on(engine, clock)
    await small_town(booking.supply)
    return booking
