"""The day at a place, as staff live it: who comes, who is here, who is next.

Rights are asked here, for the team of the place. What a member may not see looks like what does
not exist: :class:`~desk.errors.NotFound`. Every method raises what :func:`~desk.booking.errors.
translated` makes of the calendar's errors.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from time import monotonic
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from booking.appointments import Appointments
from booking.day import Day
from booking.models import Appointment, AvailableTime, HoldRequest, ServiceWish, TimeQuery
from booking.states import State
from booking.supply import COPENHAGEN, Place, Supply
from booking.supply_store import SupplyStore
from booking.times import Times
from desk.accounts.audit import AuditTrail
from desk.accounts.sessions import StaffSession
from desk.booking.errors import speaking
from desk.booking.view import STEPS, DayAtPlace, History, Viewer, Visit, is_near
from desk.errors import NotFound, Refused
from desk.queue.roster import Roster
from desk.rights import Action, Subject
from knowledge.catalogue import Catalogue
from storage.sessions import Sessions

Tell = Callable[[AsyncSession, Appointment, str], Awaitable[str]]
"""Says the reply of this key to the citizen, in the caller's transaction."""
_LOOK_SECONDS = 300.0
_MOST_LOOKS = 10_000
_STAFF = "staff:"
_TIMES = 12


@dataclass(frozen=True)
class Calendar:
    """The parts of the booking core that the desk uses."""

    engine: AsyncEngine
    supply: SupplyStore
    times: Times
    appointments: Appointments
    day: Day
    tell: Tell
    told: Callable[[Appointment], Awaitable[None]]
    """After the commit: wakes whoever delivers, and whoever follows the conversation."""
    clock: Callable[[], dt.datetime]


def actor_of(session: StaffSession) -> str:
    """How the trail of an appointment names a member."""
    return f"{_STAFF}{session.member.id}"


