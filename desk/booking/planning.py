"""What can be booked, as staff set it up.

The right is asked here, as everything that can be wrong with a plan. Every change is written into
the audit trail, and answers with how many appointments now lie outside everybody's hours.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from booking.danish_days import holiday_names
from booking.grains import DAY_MINUTES, MINUTES, minutes_of
from booking.supply import (
    Caseworker,
    DayException,
    Place,
    ServiceTime,
    Supply,
    VisitRule,
    WeeklyRule,
    YearlyClosure,
    on_grid,
)
from desk.accounts.models import Team
from desk.accounts.sessions import StaffSession
from desk.booking.counter import Calendar
from desk.booking.errors import speaking
from desk.console.lines import Titled, titled
from desk.errors import NotFound, Refused, UnknownTeam
from desk.rights import Action, Subject
from knowledge.catalogue import Catalogue
from knowledge.schema import State as FactState

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_HOLIDAYS_AHEAD = 400
_LEAP_YEAR = 2028
What = Literal["place", "caseworker"]
Record = Callable[[str, str, str], Awaitable[None]]
"""Member, what they did, to what: into the audit trail."""


@dataclass(frozen=True)
class KnownPlace:
    """A place of the knowledge base, whose name and address need not be typed."""

    id: str
    name: str
    address: str
    verified: bool
    """Its opening hours are; otherwise what is booked by them is an example."""


@dataclass(frozen=True)
class Setup:
    """All that can be booked, and what there is to choose from."""

    supply: Supply
    titles: dict[str, str]
    """Of the services, in the member's language."""
    exceptions: list[tuple[int, DayException]]
    holidays: list[tuple[dt.date, str]]
    places: list[KnownPlace]
    services: list[Titled]
    """Those of the knowledge base that cannot be booked yet."""
    teams: list[Team]
    stranded: int


