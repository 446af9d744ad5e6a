"""Reminders: the day before, at the same time of day.

A reminder's row is written, moved and dropped in the transaction that books, reschedules or
cancels (``booking/writing.py``). Here they are handed out, each once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from booking.clock import Clock, utc_now
from booking.models import Appointment
from booking.rows import to_appointment
from booking.states import State
from booking.tables import AppointmentRow, ReminderRow
from storage.sessions import Sessions

Send = Callable[[AsyncSession, Appointment], Awaitable[None]]
"""Puts one reminder into the outbox, in the transaction that claims it."""


async def claim_reminders(
    session: AsyncSession, limit: int, moment: dt.datetime
) -> list[Appointment]:
    """Up to ``limit`` appointments whose reminder is due, marked as reminded in ``session``.

    If the transaction fails they are due again. One that has begun by now (nobody sent anything
    for a day) is marked and not given out.
    """
    rows = await session.execute(
        select(ReminderRow, AppointmentRow)
        .join(AppointmentRow, AppointmentRow.id == ReminderRow.appointment_id)
        .where(
            ReminderRow.claimed_at.is_(None),
            ReminderRow.due_at <= moment,
            AppointmentRow.state == State.booked,
        )
        .order_by(ReminderRow.due_at, ReminderRow.appointment_id)
        .limit(limit)
        # The appointment, too: whoever cancels it at this moment locked it first, and is skipped.
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    due = []
    for reminder, row in rows.all():
        reminder.claimed_at = moment
        if row.starts_at > moment:
            due.append(to_appointment(row))
    await session.flush()
    return due


class Reminders:
    """For a loop that looks now and then."""

    def __init__(self, engine: AsyncEngine, clock: Clock = utc_now) -> None:
        self._sessions = Sessions(engine)
        self._clock = clock

    async def due(self) -> bool:
        """Whether there is anything to send: a look that needs no writer's lock."""
        async with self._sessions.read() as session:
            found = await session.scalar(
                select(ReminderRow.appointment_id)
                .where(ReminderRow.claimed_at.is_(None), ReminderRow.due_at <= self._clock())
                .limit(1)
            )
        return found is not None

    async def due_reminders(self, send: Send, limit: int = 50) -> int:
        """Hand up to ``limit`` due reminders to ``send``; all of them go, or none; how many."""
        async with self._sessions.write() as session:
            appointments = await claim_reminders(session, limit, self._clock())
            for appointment in appointments:
                await send(session, appointment)
        return len(appointments)
