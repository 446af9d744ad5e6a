"""The booking dialogue: hears a message, changes the draft, asks the next question.

One message is one transaction: the draft, the hold or appointment, and the answer are stored
together. What Rasa says about a message only decides whether it answers the question at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.actions.base import Heard
from bot.actions.booking.calendar import Calendar, Outcome, Summarise
from bot.actions.booking.changing import Changing
from bot.actions.booking.chosen import FOR, PREFIX, START, Chosen
from bot.actions.booking.draft import Draft, Mode
from bot.actions.booking.ears import Ears
from bot.actions.booking.endings import Endings
from bot.actions.booking.facts import Facts
from bot.actions.booking.keeping import Keeper
from bot.actions.booking.services import ServiceReader
from bot.actions.booking.steps import Steps
from bot.actions.booking.typed import Typed
from conversations.models import Reply
from knowledge.catalogue import Catalogue


class Dialogue:
    """Decides. It knows neither Rasa nor any wording."""

    def __init__(
        self,
        calendar: Calendar,
        catalogue: Callable[[], Catalogue],
        services: ServiceReader,
        summarise: Summarise,
        languages: tuple[str, ...],
    ) -> None:
        self._services = services
        self._ears = ears = Ears(languages, calendar.clock)
        self._keeper = keeper = Keeper(calendar, catalogue, services)
        self._steps = steps = Steps(calendar, services, keeper)
        endings = Endings(calendar, keeper, steps, summarise)
        self._facts = Facts(
            catalogue=catalogue,
            reader=services,
            ears=ears,
            keeper=keeper,
            steps=steps,
            endings=endings,
        )
        self._changing = Changing(calendar, ears, keeper, steps)
        self._typed = Typed(ears, keeper, steps, endings, self._facts)
        self._chosen = Chosen(keeper, steps, endings, self._changing)

    async def begin(self, heard: Heard) -> Outcome | None:
        """A booking from its first message; None if our calendar has nothing to do with it."""
        heard_before = await self._keeper.heard_before(heard)
        if heard_before is not None:
            return heard_before
        plan = await self._keeper.plan()
        if not plan.supply.places:
            return None
        code = heard.entities.get("choice", "")
        if heard.intent in ("booking_move", "booking_cancel") or code.startswith(
            ("book:move", "book:cancel")
        ):
            wanted = "cancel" in (code or heard.intent)
            return await self._changing.begin(heard, Mode.cancel if wanted else Mode.move)
        if code and code != START and not code.startswith(FOR):
            # A button of a booking that is over.
            return await self._keeper.settle(heard, None, (Reply("booking_gone"),))
        draft = Draft()
        services: tuple[str, ...] = ()
        other: str | None = None
        if not code:
            meant = self._services.read(heard, self._ears.words(heard), plan.supply)
            services, other = meant.bookable, meant.other
        elif code != START:
            services = (code.rpartition(":")[2],)
        current = heard.context.service
        if not services and other is None and current is not None:
            if current not in plan.supply.services:
                return None
            services = (current,)
        if not services and other is not None:
            return None
        services = tuple(item for item in services if item in plan.supply.services)
        persons = 1 if code else self._ears.words(heard).persons(heard.text) or 1
        draft = replace(draft, services=services, persons=persons)
        draft, notices = await self._facts.also(heard, draft, plan)
        return await self._steps.next(heard, draft, notices)

    async def hear(self, heard: Heard) -> Outcome | None:
        """The citizen's message while a booking is open; None if it is about something else."""
        heard_before = await self._keeper.heard_before(heard)
        if heard_before is not None:
            return heard_before
        draft = await self.draft(heard.conversation_id)
        code = heard.entities.get("choice", "")
        if draft is None:
            return Outcome((Reply("booking_gone"),), None) if code.startswith(PREFIX) else None
        if code.startswith(PREFIX):
            return await self._chosen.hear(heard, draft, code)
        if code:
            return None
        return await self._typed.hear(heard, draft)

    async def draft(self, conversation_id: str) -> Draft | None:
        """The open booking of a conversation."""
        return await self._keeper.draft(conversation_id)

    async def question(self, conversation_id: str) -> Reply | None:
        """What the citizen is being asked."""
        draft = await self.draft(conversation_id)
        return await self._keeper.questions.ask(draft) if draft is not None else None
