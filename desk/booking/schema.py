"""The JSON of the day's work, as ``web/desk/booking/contract.ts`` reads it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from booking.models import AvailableTime, Kind, ServiceWish
from booking.states import State
from booking.supply import Caseworker, Place
from desk.booking.view import DayAtPlace, History, Visit
from desk.console.messages import label_of
from desk.console.schema import NamedOut, TitledOut

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]*$")]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=120, pattern=r"^[^\x00-\x1f]*$")
]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class Asked(BaseModel):
    """A request: nothing in it that we do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WishIn(Asked):
    service: Id
    persons: int = Field(default=1, ge=1, le=50)


class TicketRequest(Asked):
    services: Annotated[list[WishIn], Field(max_length=10)]
    language: Language | None = None
    name: Line = ""

    def wishes(self) -> tuple[ServiceWish, ...]:
        return tuple(ServiceWish(item.service, item.persons) for item in self.services)


class NextRequest(Asked):
    caseworker: Id


class StepRequest(Asked):
    caseworker: Id | None = None


class MoveRequest(Asked):
    at: AwareDatetime
    place: Id | None = None


class ErrandOut(BaseModel):
    service: TitledOut
    persons: int


class ContactOut(BaseModel):
    channel: str
    label: str
    """As people know it; empty for an address that only a provider understands."""


class VisitOut(BaseModel):
    id: str
    reference: str
    state: State
    at: dt.datetime
    ends_at: dt.datetime
    zone: str
    place: NamedOut
    kind: Kind
    caseworker: NamedOut | None
    errands: list[ErrandOut]
    language: str | None
    name: str | None
    contact: ContactOut | None
    walk_in: int | None
    shares: bool
    """There is a summary that the caseworker may read."""
    conversation: str | None
    can: list[str]

    @classmethod
    def of(cls, visit: Visit) -> Self:
        made = visit.appointment
        return cls(
            id=made.id,
            reference=made.reference,
            state=made.state,
            at=made.starts_at,
            ends_at=made.ends_at,
            zone=made.zone,
            place=NamedOut.model_validate(visit.place),
            kind=made.kind,
            caseworker=NamedOut.model_validate(visit.caseworker) if visit.caseworker else None,
            errands=[
                ErrandOut(service=TitledOut.model_validate(item.service), persons=item.persons)
                for item in visit.errands
            ],
            language=made.language,
            name=made.name,
            contact=ContactOut(
                channel=made.contact_channel, label=label_of(made.contact_address) or ""
            )
            if made.contact_channel is not None
            else None,
            walk_in=made.walk_in,
            shares=made.share_summary and made.summary is not None,
            conversation=made.conversation_id,
            can=visit.can,
        )


class TrailOut(BaseModel):
    kind: str
    actor: str
    at: dt.datetime


class HistoryResponse(BaseModel):
    visit: VisitOut
    summary: str | None
    trail: list[TrailOut]

    @classmethod
    def of(cls, history: History) -> Self:
        return cls(
            visit=VisitOut.of(history.visit),
            summary=history.visit.summary,
            trail=[
                TrailOut(kind=item.kind, actor=item.actor, at=item.created_at)
                for item in history.trail
            ],
        )


class PlaceOut(BaseModel):
    id: str
    name: str
    kind: Kind
    address: str
    example: bool
    active: bool

    @classmethod
    def of(cls, place: Place) -> Self:
        return cls.model_validate(place, from_attributes=True)


class PlacesResponse(BaseModel):
    items: list[PlaceOut]
    zone: str
    today: dt.date


class StaffOut(BaseModel):
    id: str
    name: str
    services: list[TitledOut]
    languages: list[str]

    @classmethod
    def of(cls, person: Caseworker, titles: dict[str, str]) -> Self:
        return cls(
            id=person.id,
            name=person.name,
            services=[
                TitledOut(id=item, title=titles.get(item, item)) for item in sorted(person.services)
            ],
            languages=sorted(person.languages),
        )


class DayResponse(BaseModel):
    place: PlaceOut
    date: dt.date
    today: bool
    visits: list[VisitOut]
    staff: list[StaffOut]

    @classmethod
    def of(cls, day: DayAtPlace, titles: dict[str, str]) -> Self:
        return cls(
            place=PlaceOut.of(day.place),
            date=day.date,
            today=day.today,
            visits=[VisitOut.of(visit) for visit in day.visits],
            staff=[StaffOut.of(person, titles) for person in day.staff],
        )


class VisitsResponse(BaseModel):
    items: list[VisitOut]


class NextResponse(BaseModel):
    visit: VisitOut | None


class TimeOut(BaseModel):
    at: dt.datetime
    place: str

    @classmethod
    def of(cls, time: AvailableTime) -> Self:
        return cls(at=time.starts_at, place=time.place_id)


class TimesResponse(BaseModel):
    items: list[TimeOut]
