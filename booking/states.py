"""The states of an appointment and the only ways between them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where an appointment stands."""

    held = "held"
    """Offered to somebody for a few minutes."""
    booked = "booked"
    arrived = "arrived"
    """In the waiting room. A walk-in begins here."""
    called = "called"
    in_service = "in_service"
    """They sit with the caseworker."""
    done = "done"
    no_show = "no_show"
    cancelled = "cancelled"
    expired = "expired"
    """A hold that came to nothing: lapsed, let go, or its time given to a rescheduled one."""


class Event(StrEnum):
    """What can happen to an appointment."""

    confirmed = "confirmed"
    expired = "expired"
    released = "released"
    spent = "spent"
    """The hold's time went to an appointment that was rescheduled to it."""
    rescheduled = "rescheduled"
    cancelled = "cancelled"
    arrived = "arrived"
    called = "called"
    began = "began"
    """Who was called has come to the caseworker."""
    returned = "returned"
    """Called by mistake: back to the waiting room."""
    done = "done"
    no_show = "no_show"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.held, Event.confirmed): State.booked,
    (State.held, Event.expired): State.expired,
    (State.held, Event.released): State.expired,
    (State.held, Event.spent): State.expired,
    (State.booked, Event.rescheduled): State.booked,
    (State.booked, Event.cancelled): State.cancelled,
    (State.booked, Event.arrived): State.arrived,
    (State.booked, Event.called): State.called,
    (State.booked, Event.no_show): State.no_show,
    (State.arrived, Event.called): State.called,
    (State.arrived, Event.cancelled): State.cancelled,
    (State.arrived, Event.no_show): State.no_show,
    (State.called, Event.began): State.in_service,
    (State.called, Event.returned): State.arrived,
    (State.called, Event.done): State.done,
    (State.called, Event.no_show): State.no_show,
    (State.in_service, Event.done): State.done,
}

LIVE = frozenset({State.held, State.booked, State.arrived, State.called, State.in_service})
"""An appointment occupies its time in these states and in no other."""
