"""Whatever people do in whatever order: no overlap, nothing lost, the right reminders."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from booking.errors import (
    BookingError,
    Closed,
    HoldExpired,
    IllegalTransition,
    InThePast,
    Taken,
    TooSoon,
)
from booking.grains import day_before
from booking.models import HoldRequest, ServiceWish
from booking.states import State
from booking.tables import AppointmentRow, ReminderRow
from storage.base import Base
from storage.engine import open_engine
from tests.booking.world import (
    CONTACT,
    Booking,
    HandClock,
    assert_sound,
    at,
    booking_on,
    small_town,
)

_WISHES = [
    ("raadhus", (ServiceWish("pas-voksen"),)),
    ("raadhus", (ServiceWish("pas-voksen", 3),)),
    ("raadhus", (ServiceWish("mitid"), ServiceWish("sundhedskort"))),
    ("telefon", (ServiceWish("mitid"),)),
]
_WHICH = st.integers(0, 30)
_STEPS = st.one_of(
    st.tuples(st.just("hold"), st.sampled_from(_WISHES), st.integers(0, 24)),
    st.tuples(st.just("hold"), st.sampled_from(_WISHES), st.integers(0, 24)),
    st.tuples(st.just("book"), st.sampled_from(_WISHES), st.integers(0, 24)),
    st.tuples(st.just("confirm"), _WHICH),
    st.tuples(st.just("release"), _WHICH),
    st.tuples(st.just("cancel"), _WHICH),
    st.tuples(st.just("reschedule"), _WHICH, _WHICH),
    st.tuples(st.just("wait"), st.sampled_from([1, 4, 11, 60])),
    st.tuples(st.just("sweep")),
)
_EXPECTED = (Taken, HoldExpired, IllegalTransition, Closed, InThePast, TooSoon)


@dataclass
class _Model:
    """What must be true, told from the outside."""

    made: list[str] = field(default_factory=list)
    booked: dict[str, dt.datetime] = field(default_factory=dict)
    reminded: set[str] = field(default_factory=set)

    def book(self, key: str, starts_at: dt.datetime, now: dt.datetime) -> None:
        self.booked[key] = starts_at
        self.reminded.discard(key)
        if day_before(starts_at, "Europe/Copenhagen") > now:
            self.reminded.add(key)

    def pick(self, index: int) -> str | None:
        return self.made[index % len(self.made)] if self.made else None


async def _step(booking: Booking, model: _Model, step: tuple[Any, ...]) -> None:
    appointments = booking.appointments
    match step:
        case ("hold" | "book", (place, wishes), slot):
            # Two days, so that times meet; some have a day before, some have not.
            start = at("2026-03-02 10:00") + dt.timedelta(
                days=slot % 2 * 2, minutes=10 * (slot // 2)
            )
            held = await appointments.hold(HoldRequest(place, start, wishes))
            model.made.append(held.id)
            if step[0] == "book":
                done = await appointments.confirm(held.id, CONTACT)
                model.book(done.id, done.starts_at, booking.clock.now)
        case ("confirm", index) if key := model.pick(index):
            fresh = key not in model.booked
            done = await appointments.confirm(key, CONTACT)
            if fresh:
                model.book(key, done.starts_at, booking.clock.now)
        case ("release", index) if key := model.pick(index):
            await appointments.release(key)
        case ("cancel", index) if key := model.pick(index):
            await appointments.cancel(key)
            del model.booked[key]
            model.reminded.discard(key)
        case ("reschedule", index, other) if (key := model.pick(index)) and (
            (hold := model.pick(other)) and hold != key
        ):
            done = await appointments.reschedule(key, hold)
            model.book(key, done.starts_at, booking.clock.now)
        case ("wait", minutes):
            booking.clock.forward(minutes=minutes)
        case ("sweep",):
            await appointments.expire_holds()


async def _play(url: str, steps: list[tuple[Any, ...]]) -> None:
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        booking, model = booking_on(engine, HandClock()), _Model()
        await small_town(booking.supply)
        for step in steps:
            try:
                await _step(booking, model, step)
            except BookingError as refused:
                assert isinstance(refused, _EXPECTED), refused  # noqa: PT017 - others pass too
            await assert_sound(booking)
            async with booking.sessions.read() as session:
                booked = await session.execute(
                    select(AppointmentRow.id, AppointmentRow.starts_at).where(
                        AppointmentRow.state == State.booked
                    )
                )
                assert {key: start for key, start in booked} == model.booked  # noqa: C416
                reminded = await session.scalars(select(ReminderRow.appointment_id))
                assert set(reminded) == model.reminded
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(_STEPS, min_size=10, max_size=40))
def test_any_history(url: str, steps: list[tuple[Any, ...]]) -> None:
    asyncio.run(_play(url, steps))
