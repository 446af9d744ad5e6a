"""The day at the desk: who comes, who is here, who is next. Numbers for walk-ins.

A walk-in is an appointment without a time of its own: it occupies no grains and is served in the
gaps. Every change goes through the table of transitions.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from booking.clock import Clock, utc_now
from booking.errors import NotFound, TooSoon
from booking.grains import MINUTES, date_of
from booking.models import Appointment, ServiceWish
from booking.rows import to_appointment
from booking.states import Event, State
from booking.supply import Caseworker
from booking.supply_store import SupplyStore
from booking.tables import AppointmentRow, WalkInRow
from booking.visits import visit_grains
from booking.writing import lock, move, new_row, note
from storage.sessions import Sessions

_ON_THE_DAY = (
    State.booked,
    State.arrived,
    State.called,
    State.in_service,
    State.done,
    State.no_show,
)


class Day:
    """One transaction per method."""

    def __init__(self, engine: AsyncEngine, supply: SupplyStore, clock: Clock = utc_now) -> None:
        self._sessions = Sessions(engine)
        self._supply = supply
        self._clock = clock

    async def of_place(
        self, place_id: str, date: dt.date, *, cancelled: bool = False
    ) -> list[Appointment]:
        """A place's local day, by time; holds are nobody's business here."""
        return await self._list(AppointmentRow.place_id == place_id, date, cancelled)

    async def of_caseworker(
        self, caseworker_id: str, date: dt.date, *, cancelled: bool = False
    ) -> list[Appointment]:
        """A caseworker's local day, at every place."""
        return await self._list(AppointmentRow.caseworker_id == caseworker_id, date, cancelled)

    async def _list(
        self, whose: ColumnElement[bool], date: dt.date, cancelled: bool
    ) -> list[Appointment]:
        states = (*_ON_THE_DAY, State.cancelled) if cancelled else _ON_THE_DAY
        async with self._sessions.read() as session:
            rows = await session.scalars(
                select(AppointmentRow)
                .where(whose, AppointmentRow.day == date, AppointmentRow.state.in_(states))
                .order_by(AppointmentRow.starts_at, AppointmentRow.walk_in, AppointmentRow.id)
            )
            return [to_appointment(row) for row in rows]

    async def walk_in(
        self,
        place_id: str,
        services: tuple[ServiceWish, ...],
        *,
        actor: str,
        language: str | None = None,
        name: str | None = None,
    ) -> Appointment:
        """Somebody came without an appointment: the place's next number of the day.

        The numbers of a day are 1, 2, 3 without a gap. Raises :class:`NotOffered` or
        :class:`TooMany`.
        """
        async with self._sessions.write() as session:
            moment = self._clock()
            plan = await self._supply.plan(session)
            grains = visit_grains(plan.supply, services)
            ((place, _),) = plan.candidates(services, places=(place_id,), language=language)
            row = await new_row(
                session,
                state=State.arrived,
                place_id=place.id,
                kind=place.kind,
                zone=place.zone,
                services=services,
                language=language,
                starts_at=moment,
                ends_at=moment + dt.timedelta(minutes=grains * MINUTES),
                conversation_id=None,
                moment=moment,
            )
            row.name = name
            row.walk_in = await _next_number(session, place.id, date_of(moment, place.zone))
            note(session, row, State.arrived, actor, moment, walk_in=row.walk_in)
            await session.flush()
            return to_appointment(row)

    async def call_next(
        self, place_id: str, caseworker_id: str, *, actor: str
    ) -> Appointment | None:
        """Whom the caseworker sees next, called; None if nobody waits for them.

        First who has an appointment with them and whose time has come, then walk-ins they can
        serve by number, then those who are early. Two callers never get the same person. Raises
        :class:`NotFound` for an unknown caseworker or place.
        """
        async with self._sessions.write() as session:
            moment = self._clock()
            supply = (await self._supply.plan(session)).supply
            person = supply.caseworkers.get(caseworker_id)
            place = supply.places.get(place_id)
            if person is None or place is None:
                raise NotFound
            row = await _waiting(session, person, place_id, date_of(moment, place.zone), moment)
            if row is None:
                return None
            row.caseworker_id = person.id
            await move(session, row, Event.called, actor, moment)
            await session.flush()
            return to_appointment(row)

    async def arrived(self, appointment_id: str, *, actor: str) -> Appointment:
        """Raises :class:`NotFound` or :class:`IllegalTransition`, as all that follow."""
        return await self.step(appointment_id, Event.arrived, actor=actor)

    async def called(self, appointment_id: str, *, actor: str) -> Appointment:
        return await self.step(appointment_id, Event.called, actor=actor)

    async def began(self, appointment_id: str, *, actor: str) -> Appointment:
        """Who was called sits with the caseworker."""
        return await self.step(appointment_id, Event.began, actor=actor)

    async def returned(self, appointment_id: str, *, actor: str) -> Appointment:
        """Called by mistake: back to the waiting room; a walk-in is anybody's again."""
        return await self.step(appointment_id, Event.returned, actor=actor)

    async def done(self, appointment_id: str, *, actor: str) -> Appointment:
        return await self.step(appointment_id, Event.done, actor=actor)

    async def no_show(self, appointment_id: str, *, actor: str) -> Appointment:
        """Raises :class:`TooSoon`, too: nobody has failed to come before the time."""
        return await self.step(appointment_id, Event.no_show, actor=actor)

    async def step(
        self,
        appointment_id: str,
        event: Event,
        *,
        actor: str,
        caseworker_id: str | None = None,
    ) -> Appointment:
        """Let the event happen, as the methods above do, and raise as they do.

        ``caseworker_id``: who calls a walk-in, whom nobody has yet; it must exist.
        """
        async with self._sessions.write() as session:
            moment = self._clock()
            (row,) = await lock(session, appointment_id)
            if event is Event.no_show and moment < row.starts_at:
                raise TooSoon(0)
            await move(session, row, event, actor, moment)
            if row.walk_in is not None and event in (Event.called, Event.returned):
                row.caseworker_id = caseworker_id if event is Event.called else None
            await session.flush()
            return to_appointment(row)