class Planning:
    """Reads and changes the supply, for members who may."""

    def __init__(
        self,
        calendar: Calendar,
        catalogue: Callable[[], Catalogue],
        teams: Callable[[], Awaitable[list[Team]]],
        record: Record,
    ) -> None:
        self._calendar = calendar
        self._catalogue = catalogue
        self._teams = teams
        self._record = record

    async def read(self, session: StaffSession) -> Setup:
        """Everything, in the member's language."""
        self._may(session)
        catalogue, language = self._catalogue(), session.member.ui_language
        today = self._calendar.clock().date()
        supply = await self._calendar.supply.current()
        days = (today + dt.timedelta(days=offset) for offset in range(_HOLIDAYS_AHEAD))
        services = [
            found
            for item in catalogue.services
            if (found := titled(catalogue, item, language)) is not None
        ]
        titles = {item.id: item.title for item in services}
        return Setup(
            supply=supply,
            titles={item: titles.get(item, item) for item in supply.services},
            exceptions=await self._calendar.supply.exceptions(today),
            holidays=[
                (day, names.get(language) or names["da"])
                for day in days
                if (names := holiday_names(day))
            ],
            places=[
                KnownPlace(
                    item.id,
                    item.name,
                    f"{item.street}, {item.postal_code} {item.city}",
                    item.state is FactState.verified,
                )
                for item in catalogue.places.values()
                if item.id not in supply.places
            ],
            services=sorted(
                (item for item in services if item.id not in supply.services),
                key=lambda item: item.title,
            ),
            teams=await self._teams(),
            stranded=await self._stranded(),
        )

    # --- places

    async def save_place(self, session: StaffSession, place: Place, *, new: bool) -> int:
        """Raises :class:`Refused` for what cannot be."""
        supply = await self._changing(session)
        _identifier(place.id, supply.places, "place", new=new)
        if not place.name.strip():
            raise Refused("name_invalid")
        if place.step_minutes % MINUTES or not MINUTES <= place.step_minutes <= DAY_MINUTES:
            raise Refused("visit_off_grid", minutes=MINUTES)
        if place.team is not None and place.team not in {t.id for t in await self._teams()}:
            raise UnknownTeam(place.team)
        await self._calendar.supply.put(places=[place])
        return await self._noted(session, "place_saved", f"place:{place.id}")

    async def save_hours(
        self,
        session: StaffSession,
        place_id: str,
        caseworker_id: str | None,
        rules: Iterable[WeeklyRule],
    ) -> int:
        """The weekly hours and breaks of a place, or of somebody there, instead of all before."""
        supply = await self._changing(session)
        if place_id not in supply.places:
            raise NotFound
        if caseworker_id is not None and caseworker_id not in supply.caseworkers:
            raise NotFound
        listed = list(rules)
        for rule in listed:
            _hours(rule.starts, rule.ends)
            if rule.valid_from and rule.valid_until and rule.valid_from > rule.valid_until:
                raise Refused("visit_period_order")
        await self._calendar.supply.set_hours(place_id, caseworker_id, listed)
        about = f"place:{place_id}" if caseworker_id is None else f"caseworker:{caseworker_id}"
        return await self._noted(session, "hours_saved", about)

    # --- caseworkers

    async def save_caseworker(self, session: StaffSession, person: Caseworker, *, new: bool) -> int:
        supply = await self._changing(session)
        _identifier(person.id, supply.caseworkers, "caseworker", new=new)
        if not person.name.strip():
            raise Refused("name_invalid")
        if person.services - supply.services.keys():
            raise Refused("visit_not_offered_service")
        if not person.languages or not all(map(_LANGUAGE.fullmatch, person.languages)):
            raise Refused("visit_languages")
        await self._calendar.supply.put(caseworkers=[person])
        return await self._noted(session, "caseworker_saved", f"caseworker:{person.id}")

    # --- services

    async def save_service(self, session: StaffSession, service: ServiceTime) -> int:
        """How long it takes; from then on it can be booked."""
        await self._changing(session)
        if service.service not in self._catalogue().services:
            raise Refused("visit_unknown_service")
        await self._calendar.supply.put(services=[service])
        return await self._noted(session, "service_saved", f"service:{service.service}")

    async def drop_service(self, session: StaffSession, service: str) -> int:
        """It cannot be booked any more. Raises :class:`NotFound`."""
        await self._changing(session)
        with speaking():
            await self._calendar.supply.remove_service(service)
        return await self._noted(session, "service_removed", f"service:{service}")

    async def save_visit(self, session: StaffSession, rule: VisitRule) -> int:
        await self._changing(session)
        await self._calendar.supply.put(visit=rule)
        return await self._noted(session, "visit_rule_saved", "visit")

    # --- days

    async def add_exception(self, session: StaffSession, exception: DayException) -> int:
        """A day with another plan, for a place, for somebody, or for all."""
        supply = await self._changing(session)
        if exception.date < self._calendar.clock().date():
            raise Refused("in_the_past")
        if exception.place_id is not None and exception.place_id not in supply.places:
            raise NotFound
        if exception.caseworker_id not in (None, *supply.caseworkers):
            raise NotFound
        if (exception.starts is None) != (exception.ends is None):
            raise Refused("visit_hours_half")
        if exception.starts is not None and exception.ends is not None:
            _hours(exception.starts, exception.ends)
        number = await self._calendar.supply.add_exception(exception)
        return await self._noted(session, "exception_added", f"exception:{number}")

    async def drop_exception(self, session: StaffSession, number: int) -> int:
        """Raises :class:`NotFound`."""
        await self._changing(session)
        with speaking():
            await self._calendar.supply.remove_exception(number)
        return await self._noted(session, "exception_removed", f"exception:{number}")

    async def save_closure(self, session: StaffSession, closure: YearlyClosure) -> int:
        """A day of every year."""
        await self._changing(session)
        try:
            dt.date(_LEAP_YEAR, closure.month, closure.day)
        except ValueError:
            raise Refused("visit_no_such_date") from None
        await self._calendar.supply.put(closures=[closure])
        return await self._noted(session, "closure_saved", f"day:{closure.month}-{closure.day}")

    async def drop_closure(self, session: StaffSession, month: int, day: int) -> int:
        """Raises :class:`NotFound`."""
        await self._changing(session)
        with speaking():
            await self._calendar.supply.remove_closure(month, day)
        return await self._noted(session, "closure_removed", f"day:{month}-{day}")

    # --- what they have in common

    @staticmethod
    def _may(session: StaffSession) -> None:
        session.rights.require(Action.manage_supply, Subject())

    async def _changing(self, session: StaffSession) -> Supply:
        self._may(session)
        return await self._calendar.supply.current()

    async def _noted(self, session: StaffSession, action: str, subject: str) -> int:
        await self._record(session.member.id, f"booking_{action}", subject)
        return await self._stranded()

    async def _stranded(self) -> int:
        return len(await self._calendar.appointments.stranded())


def _identifier(key: str, known: Iterable[str], what: What, *, new: bool) -> None:
    if new and _ID.fullmatch(key) is None:
        raise Refused("visit_id_invalid")
    if new and key in known:
        raise Refused("visit_place_taken" if what == "place" else "visit_caseworker_taken")
    if not new and key not in known:
        raise NotFound


def _hours(starts: dt.time, ends: dt.time) -> None:
    """Raises :class:`Refused`. Midnight as an end is the end of the day."""
    if not on_grid((starts, ends), MINUTES):
        raise Refused("visit_off_grid", minutes=MINUTES)
    if (minutes_of(ends) or DAY_MINUTES) <= minutes_of(starts):
        raise Refused("visit_hours_order")
