"""The states of a conversation and the only ways between them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Who has the word."""

    bot = "bot"
    queued = "queued"
    assigned = "assigned"
    waiting_citizen = "waiting_citizen"
    resolved = "resolved"


class Event(StrEnum):
    """What can happen to a conversation."""

    citizen_wrote = "citizen_wrote"
    handover_requested = "handover_requested"
    handover_withdrawn = "handover_withdrawn"
    claimed = "claimed"
    returned = "returned"
    staff_wrote = "staff_wrote"
    resolved = "resolved"


class IllegalTransition(Exception):
    """The event is not possible in this state."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"{event} is not possible while {state}")
        self.state = state
        self.event = event


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.bot, Event.citizen_wrote): State.bot,
    (State.bot, Event.handover_requested): State.queued,
    (State.bot, Event.resolved): State.resolved,
    (State.queued, Event.citizen_wrote): State.queued,
    (State.queued, Event.handover_requested): State.queued,
    (State.queued, Event.handover_withdrawn): State.bot,
    (State.queued, Event.claimed): State.assigned,
    (State.queued, Event.resolved): State.resolved,
    (State.assigned, Event.citizen_wrote): State.assigned,
    (State.assigned, Event.staff_wrote): State.waiting_citizen,
    (State.assigned, Event.returned): State.queued,
    (State.assigned, Event.resolved): State.resolved,
    (State.waiting_citizen, Event.citizen_wrote): State.assigned,
    (State.waiting_citizen, Event.staff_wrote): State.waiting_citizen,
    (State.waiting_citizen, Event.returned): State.queued,
    (State.waiting_citizen, Event.resolved): State.resolved,
    (State.resolved, Event.citizen_wrote): State.bot,
    # Somebody takes up again what was ended: back into the queue, and claimed from there.
    (State.resolved, Event.handover_requested): State.queued,
}

GUIDE_MAY_SPEAK = frozenset({State.bot, State.queued})
"""In ``queued`` the guide still helps; what is resolved goes on with the citizen's next word."""
WITH_A_PERSON = frozenset({State.assigned, State.waiting_citizen})
"""Somebody has the conversation: the guide is silent, but for danger."""


def after(state: State, event: Event) -> State:
    """The state that ``event`` leads to. Raises :class:`IllegalTransition`."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(state, event) from None
