"""What callers ask for and what they get."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from booking.states import State

HOLD_MINUTES = 10
"""How long a time is kept for somebody who has not confirmed it yet."""


class Kind(StrEnum):
    """How citizen and caseworker meet."""

    in_person = "in_person"
    phone = "phone"
    video = "video"


@dataclass(frozen=True)
class ServiceWish:
    """A service, and how many persons it is for."""

    service: str
    persons: int = 1


@dataclass(frozen=True)
class TimeQuery:
    """Which times would suit. Every moment is aware; what is left out does not matter.

    Wall-clock conditions (``from_time``, ``until_time``, ``weekdays``) are in local time.
    """

    services: tuple[ServiceWish, ...]
    places: tuple[str, ...] = ()
    """Any of these; where several are free at one time, the first named is offered."""
    kind: Kind | None = None
    language: str | None = None
    """What the caseworker must speak; ``dsl`` is Danish sign language."""
    not_before: dt.datetime | None = None
    """The earliest start, inclusive."""
    not_after: dt.datetime | None = None
    """The latest start, inclusive."""
    from_time: dt.time | None = None
    until_time: dt.time | None = None
    """Starts at or after ``from_time`` and before ``until_time``."""
    weekdays: frozenset[int] = frozenset()
    """Monday is 0; empty: any day."""
    after: dt.datetime | None = None
    """Later: the first times that start after this one."""
    before: dt.datetime | None = None
    """Earlier: the last times that start before this one."""
    limit: int = 3


@dataclass(frozen=True)
class AvailableTime:
    """A time at which at least one caseworker is free. Nothing is promised yet."""

    place_id: str
    kind: Kind
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str

    @property
    def local_start(self) -> dt.datetime:
        return local(self.starts_at, self.zone)


@dataclass(frozen=True)
class HoldRequest:
    """A time that somebody is about to confirm."""

    place_id: str
    starts_at: dt.datetime
    services: tuple[ServiceWish, ...]
    language: str | None = None
    conversation_id: str | None = None
    instead_of: str | None = None
    """A hold of the same citizen that is let go in the same transaction."""


@dataclass(frozen=True)
class Contact:
    """Whom to expect and where to reach them."""

    name: str
    channel: str
    address: str


@dataclass(frozen=True)
class Appointment:
    """One visit or call, from the hold to its end."""

    id: str
    reference: str
    """What a citizen can read out on the phone. It gives no access by itself."""
    uid: str
    sequence: int
    """With ``uid``, the identity of the entry in calendars (RFC 5545)."""
    state: State
    place_id: str
    kind: Kind
    caseworker_id: str | None
    """None for a walk-in that nobody has called yet."""
    lane: int | None
    services: tuple[ServiceWish, ...]
    language: str | None
    starts_at: dt.datetime
    """UTC."""
    ends_at: dt.datetime
    zone: str
    name: str | None
    contact_channel: str | None
    contact_address: str | None
    conversation_id: str | None
    share_summary: bool
    """The citizen lets the caseworker read ``summary``."""
    summary: str | None
    walk_in: int | None
    """The number on the slip, counted per place and day."""
    hold_expires_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime

    @property
    def persons(self) -> int:
        """How many come at most: one person may want several services."""
        return max((wish.persons for wish in self.services), default=0)

    @property
    def local_start(self) -> dt.datetime:
        return local(self.starts_at, self.zone)


@dataclass(frozen=True)
class Activity:
    """Something that happened to an appointment. ``details`` never hold personal data."""

    kind: str
    actor: str
    details: dict[str, str | int]
    created_at: dt.datetime


def local(moment: dt.datetime, zone: str) -> dt.datetime:
    """The wall-clock time of a moment."""
    return moment.astimezone(ZoneInfo(zone))
