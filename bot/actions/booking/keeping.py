"""What is kept of a booking between two messages.

The draft, the change in the calendar and the answer are stored in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from booking.errors import IllegalTransition, NotFound
from booking.plan import Plan
from bot.actions.base import Heard
from bot.actions.booking.calendar import Calendar, Outcome
from bot.actions.booking.draft import Draft
from bot.actions.booking.questions import Questions
from bot.actions.booking.services import ServiceReader
from conversations.models import Reply
from knowledge.catalogue import Catalogue

log = structlog.get_logger(__name__)


class Keeper:
    """Stores how far a booking has come, with the question that is open then."""

    def __init__(
        self, calendar: Calendar, catalogue: Callable[[], Catalogue], services: ServiceReader
    ) -> None:
        self._calendar = calendar
        self.questions = Questions(catalogue, services, self.plan)

    async def draft(self, conversation_id: str) -> Draft | None:
        """The open booking of a conversation."""
        kept = await self._calendar.drafts.find(conversation_id)
        return Draft.of(kept.state) if kept is not None and kept.state is not None else None

    async def settle(
        self,
        heard: Heard,
        draft: Draft | None,
        notices: tuple[Reply, ...],
        session: AsyncSession | None = None,
    ) -> Outcome:
        """Store how far it has come together with the answer, and hand both back."""
        asked = await self.questions.ask(draft) if draft is not None else None
        said = [*notices, *([asked] if asked is not None else [])]
        drafts = self._calendar.drafts
        state = draft.data() if draft is not None else None
        data = [asdict(reply) for reply in said]
        key = heard.conversation_id, heard.context.message_id, state, data
        if session is not None:
            await drafts.keep(session, *key)
        else:
            async with drafts.sessions.write() as own:
                await drafts.keep(own, *key)
        return Outcome(notices, draft)

    async def plan(self) -> Plan:
        """The supply as it is now."""
        async with self._calendar.drafts.sessions.read() as session:
            return await self._calendar.supply.plan(session)

    async def let_go(self, draft: Draft, session: AsyncSession) -> None:
        """Give back what is held, if it still is."""
        if draft.hold is None:
            return
        try:
            await self._calendar.appointments.release(draft.hold, session=session)
        except (NotFound, IllegalTransition):
            log.info("hold_gone", hold=draft.hold)

    async def heard_before(self, heard: Heard) -> Outcome | None:
        """What came of the message, if it was worked on before."""
        kept = await self._calendar.drafts.find(heard.conversation_id)
        if kept is None or not heard.context.message_id:
            return None
        if kept.message_id != heard.context.message_id:
            return None
        # All that was decided on this message is stored; what is asked next follows from it.
        return Outcome((), Draft.of(kept.state) if kept.state is not None else None)
