"""The JSON of what can be booked, as ``web/desk/booking/contract.ts`` reads it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints

from booking.models import Kind
from booking.supply import (
    Availability,
    Caseworker,
    DayException,
    Place,
    ServiceTime,
    Supply,
    VisitRule,
    WeeklyRule,
    YearlyClosure,
)
from desk.booking.planning import Setup
from desk.booking.schema import Asked, Id, Language, Line
from desk.console.schema import NamedOut, TitledOut

_Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""Local wall-clock time; 00:00 as an end is the end of the day."""


def _clock(time: dt.time) -> str:
    return f"{time:%H:%M}"


class RuleIO(Asked):
    """Hours on one day of the week; a break where ``free`` is false."""

    weekday: int = Field(ge=0, le=6)
    starts: _Clock
    ends: _Clock
    free: bool = True
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None

    def rule(self, place_id: str, caseworker_id: str | None) -> WeeklyRule:
        return WeeklyRule(
            place_id,
            caseworker_id,
            self.weekday,
            dt.time.fromisoformat(self.starts),
            dt.time.fromisoformat(self.ends),
            Availability.available if self.free else Availability.busy_unavailable,
            self.valid_from,
            self.valid_until,
        )

    @classmethod
    def of(cls, rule: WeeklyRule) -> Self:
        return cls(
            weekday=rule.weekday,
            starts=_clock(rule.starts),
            ends=_clock(rule.ends),
            free=rule.availability is Availability.available,
            valid_from=rule.valid_from,
            valid_until=rule.valid_until,
        )


class HoursRequest(Asked):
    rules: Annotated[list[RuleIO], Field(max_length=200)]


class PlaceIO(Asked):
    name: Line
    kind: Kind
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    lead_minutes: int = Field(ge=0, le=60 * 24 * 30)
    horizon_days: int = Field(ge=1, le=365)
    step_minutes: int
    example: bool = False
    active: bool = True
    team: Id | None = None

    def place(self, key: str) -> Place:
        return Place(id=key, **self.model_dump(include=set(PlaceIO.model_fields)))


class NewPlaceRequest(PlaceIO):
    id: Id


class PlaceSetup(PlaceIO):
    id: str
    hours: list[RuleIO]


class CaseworkerIO(Asked):
    name: Line
    services: Annotated[list[Id], Field(max_length=300)]
    languages: Annotated[list[Language], Field(max_length=30)]
    capacity: int = Field(default=1, ge=1, le=20)
    example: bool = False
    active: bool = True

    def caseworker(self, key: str) -> Caseworker:
        return Caseworker(
            id=key,
            name=self.name,
            services=frozenset(self.services),
            languages=frozenset(self.languages),
            capacity=self.capacity,
            example=self.example,
            active=self.active,
        )


class NewCaseworkerRequest(CaseworkerIO):
    id: Id


class WorkplaceOut(BaseModel):
    place: str
    hours: list[RuleIO]


class CaseworkerSetup(CaseworkerIO):
    id: str
    at: list[WorkplaceOut]


class ServiceIO(Asked):
    first_minutes: int = Field(ge=5, le=480)
    more_minutes: int = Field(ge=0, le=480)
    max_persons: int = Field(ge=1, le=50)

    def time(self, service: str) -> ServiceTime:
        return ServiceTime(service, self.first_minutes, self.more_minutes, self.max_persons)


class ServiceSetup(ServiceIO):
    service: TitledOut


class VisitIO(Asked):
    opening_minutes: int = Field(ge=0, le=60)
    max_minutes: int = Field(ge=5, le=480)

    def rule(self) -> VisitRule:
        return VisitRule(self.opening_minutes, self.max_minutes)


class ExceptionIO(Asked):
    """A day with another plan: closed, or open where it would not be."""

    date: dt.date
    open: bool
    place: Id | None = None
    caseworker: Id | None = None
    starts: _Clock | None = None
    ends: _Clock | None = None
    reason: Line = ""

    def exception(self) -> DayException:
        return DayException(
            date=self.date,
            availability=Availability.available if self.open else Availability.busy_unavailable,
            place_id=self.place,
            caseworker_id=self.caseworker,
            starts=dt.time.fromisoformat(self.starts) if self.starts else None,
            ends=dt.time.fromisoformat(self.ends) if self.ends else None,
            reason=self.reason,
        )