class Counter:
    """One transaction per change."""

    def __init__(
        self,
        calendar: Calendar,
        viewer: Viewer,
        audit: AuditTrail,
        roster: Roster,
        catalogue: Callable[[], Catalogue],
    ) -> None:
        self._calendar = calendar
        self._viewer = viewer
        self._audit = audit
        self._roster = roster
        self._catalogue = catalogue
        self._looks: OrderedDict[tuple[str, str], float] = OrderedDict()

    # --- looking

    def today(self) -> dt.date:
        """The date on the city's wall clock."""
        return self._calendar.clock().astimezone(ZoneInfo(COPENHAGEN)).date()

    def titles(self, session: StaffSession) -> dict[str, str]:
        """Titles of services in the member's language."""
        catalogue, language = self._catalogue(), session.member.ui_language
        return {item: catalogue.text(item, language)[1].title for item in catalogue.services}

    async def places(self, session: StaffSession) -> list[Place]:
        """Where the member works with appointments, by name."""
        reach = session.rights.reach(Action.manage_booking)
        supply = await self._calendar.supply.current()
        found = [item for item in supply.places.values() if reach.covers(Subject(item.team))]
        return sorted(found, key=lambda item: (not item.active, item.name))

    async def day(self, session: StaffSession, place_id: str, date: dt.date) -> DayAtPlace:
        """A place's day in order. Names are in it, so that somebody looked goes into the trail."""
        supply = await self._calendar.supply.current()
        place = self._place(session, supply, place_id)
        await self._looked(session, f"place:{place_id}", {"day": date.isoformat()})
        found = await self._calendar.day.of_place(place_id, date, cancelled=True)
        here = self._calendar.clock().astimezone(_zone(place)).date()
        return DayAtPlace(
            place=place,
            date=date,
            today=date == here,
            visits=[self._visit(session, supply, item) for item in found],
            staff=[
                person
                for person in supply.caseworkers.values()
                if person.active and place_id in supply.workplaces.get(person.id, ())
            ],
        )

    async def open(self, session: StaffSession, appointment_id: str) -> History:
        """One appointment with its summary, if the citizen shares it. Goes into the trail."""
        supply, found = await self._mine(session, appointment_id)
        await self._audit.record(
            session.member.id, "looked_at_appointment", f"appointment:{appointment_id}"
        )
        names = {member.id: member.name for member in await self._roster.members()}
        trail = [
            replace(item, actor=names.get(item.actor.removeprefix(_STAFF), item.actor))
            for item in await self._calendar.appointments.trail(appointment_id)
        ]
        return History(self._visit(session, supply, found, whole=True), trail)

    async def find(self, session: StaffSession, reference: str) -> Visit:
        """By what a citizen reads out."""
        with speaking():
            found = await self._calendar.appointments.by_reference(reference)
        supply, seen = await self._mine(session, found.id)
        return self._visit(session, supply, seen)

    async def stranded(self, session: StaffSession) -> list[Visit]:
        """Booked outside everybody's hours since the supply changed: to be moved, or called."""
        supply = await self._calendar.supply.current()
        reach = session.rights.reach(Action.manage_booking)
        found = [
            item
            for item in await self._calendar.appointments.stranded()
            if reach.covers(Subject(supply.places[item.place_id].team))
        ]
        return [self._visit(session, supply, item) for item in found]

    async def of_conversation(self, session: StaffSession, conversation_id: str) -> list[Visit]:
        """The appointments of a conversation that the member has open."""
        supply = await self._calendar.supply.current()
        made = await self._calendar.appointments.of_conversation(conversation_id)
        shown = [item for item in made if item.state not in (State.held, State.expired)]
        return [self._visit(session, supply, item) for item in shown]

    async def times(
        self, session: StaffSession, appointment_id: str, place_id: str | None, since: dt.date
    ) -> list[AvailableTime]:
        """Free times to which an appointment could be moved, from a day on."""
        supply, found = await self._mine(session, appointment_id)
        place = self._place(session, supply, place_id or found.place_id)
        midnight = dt.datetime.combine(since, dt.time(), _zone(place))
        query = TimeQuery(
            services=found.services,
            places=(place.id,),
            language=found.language,
            not_before=midnight,
            limit=_TIMES,
        )
        with speaking():
            return await self._calendar.times.find_times(query)

    # --- doing

    async def step(
        self, session: StaffSession, appointment_id: str, step: str, caseworker_id: str | None
    ) -> Visit:
        """Arrived, called, in service, back, done, not come: a key of ``STEPS``.

        ``caseworker_id``: who does it; a number of the day is theirs from the call on.
        """
        event = STEPS.get(step)
        if event is None:
            raise NotFound
        supply, found = await self._mine(session, appointment_id)
        if caseworker_id is not None and caseworker_id not in supply.caseworkers:
            raise NotFound
        if not is_near(found, self._calendar.clock()):
            raise Refused("visit_not_today")
        with speaking():
            changed = await self._calendar.day.step(
                found.id, event, actor=actor_of(session), caseworker_id=caseworker_id
            )
        return self._visit(session, supply, changed)

    async def call_next(
        self, session: StaffSession, place_id: str, caseworker_id: str
    ) -> Visit | None:
        """Whom the caseworker sees next; None if nobody waits."""
        supply = await self._calendar.supply.current()
        self._place(session, supply, place_id)
        with speaking():
            found = await self._calendar.day.call_next(
                place_id, caseworker_id, actor=actor_of(session)
            )
        return self._visit(session, supply, found) if found is not None else None

    async def ticket(
        self,
        session: StaffSession,
        place_id: str,
        services: tuple[ServiceWish, ...],
        *,
        language: str | None,
        name: str | None,
    ) -> Visit:
        """The next number of the day, for somebody without an appointment."""
        supply = await self._calendar.supply.current()
        self._place(session, supply, place_id)
        if not services:
            raise Refused("visit_no_service")
        with speaking():
            made = await self._calendar.day.walk_in(
                place_id, services, actor=actor_of(session), language=language, name=name
            )
        return self._visit(session, supply, made)

    async def move(
        self, session: StaffSession, appointment_id: str, place_id: str | None, at: dt.datetime
    ) -> Visit:
        """To another time, and perhaps place; the citizen is told in the same transaction."""
        supply, found = await self._mine(session, appointment_id)
        place = self._place(session, supply, place_id or found.place_id)
        request = HoldRequest(place.id, at, found.services, found.language, found.conversation_id)
        calendar, actor = self._calendar, actor_of(session)
        with speaking():
            async with Sessions(calendar.engine).write() as transaction:
                hold = await calendar.appointments.hold(request, actor=actor, session=transaction)
                moved = await calendar.appointments.reschedule(
                    found.id, hold.id, actor=actor, session=transaction
                )
                await calendar.tell(transaction, moved, "booking_moved_by_staff")
        await calendar.told(moved)
        return self._visit(session, supply, moved)

    async def cancel(self, session: StaffSession, appointment_id: str) -> Visit:
        """The citizen is told in the same transaction; whoever has only a number is here."""
        supply, found = await self._mine(session, appointment_id)
        calendar, actor = self._calendar, actor_of(session)
        with speaking():
            async with Sessions(calendar.engine).write() as transaction:
                gone = await calendar.appointments.cancel(
                    found.id, actor=actor, session=transaction
                )
                if found.state is State.booked:
                    await calendar.tell(transaction, gone, "booking_cancelled_by_staff")
        await calendar.told(gone)
        return self._visit(session, supply, gone)

    # --- rights

    @staticmethod
    def _place(session: StaffSession, supply: Supply, place_id: str) -> Place:
        place = supply.places.get(place_id)
        if place is None or not session.rights.can(Action.manage_booking, Subject(place.team)):
            raise NotFound
        return place

    async def _mine(self, session: StaffSession, appointment_id: str) -> tuple[Supply, Appointment]:
        with speaking():
            found = await self._calendar.appointments.get(appointment_id)
        supply = await self._calendar.supply.current()
        self._place(session, supply, found.place_id)
        if found.state in (State.held, State.expired):
            # What somebody is only about to book is nobody else's business.
            raise NotFound
        return supply, found

    def _visit(
        self, session: StaffSession, supply: Supply, found: Appointment, *, whole: bool = False
    ) -> Visit:
        language = session.member.ui_language
        return self._viewer.visit(found, supply.places, supply.caseworkers, language, whole=whole)

    async def _looked(self, session: StaffSession, subject: str, details: dict[str, str]) -> None:
        """Into the trail; a page that stays open looks once in a few minutes, not at each poll."""
        key = session.key, f"{subject}:{details}"
        since = self._looks.get(key)
        if since is not None and monotonic() - since <= _LOOK_SECONDS:
            return
        await self._audit.record(session.member.id, "looked_at_day", subject, details)
        self._looks[key] = monotonic()
        self._looks.move_to_end(key)
        while len(self._looks) > _MOST_LOOKS:
            self._looks.popitem(last=False)


def _zone(place: Place) -> ZoneInfo:
    return ZoneInfo(place.zone)
