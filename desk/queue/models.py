"""What the queue is made of. No I/O here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from conversations.handover import Reason

DESK_TOPIC = "desk"
"""What consoles follow: something in the queue has changed. Carries no data, as all wake-ups."""


class Kind(StrEnum):
    """What the citizen waits for."""

    chat = "chat"
    message = "message"
    """An answer later, on the channel of their choice."""


class Outcome(StrEnum):
    """How it ended."""

    solved = "solved"
    referred = "referred"
    """To somebody outside the desk."""
    no_answer = "no_answer"
    """The citizen did not write any more."""
    spam = "spam"
    withdrawn = "withdrawn"
    """By the citizen."""
    merged = "merged"
    """Its conversation became part of another one that has its own."""


STAFF_OUTCOMES = frozenset({Outcome.solved, Outcome.referred, Outcome.no_answer})
"""What a member may give as outcome."""

PRIORITY = {
    Reason.crisis: 3,
    Reason.rule: 2,
    Reason.dissatisfied: 1,
    Reason.asked: 0,
    Reason.failed: 0,
}
"""Higher goes first; among equals whoever has waited longest."""


class PresenceState(StrEnum):
    online = "online"
    away = "away"
    offline = "offline"


class Assignment(StrEnum):
    """How a team's conversations find their member."""

    pick = "pick"
    auto = "auto"


@dataclass(frozen=True)
class Offer:
    """A transfer that waits for the other's answer."""

    to: str
    by: str
    note: str
    at: dt.datetime


@dataclass(frozen=True)
class Entry:
    """One handover, from the request to its end."""

    id: int
    conversation_id: str
    kind: Kind
    reason: Reason
    priority: int
    team: str | None
    """None: no team answers for it, so the common queue has it."""
    language: str
    service: str | None
    channel: str
    queued_at: dt.datetime
    """Its place; kept when it comes back into the queue."""
    assignee: str | None
    claimed_at: dt.datetime | None
    first_answer_at: dt.datetime | None
    snoozed_until: dt.datetime | None
    offer: Offer | None
    read_seq: int
    """Up to which message the assignee has read."""
    message_seq: int | None
    """For a left message: which one it is."""
    answer_channel: str | None
    answer_address: str | None
    """Where the citizen wants the answer; typed by them and not proved to be theirs."""
    closed_at: dt.datetime | None
    outcome: Outcome | None
    rating: int | None
    rating_words: str | None


@dataclass(frozen=True)
class Note:
    """For colleagues only; the citizen never sees it."""

    id: int
    author: str
    text: str
    at: dt.datetime


@dataclass(frozen=True)
class Presence:
    member: str
    state: PresenceState
    heard_at: dt.datetime


@dataclass(frozen=True)
class TeamSettings:
    """How a team works. ``hours`` is kept as JSON; see :mod:`desk.queue.hours`."""

    team: str | None
    assignment: Assignment = Assignment.pick
    hours: dict[str, list[str]] | None = None
    closed: tuple[str, ...] = ()
    """Days on which the team is closed beside the holidays, as ``2026-12-24``."""