async def _next_number(session: AsyncSession, place_id: str, date: dt.date) -> int:
    counter = await session.get(WalkInRow, (place_id, date), with_for_update=True)
    if counter is None:
        try:
            async with session.begin_nested():
                session.add(WalkInRow(place_id=place_id, day=date, last=0))
        except IntegrityError:
            # The first two of the day at the same moment.
            pass
        counter = await session.get(
            WalkInRow, (place_id, date), with_for_update=True, populate_existing=True
        )
    if counter is None:
        raise NotFound
    counter.last += 1
    return counter.last


async def _waiting(
    session: AsyncSession,
    person: Caseworker,
    place_id: str,
    date: dt.date,
    moment: dt.datetime,
) -> AppointmentRow | None:
    here = (
        AppointmentRow.place_id == place_id,
        AppointmentRow.day == date,
        AppointmentRow.state == State.arrived,
    )
    free = (
        select(AppointmentRow)
        .where(*here)
        .order_by(AppointmentRow.starts_at, AppointmentRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    mine = free.where(AppointmentRow.caseworker_id == person.id)
    due: AppointmentRow | None = await session.scalar(
        mine.where(AppointmentRow.starts_at <= moment)
    )
    if due is not None:
        return due
    # What they can serve stands in JSON, so it is not the database that chooses; and only the
    # chosen one may be locked, or another caller would overlook the rest.
    waiting = await session.execute(
        select(AppointmentRow.id, AppointmentRow.services, AppointmentRow.language)
        .where(*here, AppointmentRow.caseworker_id.is_(None))
        .order_by(AppointmentRow.walk_in)
    )
    for key, services, language in waiting.all():
        if language is not None and language not in person.languages:
            continue
        if any(item["service"] not in person.services for item in services):
            continue
        walk_in: AppointmentRow | None = await session.scalar(free.where(AppointmentRow.id == key))
        if walk_in is not None:
            return walk_in
    early: AppointmentRow | None = await session.scalar(mine)
    return early
