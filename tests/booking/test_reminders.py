"""Reminders: when, for whom, and each once."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Appointment
from booking.reminders import claim_reminders
from storage.engine import open_engine
from tests.booking.world import CONTACT, Booking, assert_sound, at, booking_on, passport_at


async def booked(booking: Booking, when: str) -> Appointment:
    held = await booking.appointments.hold(passport_at(when))
    return await booking.appointments.confirm(held.id, CONTACT)


async def due(booking: Booking) -> list[str]:
    async with booking.sessions.write() as session:
        found = await claim_reminders(session, 50, booking.clock.now)
    return [item.id for item in found]


async def test_the_day_before_and_once(booking: Booking) -> None:
    appointment = await booked(booking, "2026-03-04 09:00")
    booking.clock.set("2026-03-03 08:59")
    assert not await booking.reminders.due()
    assert await due(booking) == []
    booking.clock.set("2026-03-03 09:00")
    assert await booking.reminders.due()
    assert await due(booking) == [appointment.id]
    assert not await booking.reminders.due()
    assert await due(booking) == []


@pytest.mark.parametrize(
    ("start", "hours"),
    [("2026-03-30 09:00", 24), ("2026-03-29 09:00", 23), ("2026-10-25 09:00", 25)],
)
async def test_at_the_same_time_of_day(booking: Booking, start: str, hours: int) -> None:
    from booking.supply import Availability, DayException  # noqa: PLC0415

    booking.clock.set(f"{at(start).date() - dt.timedelta(days=20)} 08:00")
    for person in (None, "anna"):
        await booking.supply.add_exception(
            DayException(at(start).date(), Availability.available, "raadhus", person)
        )
    appointment = await booked(booking, start)
    booking.clock.now = appointment.starts_at - dt.timedelta(hours=hours, seconds=1)
    assert await due(booking) == []
    booking.clock.forward(seconds=1)
    assert await due(booking) == [appointment.id]
    await assert_sound(booking)


async def test_nobody_is_reminded_of_what_they_have_just_booked(booking: Booking) -> None:
    await booked(booking, "2026-03-02 10:00")
    booking.clock.set("2026-03-02 09:00")
    assert await due(booking) == []


async def test_a_reminder_moves_with_its_appointment(booking: Booking) -> None:
    appointment = await booked(booking, "2026-03-04 09:00")
    booking.clock.set("2026-03-03 09:00")
    assert await due(booking) == [appointment.id]
    held = await booking.appointments.hold(passport_at("2026-03-06 11:00"))
    await booking.appointments.reschedule(appointment.id, held.id)
    assert await due(booking) == []
    booking.clock.set("2026-03-05 11:00")
    # Another time is worth another reminder.
    assert await due(booking) == [appointment.id]


async def test_a_cancelled_appointment_is_not_remembered(booking: Booking) -> None:
    appointment = await booked(booking, "2026-03-04 09:00")
    await booking.appointments.cancel(appointment.id)
    booking.clock.set("2026-03-03 09:00")
    assert not await booking.reminders.due()
    assert await due(booking) == []


async def test_what_has_begun_needs_no_reminder(booking: Booking) -> None:
    await booked(booking, "2026-03-04 09:00")
    booking.clock.set("2026-03-04 09:00")
    assert await due(booking) == []
    assert not await booking.reminders.due()


async def test_what_could_not_be_sent_is_due_again(booking: Booking) -> None:
    appointment = await booked(booking, "2026-03-04 09:00")
    booking.clock.set("2026-03-03 09:00")

    async def fail(_session: AsyncSession, _appointment: Appointment) -> None:
        raise OSError("the outbox is full")

    with pytest.raises(OSError, match="full"):
        await booking.reminders.due_reminders(fail)
    sent: list[str] = []

    async def send(_session: AsyncSession, item: Appointment) -> None:
        sent.append(item.id)

    assert await booking.reminders.due_reminders(send) == 1
    assert await booking.reminders.due_reminders(send) == 0
    assert sent == [appointment.id]


async def test_several_gateways_remind_once(booking: Booking, url: str) -> None:
    wanted = {
        (await booked(booking, f"2026-03-04 {hour}:{minute}0")).id
        for hour in ("09", "10", "11")
        for minute in (0, 2, 4)
    }
    booking.clock.set("2026-03-03 14:00")
    other = booking_on(open_engine(url), booking.clock)
    sent: list[str] = []

    async def send(_session: AsyncSession, item: Appointment) -> None:
        sent.append(item.id)
        await asyncio.sleep(0.01)

    await asyncio.gather(
        *(which.reminders.due_reminders(send, 2) for _ in range(8) for which in (booking, other))
    )
    assert sorted(sent) == sorted(wanted)
    await other.engine.dispose()