class ExceptionSetup(ExceptionIO):
    number: int

    @classmethod
    def of(cls, number: int, exception: DayException) -> Self:
        return cls(
            number=number,
            date=exception.date,
            open=exception.availability is Availability.available,
            place=exception.place_id,
            caseworker=exception.caseworker_id,
            starts=_clock(exception.starts) if exception.starts is not None else None,
            ends=_clock(exception.ends) if exception.ends is not None else None,
            reason=exception.reason,
        )


class ClosureIO(Asked):
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    name: Annotated[Line, StringConstraints(min_length=1)]
    example: bool = False

    def closure(self) -> YearlyClosure:
        return YearlyClosure(self.month, self.day, self.name, self.example)


class HolidayOut(BaseModel):
    date: dt.date
    name: str


class KnownPlaceOut(BaseModel):
    id: str
    name: str
    address: str
    verified: bool


class SetupResponse(BaseModel):
    places: list[PlaceSetup]
    caseworkers: list[CaseworkerSetup]
    services: list[ServiceSetup]
    visit: VisitIO
    exceptions: list[ExceptionSetup]
    closures: list[ClosureIO]
    holidays: list[HolidayOut]
    known_places: list[KnownPlaceOut]
    known_services: list[TitledOut]
    teams: list[NamedOut]
    stranded: int

    @classmethod
    def of(cls, setup: Setup) -> Self:
        supply = setup.supply
        return cls(
            places=[_place(supply, place) for place in supply.places.values()],
            caseworkers=[_caseworker(supply, item) for item in supply.caseworkers.values()],
            services=sorted(
                (
                    ServiceSetup(
                        service=TitledOut(id=item.service, title=setup.titles[item.service]),
                        first_minutes=item.first_minutes,
                        more_minutes=item.more_minutes,
                        max_persons=item.max_persons,
                    )
                    for item in supply.services.values()
                ),
                key=lambda item: item.service.title,
            ),
            visit=VisitIO(
                opening_minutes=supply.visit.opening_minutes, max_minutes=supply.visit.max_minutes
            ),
            exceptions=[ExceptionSetup.of(*item) for item in setup.exceptions],
            closures=[
                ClosureIO(month=item.month, day=item.day, name=item.name, example=item.example)
                for item in sorted(supply.closures, key=lambda item: (item.month, item.day))
            ],
            holidays=[HolidayOut(date=date, name=name) for date, name in setup.holidays],
            known_places=[
                KnownPlaceOut.model_validate(item, from_attributes=True) for item in setup.places
            ],
            known_services=[TitledOut.model_validate(item) for item in setup.services],
            teams=[NamedOut(id=item.id, name=item.name) for item in setup.teams],
            stranded=setup.stranded,
        )


class ChangedResponse(BaseModel):
    stranded: int
    """How many appointments lie outside everybody's hours now."""


def _hours(supply: Supply, place_id: str, caseworker_id: str | None) -> list[RuleIO]:
    return [RuleIO.of(rule) for rule in supply.rules_of.get((place_id, caseworker_id), ())]


def _place(supply: Supply, place: Place) -> PlaceSetup:
    fields = {name: getattr(place, name) for name in PlaceIO.model_fields}
    return PlaceSetup(id=place.id, hours=_hours(supply, place.id, None), **fields)


def _caseworker(supply: Supply, person: Caseworker) -> CaseworkerSetup:
    return CaseworkerSetup(
        id=person.id,
        name=person.name,
        services=sorted(person.services),
        languages=sorted(person.languages),
        capacity=person.capacity,
        example=person.example,
        active=person.active,
        at=[
            WorkplaceOut(place=place_id, hours=hours)
            for place_id in supply.workplaces.get(person.id, ())
            if (hours := _hours(supply, place_id, person.id))
        ],
    )
