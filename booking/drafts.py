"""Bookings that are not finished: how far each conversation has come, and what was answered.

The draft, the change that it leads to and the answer are stored in one transaction. So a message
that is worked on again, after a crash say, is not heard twice: its answer is found here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from booking.clock import Clock, utc_now
from booking.tables import DraftRow
from storage.sessions import Sessions

_KEPT_HOURS = 12
"""A draft that nobody has gone on with for so long is forgotten."""


@dataclass(frozen=True)
class Kept:
    """What is stored of a conversation's booking."""

    message_id: str
    """The message that was last heard."""
    state: dict[str, Any] | None
    """The draft; None if nothing is open."""
    said: list[dict[str, Any]]
    """What that message was answered with, as data."""


class Drafts:
    """One per conversation."""

    def __init__(self, engine: AsyncEngine, clock: Clock = utc_now) -> None:
        self.sessions = Sessions(engine)
        self._clock = clock

    async def find(self, conversation_id: str) -> Kept | None:
        """What is kept of the conversation, if anything is."""
        async with self.sessions.read() as session:
            row = await session.get(DraftRow, conversation_id)
        if row is None:
            return None
        old = row.updated_at < self._clock() - dt.timedelta(hours=_KEPT_HOURS)
        return Kept(row.message_id, None if old else row.state, row.said)

    async def keep(
        self,
        session: AsyncSession,
        conversation_id: str,
        message_id: str,
        state: dict[str, Any] | None,
        said: list[dict[str, Any]],
    ) -> None:
        """Remember how far the conversation has come with this message."""
        await session.merge(
            DraftRow(
                conversation_id=conversation_id,
                message_id=message_id,
                state=state,
                said=said,
                updated_at=self._clock(),
            )
        )
