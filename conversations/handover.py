"""Handing a conversation to a person: what the guide asks of a desk, if there is one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Conversation, Message, Reply
from conversations.store.tables import ConversationRow

HUMAN = "human"
"""The choice of talking to a person."""
RATINGS = (1, 2, 3, 4, 5)
CHOICES = frozenset(
    {
        "withdraw",
        "leave",
        "leave:send",
        "leave:cancel",
        "answer:here",
        "answer:phone",
        "answer:email",
        "book",
        "call",
        "rate:words",
        *(f"rate:{stars}" for stars in RATINGS),
    }
)
"""The codes that only the step ``HandOver`` understands; the dialogue never sees them."""


class Reason(StrEnum):
    """Why a person is needed."""

    asked = "asked"
    failed = "failed"
    """The guide did not understand twice in a row."""
    crisis = "crisis"
    dissatisfied = "dissatisfied"
    rule = "rule"
    """The service says that a person helps best."""


@dataclass(frozen=True)
class Case:
    """What is handed over, as far as it is known while the guide works on ``message``."""

    conversation: Conversation
    message: Message
    language: str
    service: str | None


Effect = Callable[[AsyncSession, ConversationRow], Awaitable[None]]
"""Runs in the transaction that stores the replies, with the conversation locked.

What it finds there may have changed since the plan was made: it looks again and never assumes.
"""


@dataclass(frozen=True)
class Plan:
    """What to tell the citizen, and what has to happen together with it."""

    replies: tuple[Reply, ...] = ()
    effect: Effect | None = None


class Step(StrEnum):
    """What the citizen was last asked for."""

    message = "message"
    where = "where"
    phone = "phone"
    email = "email"
    confirm = "confirm"
    comment = "comment"
    """Words to go with a rating."""


@dataclass(frozen=True)
class Draft:
    """A message to staff that is not finished yet. The words stay where they are: in ``seq``."""

    step: Step
    seq: int | None = None
    """The number of the citizen's message that is to be passed on."""
    channel: str | None = None
    """Where to answer; None: where the citizen writes from."""
    address: str | None = None


class Handover(Protocol):
    """The desk, as the guide sees it. ``None`` means: not possible, the guide goes on alone."""

    async def request(self, case: Case, reason: Reason) -> Plan | None:
        """A person is needed. Also for who is waiting already, or has a person already."""

    async def withdraw(self, case: Case) -> Plan | None:
        """The citizen wants no person any more."""

    async def draft(self, conversation_id: str) -> Draft | None:
        """What the citizen is in the middle of leaving, unless that was long ago."""

    def keep(self, draft: Draft | None) -> Effect:
        """Remember how far the citizen has come; with None, forget it."""

    async def leave(self, case: Case, draft: Draft) -> Plan | None:
        """Pass a finished message on."""

    async def rate(self, case: Case, stars: int) -> Plan | None:
        """How content the citizen is with the person, from 1 to 5."""

    async def comment(self, case: Case) -> Plan | None:
        """The citizen's message is the words that go with the rating."""


class NoDesk:
    """Nobody is there to take over: the guide says whom to call, as it always has."""

    async def request(self, case: Case, reason: Reason) -> Plan | None:  # noqa: ARG002
        return None

    async def withdraw(self, case: Case) -> Plan | None:  # noqa: ARG002
        return None

    async def draft(self, conversation_id: str) -> Draft | None:  # noqa: ARG002
        return None

    def keep(self, draft: Draft | None) -> Effect:  # noqa: ARG002
        async def nothing(session: AsyncSession, conversation: ConversationRow) -> None:
            """There is nowhere to keep it."""

        return nothing

    async def leave(self, case: Case, draft: Draft) -> Plan | None:  # noqa: ARG002
        return None

    async def rate(self, case: Case, stars: int) -> Plan | None:  # noqa: ARG002
        return None

    async def comment(self, case: Case) -> Plan | None:  # noqa: ARG002
        return None


def both(first: Effect | None, second: Effect | None) -> Effect | None:
    """One effect after the other."""
    if first is None or second is None:
        return first or second

    async def run(session: AsyncSession, conversation: ConversationRow) -> None:
        await first(session, conversation)
        await second(session, conversation)

    return run
