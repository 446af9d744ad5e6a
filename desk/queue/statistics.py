"""What the desk and the guide have done in a time. It reaches as far back as conversations do."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.models import Author
from conversations.store.tables import ConversationRow, MessageRow
from desk.accounts.models import StaffMember
from desk.queue.models import Kind, Outcome
from desk.queue.tables import HandoverRow
from desk.queue.views import within
from desk.rights import Action, Rights
from storage.sessions import Sessions

_NOT_OURS = (Outcome.spam, Outcome.merged)


@dataclass(frozen=True)
class Times:
    """Seconds. None where there is nothing to measure."""

    count: int
    median: float | None
    nine_of_ten: float | None
    """Nine of ten were no longer."""


@dataclass(frozen=True)
class Statistics:
    """Counts of a time; handovers are those that began in it."""

    conversations: int
    """In which the citizen wrote something, whole city."""
    guide_alone: int
    """Of these, without a handover."""
    handovers: int
    by_service: Mapping[str, int]
    """``""`` where no service was at hand."""
    by_language: Mapping[str, int]
    by_reason: Mapping[str, int]
    by_team: Mapping[str, int]
    """``""`` is the common queue."""
    by_outcome: Mapping[str, int]
    """``open`` for those that go on."""
    waiting: Times
    """Chats, from the request until a member took it."""
    handling: Times
    """Chats, from there to the end."""
    ratings: Mapping[int, int]
    """How many citizens gave how many of five."""


def times(seconds: Sequence[float]) -> Times:
    """The nearest value, never one between two."""
    ordered = sorted(seconds)
    if not ordered:
        return Times(0, None, None)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Times(len(ordered), at(0.5), at(0.9))


class Figures:
    """The query, and the counting."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def between(
        self, member: StaffMember, start: dt.datetime, stop: dt.datetime
    ) -> Statistics:
        """From ``start`` to before ``stop``; handovers of the member's reach.

        Raises ``NotAllowed``.
        """
        rights = Rights(member)
        rights.require(Action.see_statistics)
        wrote = exists().where(
            MessageRow.conversation_id == ConversationRow.id, MessageRow.author == Author.citizen
        )
        handed = exists().where(HandoverRow.conversation_id == ConversationRow.id)
        begun = (ConversationRow.created_at >= start, ConversationRow.created_at < stop, wrote)
        count = select(func.count()).select_from(ConversationRow)
        async with self._sessions.read() as session:
            conversations = await session.scalar(count.where(*begun))
            alone = await session.scalar(count.where(*begun, ~handed))
            rows = (
                await session.scalars(
                    select(HandoverRow).where(
                        HandoverRow.queued_at >= start,
                        HandoverRow.queued_at < stop,
                        HandoverRow.outcome.is_(None) | HandoverRow.outcome.not_in(_NOT_OURS),
                        within(rights.reach(Action.see_statistics)),
                    )
                )
            ).all()
        chats = [row for row in rows if row.kind == Kind.chat and row.claimed_at is not None]
        return Statistics(
            conversations=int(conversations or 0),
            guide_alone=int(alone or 0),
            handovers=len(rows),
            by_service=Counter(row.service or "" for row in rows),
            by_language=Counter(row.language for row in rows),
            by_reason=Counter(row.reason for row in rows),
            by_team=Counter(row.team or "" for row in rows),
            by_outcome=Counter(row.outcome or "open" for row in rows),
            waiting=times(
                [
                    (row.claimed_at - row.queued_at).total_seconds()
                    for row in chats
                    if row.claimed_at
                ]
            ),
            handling=times(
                [
                    (row.closed_at - row.claimed_at).total_seconds()
                    for row in chats
                    if row.closed_at and row.claimed_at
                ]
            ),
            ratings=Counter(row.rating for row in rows if row.rating is not None),
        )
