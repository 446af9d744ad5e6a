"""Appointments as the desk shows them: with names for ids, and with what can be done now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from booking.models import Activity, Appointment
from booking.states import TRANSITIONS, Event, State
from booking.supply import Caseworker, Place
from desk.console.lines import Named, Titled, titled
from knowledge.catalogue import Catalogue

STEPS = {
    "arrive": Event.arrived,
    "call": Event.called,
    "begin": Event.began,
    "return": Event.returned,
    "done": Event.done,
    "no-show": Event.no_show,
}
"""What is done at the counter, as addresses name it."""
MOVE, CANCEL = "move", "cancel"


@dataclass(frozen=True)
class Errand:
    """One of the services that somebody comes for."""

    service: Titled
    persons: int


@dataclass(frozen=True)
class Visit:
    """One appointment, or one number of the day."""

    appointment: Appointment
    place: Named
    caseworker: Named | None
    errands: list[Errand]
    can: list[str]
    """What can be done with it now: keys of :data:`STEPS`, :data:`MOVE`, :data:`CANCEL`."""
    summary: str | None
    """What the citizen lets the caseworker read; only where it was asked for."""


@dataclass(frozen=True)
class History:
    """A visit with what has happened to it; actors by name where they are members."""

    visit: Visit
    trail: list[Activity]


@dataclass(frozen=True)
class DayAtPlace:
    """What a place has before it on one day."""

    place: Place
    date: dt.date
    today: bool
    visits: list[Visit]
    staff: list[Caseworker]
    """Who has hours there."""


def possible(appointment: Appointment, moment: dt.datetime) -> list[str]:
    """What can be done with an appointment at this moment."""
    state, begun = appointment.state, appointment.starts_at <= moment
    steps = [
        name
        for name, event in STEPS.items()
        if (state, event) in TRANSITIONS
        and (event is not Event.no_show or begun)
        and is_near(appointment, moment)
    ]
    if state is State.booked and not begun:
        steps.append(MOVE)
    if (state, Event.cancelled) in TRANSITIONS and not (state is State.booked and begun):
        steps.append(CANCEL)
    return steps


def is_near(appointment: Appointment, moment: dt.datetime) -> bool:
    """Whether its day has come: nobody arrives today for tomorrow."""
    here = moment.astimezone(appointment.local_start.tzinfo)
    return appointment.local_start.date() <= here.date()


class Viewer:
    """Puts names to ids, in a member's language."""

    def __init__(self, catalogue: Callable[[], Catalogue], clock: Callable[[], dt.datetime]):
        self._catalogue = catalogue
        self._clock = clock

    def visit(
        self,
        appointment: Appointment,
        places: dict[str, Place],
        people: dict[str, Caseworker],
        language: str,
        *,
        whole: bool = False,
    ) -> Visit:
        """``whole``: with the summary, if it may be shared."""
        catalogue = self._catalogue()
        place = places.get(appointment.place_id)
        person = people.get(appointment.caseworker_id or "")
        errands = [
            Errand(found, wish.persons)
            for wish in appointment.services
            if (found := titled(catalogue, wish.service, language)) is not None
        ]
        return Visit(
            appointment=appointment,
            place=Named(appointment.place_id, place.name if place else appointment.place_id),
            caseworker=Named(person.id, person.name) if person is not None else None,
            errands=errands,
            can=possible(appointment, self._clock()),
            summary=appointment.summary if whole and appointment.share_summary else None,
        )
