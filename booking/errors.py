"""What can go wrong with a booking, and the reply that says so.

BookingError
├── NotFound
├── Taken
├── HoldExpired
├── Unbookable          the wish itself cannot be met, whatever is booked
│   ├── InThePast
│   ├── TooSoon
│   ├── TooFar
│   ├── Closed
│   ├── OffGrid
│   ├── NotOffered
│   └── TooMany
├── IllegalTransition
└── LinkError
    ├── LinkTampered
    ├── LinkExpired
    ├── LinkForeign
    ├── LinkStolen
    ├── LinkReplayed
    └── LinkStale

Each carries ``reply``, a key, and ``values`` for the sentence. The words are said elsewhere.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

from booking.states import Event, State

Value = str | int


class BookingError(Exception):
    """The base of the tree."""

    reply: ClassVar[str]

    def __init__(self, **values: Value) -> None:
        super().__init__(
            f"{self.reply} {' '.join(f'{name}={value}' for name, value in values.items())}".strip()
        )
        self.values: dict[str, Value] = values


class NotFound(BookingError):
    """There is no such appointment, or it is somebody else's."""

    reply = "booking.not_found"


class Taken(BookingError):
    """Somebody was faster. The caller asks for the next times."""

    reply = "booking.taken"

    def __init__(self, place: str, starts_at: dt.datetime) -> None:
        super().__init__(place=place, starts_at=starts_at.isoformat())


class HoldExpired(BookingError):
    """The time was held too long ago."""

    reply = "booking.hold_expired"

    def __init__(self, minutes: int) -> None:
        super().__init__(minutes=minutes)


class Unbookable(BookingError):
    """The wish itself cannot be met, whatever is booked."""


class InThePast(Unbookable):
    reply = "booking.in_the_past"


class TooSoon(Unbookable):
    """Nearer than the place takes appointments; or, at the desk, before its time."""

    reply = "booking.too_soon"

    def __init__(self, minutes: int) -> None:
        super().__init__(minutes=minutes)


class TooFar(Unbookable):
    """Further ahead than the place takes appointments. ``last`` is the last day that it does."""

    reply = "booking.too_far"

    def __init__(self, days: int, last: dt.date) -> None:
        super().__init__(days=days, last=last.isoformat())


ClosedReason = Literal["holiday", "closure", "exception", "weekday", "hours"]
"""A public holiday; a yearly closing day of the city; a day or hours taken out of the plan; a day
of the week without hours; outside the hours of the day."""


class Closed(Unbookable):
    """Nobody works then. ``name`` names the holiday or the closing day in Danish, or is empty."""

    reply = "booking.closed"

    def __init__(self, day: dt.date, reason: ClosedReason, name: str = "") -> None:
        super().__init__(date=day.isoformat(), reason=reason, name=name)


class OffGrid(Unbookable):
    """The start does not lie on the five-minute grid. ``minutes`` is its width."""

    reply = "booking.off_grid"

    def __init__(self, minutes: int) -> None:
        super().__init__(minutes=minutes)


class NotOffered(Unbookable):
    """Nobody does this there. ``what`` tells which part of the wish cannot be met."""

    reply = "booking.not_offered"

    def __init__(self, what: Literal["place", "kind", "service", "language"], name: str) -> None:
        super().__init__(what=what, name=name)


class TooMany(Unbookable):
    """More people, or more in one visit, than is possible.

    ``limit`` counts persons or minutes, as ``unit`` says.
    """

    reply = "booking.too_many"

    def __init__(self, limit: int, unit: Literal["persons", "minutes"]) -> None:
        super().__init__(limit=limit, unit=unit)


class IllegalTransition(BookingError):
    """The event is not possible in this state."""

    reply = "booking.illegal_transition"

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(state=state.value, event=event.value)
        self.state = state
        self.event = event


class LinkError(BookingError):
    """A link that does not open anything."""


class LinkTampered(LinkError):
    """Not signed by us: changed on its way, cut short, or made with another key."""

    reply = "booking.link_tampered"


class LinkExpired(LinkError):
    reply = "booking.link_expired"


class LinkForeign(LinkError):
    """Ours, but for another purpose or another appointment."""

    reply = "booking.link_foreign"


class LinkStolen(LinkError):
    """Ours, but made for somebody else."""

    reply = "booking.link_stolen"


class LinkReplayed(LinkError):
    """It has done its work already."""

    reply = "booking.link_replayed"


class LinkStale(LinkError):
    """The appointment has changed since the link was made; a newer one was sent."""

    reply = "booking.link_stale"
