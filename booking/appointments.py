"""Holds, appointments, and what becomes of them.

Every method is one transaction. With ``session`` it is part of the caller's instead, so that what
follows from it (a message in the outbox, say) is stored with it or not at all. A refusal leaves
the caller's transaction as it was.

Nobody's right to an appointment is checked here: callers compare ``conversation_id``, or come with
a link (``booking/links.py``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from booking.claiming import Span, claim, expire, make_room
from booking.clock import Clock, utc_now
from booking.errors import (
    HoldExpired,
    IllegalTransition,
    InThePast,
    NotFound,
    OffGrid,
    Taken,
    TooFar,
    TooSoon,
)
from booking.grains import MINUTES, date_of, local_day, number, on_grid
from booking.models import HOLD_MINUTES, Activity, Appointment, Contact, HoldRequest
from booking.plan import Plan
from booking.references import read_reference
from booking.rows import to_activity, to_appointment
from booking.rules import closed
from booking.states import TRANSITIONS, Event, State
from booking.supply import Caseworker, Place
from booking.supply_store import SupplyStore
from booking.tables import AppointmentRow, BookingActivityRow, ClaimRow
from booking.visits import visit_grains
from booking.writing import lock, move, new_row, note
from storage.sessions import Sessions

CITIZEN = "citizen"
_SWEEP = 200
"""Lapsed holds freed in one transaction: others must not wait long."""


class Appointments:
    """From the hold to the last change."""

    def __init__(self, engine: AsyncEngine, supply: SupplyStore, clock: Clock = utc_now) -> None:
        self._sessions = Sessions(engine)
        self._supply = supply
        self._clock = clock

    @asynccontextmanager
    async def _writing(self, session: AsyncSession | None) -> AsyncIterator[AsyncSession]:
        if session is None:
            async with self._sessions.write() as own:
                yield own
        else:
            async with session.begin_nested():
                yield session

    async def hold(
        self, request: HoldRequest, *, actor: str = CITIZEN, session: AsyncSession | None = None
    ) -> Appointment:
        """Keep a time for somebody for ten minutes.

        Raises :class:`Taken` if nobody is free then any more, one of :class:`Unbookable` if nobody
        could ever be, and :class:`NotFound` for a hold to let go that does not exist.
        """
        async with self._writing(session) as own:
            moment = self._clock()
            plan = await self._supply.plan(own, keep=True)
            place, staff, span = self._could(plan, request, moment)
            await make_room(own, span, staff, moment, instead_of=request.instead_of, actor=actor)
            until = moment + dt.timedelta(minutes=HOLD_MINUTES)
            row = await new_row(
                own,
                state=State.held,
                place_id=place.id,
                kind=place.kind,
                zone=place.zone,
                services=request.services,
                language=request.language,
                starts_at=request.starts_at,
                ends_at=request.starts_at + dt.timedelta(minutes=span.count * MINUTES),
                conversation_id=request.conversation_id,
                moment=moment,
            )
            row.hold_expires_at = until
            if not await claim(own, row, span, staff, until):
                raise Taken(place.id, request.starts_at)
            note(own, row, State.held, actor, moment)
            await own.flush()
            return to_appointment(row)

    async def confirm(
        self,
        hold_id: str,
        contact: Contact,
        *,
        share_summary: bool = False,
        summary: str | None = None,
        actor: str = CITIZEN,
        session: AsyncSession | None = None,
    ) -> Appointment:
        """Make a hold an appointment. Twice gives the same appointment, unchanged.

        Raises :class:`NotFound`, :class:`HoldExpired`, or :class:`IllegalTransition` for one that
        was cancelled or is over.
        """
        async with self._writing(session) as own:
            moment = self._clock()
            (row,) = await lock(own, hold_id)
            if row.state == State.booked:
                return to_appointment(row)
            _still_held(row, moment, Event.confirmed)
            row.name = contact.name
            row.contact_channel = contact.channel
            row.contact_address = contact.address
            row.share_summary = share_summary
            row.summary = summary if share_summary else None
            await move(own, row, Event.confirmed, actor, moment)
            await own.execute(
                update(ClaimRow).where(ClaimRow.appointment_id == row.id).values(held_until=None)
            )
            await own.flush()
            return to_appointment(row)

    async def release(
        self, hold_id: str, *, actor: str = CITIZEN, session: AsyncSession | None = None
    ) -> None:
        """Let a hold go before its time is up; nothing happens if it has gone already.

        Raises :class:`NotFound`, or :class:`IllegalTransition` for an appointment.
        """
        async with self._writing(session) as own:
            (row,) = await lock(own, hold_id)
            if row.state != State.expired:
                await move(own, row, Event.released, actor, self._clock())

    async def reschedule(
        self,
        appointment_id: str,
        hold_id: str,
        *,
        actor: str = CITIZEN,
        session: AsyncSession | None = None,
    ) -> Appointment:
        """Move an appointment to the time of a hold: same reference and UID, next sequence.

        The old time is free and the reminder moved in the same transaction. Raises
        :class:`NotFound`, :class:`HoldExpired`, :class:`InThePast` for an appointment that has
        begun, or :class:`IllegalTransition`.
        """
        if appointment_id == hold_id:
            raise NotFound
        async with self._writing(session) as own:
            moment = self._clock()
            row, held = await lock(own, appointment_id, hold_id)
            if row.state != State.booked:
                raise IllegalTransition(State(row.state), Event.rescheduled)
            if row.starts_at <= moment:
                raise InThePast
            _still_held(held, moment, Event.spent)
            await own.execute(delete(ClaimRow).where(ClaimRow.appointment_id == row.id))
            # The hold's grains stay where they are, so nobody can come between.
            await own.execute(
                update(ClaimRow)
                .where(ClaimRow.appointment_id == held.id)
                .values(appointment_id=row.id, held_until=None)
            )
            was = row.starts_at
            for column in (
                *("place_id", "kind", "caseworker_id", "lane", "services", "language"),
                *("starts_at", "ends_at", "zone", "day"),
            ):
                setattr(row, column, getattr(held, column))
            row.sequence += 1
            await move(own, held, Event.spent, actor, moment, by=row.id)
            await move(
                own,
                row,
                Event.rescheduled,
                actor,
                moment,
                before=was.isoformat(),
                after=row.starts_at.isoformat(),
            )
            await own.flush()
            return to_appointment(row)

    async def cancel(
        self, appointment_id: str, *, actor: str = CITIZEN, session: AsyncSession | None = None
    ) -> Appointment:
        """Give the time back and drop the reminder; the sequence rises.

        Raises :class:`NotFound`, :class:`InThePast` for an appointment that has begun, or
        :class:`IllegalTransition`.
        """
        async with self._writing(session) as own:
            moment = self._clock()
            (row,) = await lock(own, appointment_id)
            if row.state == State.booked and row.starts_at <= moment:
                raise InThePast
            await move(own, row, Event.cancelled, actor, moment)
            row.sequence += 1
            await own.flush()
            return to_appointment(row)

    async def expire_holds(self) -> int:
        """Free every lapsed hold, a few at a time; how many there were.

        Nothing depends on it: whoever wants such a time gets it anyway. It tidies up.
        """
        total = 0
        while True:
            async with self._sessions.write() as session:
                freed = await expire(session, self._clock(), _SWEEP)
            total += freed
            if freed < _SWEEP:
                return total

    async def get(self, appointment_id: str) -> Appointment:
        """Raises :class:`NotFound`."""
        async with self._sessions.read() as session:
            row = await session.get(AppointmentRow, appointment_id)
        if row is None:
            raise NotFound
        return to_appointment(row)

    async def by_reference(self, text: str) -> Appointment:
        """By the reference as somebody typed it. Raises :class:`NotFound`."""
        reference = read_reference(text)
        async with self._sessions.read() as session:
            row = await session.scalar(
                select(AppointmentRow).where(AppointmentRow.reference == reference)
            )
        if row is None:
            raise NotFound
        return to_appointment(row)

    async def of_conversation(self, conversation_id: str) -> list[Appointment]:
        """What was held or booked in a conversation, by time."""
        async with self._sessions.read() as session:
            rows = await session.scalars(
                select(AppointmentRow)
                .where(AppointmentRow.conversation_id == conversation_id)
                .order_by(AppointmentRow.starts_at, AppointmentRow.id)
            )
            return [to_appointment(row) for row in rows]

    async def stranded(self) -> list[Appointment]:
        """Booked and still to come, but outside hours since the supply changed: to be moved."""
        async with self._sessions.read() as session:
            rows = await session.scalars(
                select(AppointmentRow)
                .join(ClaimRow, ClaimRow.appointment_id == AppointmentRow.id)
                .where(
                    ClaimRow.outside,
                    AppointmentRow.state == State.booked,
                    AppointmentRow.ends_at > self._clock(),
                )
                .order_by(AppointmentRow.starts_at, AppointmentRow.id)
            )
            return [to_appointment(row) for row in rows]

    async def trail(self, appointment_id: str) -> list[Activity]:
        """What happened to an appointment, in order."""
        async with self._sessions.read() as session:
            rows = await session.scalars(
                select(BookingActivityRow)
                .where(BookingActivityRow.appointment_id == appointment_id)
                .order_by(BookingActivityRow.id)
            )
            return [to_activity(row) for row in rows]

    async def forget_before(self, moment: dt.datetime) -> int:
        """Delete appointments that ended before then, with all that hangs on them; how many."""
        async with self._sessions.write() as session:
            gone = await session.scalars(
                delete(AppointmentRow)
                .where(AppointmentRow.ends_at < moment)
                .returning(AppointmentRow.id)
            )
            return len(list(gone))

    @staticmethod
    def _could(
        plan: Plan, request: HoldRequest, moment: dt.datetime
    ) -> tuple[Place, list[Caseworker], Span]:
        """Where, by whom and when, if nothing were booked. Raises :class:`Unbookable`."""
        if not on_grid(request.starts_at):
            raise OffGrid(MINUTES)
        count = visit_grains(plan.supply, request.services)
        ((place, staff),) = plan.candidates(
            request.services, places=(request.place_id,), language=request.language
        )
        if request.starts_at <= moment:
            raise InThePast
        if request.starts_at < moment + dt.timedelta(minutes=place.lead_minutes):
            raise TooSoon(place.lead_minutes)
        date = date_of(request.starts_at, place.zone)
        last = date_of(moment, place.zone) + dt.timedelta(days=place.horizon_days)
        if date > last:
            raise TooFar(place.horizon_days, last)
        span = Span(local_day(date, place.zone), number(request.starts_at), count)
        working = [
            person
            for person in staff
            if span.mask.bit_count() == count
            and not span.mask & ~plan.hours(place.id, person.id, date)
        ]
        if not working:
            raise closed(plan.supply, place.id, date)
        return place, working, span


def _still_held(row: AppointmentRow, moment: dt.datetime, event: Event) -> None:
    """Raises :class:`HoldExpired`, or :class:`IllegalTransition` for what is no hold."""
    state = State(row.state)
    if state is State.expired:
        raise HoldExpired(HOLD_MINUTES)
    if (state, event) not in TRANSITIONS:
        raise IllegalTransition(state, event)
    if row.hold_expires_at is None or row.hold_expires_at <= moment:
        raise HoldExpired(HOLD_MINUTES)
