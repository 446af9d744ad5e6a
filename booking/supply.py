"""Who works where and when: the supply, read at one moment and never changed.

The words are those of RFC 7953: the weekly rules say when somebody is AVAILABLE, and breaks and
exceptions when they are BUSY-UNAVAILABLE. Appointments are BUSY, and holds BUSY-TENTATIVE.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from booking.models import Kind

COPENHAGEN = "Europe/Copenhagen"


class Availability(StrEnum):
    """Whether a rule gives time or takes it away."""

    available = "AVAILABLE"
    busy_unavailable = "BUSY-UNAVAILABLE"


@dataclass(frozen=True)
class Place:
    """Where visits happen. The telephone and video are places, too."""

    id: str
    name: str
    kind: Kind
    address: str = ""
    zone: str = COPENHAGEN
    lead_minutes: int = 60
    """No appointment starts sooner than this from now."""
    horizon_days: int = 90
    """No appointment lies further ahead than this."""
    step_minutes: int = 15
    """Times offered begin at multiples of this past local midnight."""
    example: bool = False
    """Made-up hours: nobody has verified them."""
    active: bool = True
    """Retired places stay, because appointments name them, and are offered no more."""
    team: str | None = None
    """The team of the desk that answers for it; None: no particular one."""


@dataclass(frozen=True)
class Caseworker:
    """Somebody who sees citizens."""

    id: str
    name: str
    services: frozenset[str]
    languages: frozenset[str]
    capacity: int = 1
    """How many appointments at once."""
    example: bool = False
    active: bool = True
    """As a place's."""


@dataclass(frozen=True)
class WeeklyRule:
    """Hours on one day of the week, in local wall-clock time."""

    place_id: str
    caseworker_id: str | None
    """None: the place's own opening hours."""
    weekday: int
    """Monday is 0."""
    starts: dt.time
    ends: dt.time
    """00:00 means the end of the day."""
    availability: Availability = Availability.available
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    """Inclusive."""

    def applies(self, day: dt.date) -> bool:
        return (
            self.weekday == day.weekday()
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )


@dataclass(frozen=True)
class DayException:
    """One day on which the plan is another, for a place or for a caseworker."""

    date: dt.date
    availability: Availability
    place_id: str | None = None
    caseworker_id: str | None = None
    """With a place: the caseworker's hours there. Alone: wherever they work."""
    starts: dt.time | None = None
    ends: dt.time | None = None
    """None: the whole day."""
    reason: str = ""
    """For the staff."""


@dataclass(frozen=True)
class YearlyClosure:
    """A day of every year on which no place is open, though it is no public holiday."""

    month: int
    day: int
    name: str
    example: bool = False


@dataclass(frozen=True)
class ServiceTime:
    """How long a service takes: minutes for the first person and for each one more."""

    service: str
    first_minutes: int
    more_minutes: int
    max_persons: int = 8


@dataclass(frozen=True)
class VisitRule:
    """What every visit takes, whatever is done in it."""

    opening_minutes: int = 5
    """Once per visit: welcome, who is who."""
    max_minutes: int = 120


@dataclass(frozen=True)
class Supply:
    """Everything that decides which times can be offered, before anybody has booked."""

    places: dict[str, Place] = field(default_factory=dict)
    caseworkers: dict[str, Caseworker] = field(default_factory=dict)
    services: dict[str, ServiceTime] = field(default_factory=dict)
    rules: tuple[WeeklyRule, ...] = ()
    exceptions: tuple[DayException, ...] = ()
    closures: tuple[YearlyClosure, ...] = ()
    visit: VisitRule = VisitRule()

    @cached_property
    def rules_of(self) -> dict[tuple[str, str | None], list[WeeklyRule]]:
        """By place and caseworker; None for the place itself."""
        found: dict[tuple[str, str | None], list[WeeklyRule]] = defaultdict(list)
        for rule in self.rules:
            found[rule.place_id, rule.caseworker_id].append(rule)
        return dict(found)

    @cached_property
    def exceptions_on(self) -> dict[dt.date, list[DayException]]:
        found: dict[dt.date, list[DayException]] = defaultdict(list)
        for exception in self.exceptions:
            found[exception.date].append(exception)
        return dict(found)

    @cached_property
    def workplaces(self) -> dict[str, tuple[str, ...]]:
        """Where each caseworker has hours at all."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for rule in self.rules:
            if rule.caseworker_id is not None:
                found[rule.caseworker_id][rule.place_id] = None
        for exception in self.exceptions:
            if exception.caseworker_id is not None and exception.place_id is not None:
                found[exception.caseworker_id][exception.place_id] = None
        return {caseworker: tuple(places) for caseworker, places in found.items()}

    def closure(self, day: dt.date) -> YearlyClosure | None:
        for closure in self.closures:
            if (closure.month, closure.day) == (day.month, day.day):
                return closure
        return None


def on_grid(times: Iterable[dt.time | None], minutes: int) -> bool:
    """Whether all these wall-clock times lie on a grid of ``minutes``."""
    return all(
        time is None or (time.minute % minutes == 0 and not time.second and not time.microsecond)
        for time in times
    )
