"""Which times would suit somebody, and what else may be said about times."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Move(StrEnum):
    """What somebody wants who has been offered some times."""

    earlier = "earlier"
    later = "later"
    other_day = "other_day"


class Problem(StrEnum):
    """Why a date cannot be meant."""

    in_the_past = "booking.in_the_past"
    no_such_date = "booking.no_such_date"


@dataclass(frozen=True)
class Wish:
    """Which times would suit. None: it does not matter. ``last`` is inclusive."""

    first: dt.date | None = None
    last: dt.date | None = None
    weekdays: frozenset[int] = frozenset()
    from_time: dt.time | None = None
    until_time: dt.time | None = None

    @property
    def day(self) -> dt.date | None:
        """The one day that is meant, if it is one."""
        return self.first if self.first == self.last else None

    def amended(self, later: Wish) -> Wish:
        """What somebody means who first said this and then that: days and hours stand apart."""
        days = later.first or later.last or later.weekdays
        hours = later.from_time or later.until_time
        return Wish(
            later.first if days else self.first,
            later.last if days else self.last,
            later.weekdays if days else self.weekdays,
            later.from_time if hours else self.from_time,
            later.until_time if hours else self.until_time,
        )


@dataclass(frozen=True)
class Said:
    """What was understood. All None: nothing about time."""

    wish: Wish | None = None
    move: Move | None = None
    problem: Problem | None = None

    def __bool__(self) -> bool:
        return self != Said()
