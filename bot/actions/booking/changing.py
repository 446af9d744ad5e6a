"""To move or to cancel what was booked in this conversation."""

from __future__ import annotations

from dataclasses import replace

from booking.states import State
from bot.actions.base import Heard
from bot.actions.booking.calendar import Calendar, Outcome
from bot.actions.booking.draft import ANY_LANGUAGE, Draft, Mode, Offer
from bot.actions.booking.ears import Ears
from bot.actions.booking.keeping import Keeper
from bot.actions.booking.steps import Steps
from conversations.models import Reply


class Changing:
    """Finds out which appointment is meant, and begins."""

    def __init__(self, calendar: Calendar, ears: Ears, keeper: Keeper, steps: Steps) -> None:
        self._calendar = calendar
        self._ears = ears
        self._keeper = keeper
        self._steps = steps

    async def begin(self, heard: Heard, mode: Mode) -> Outcome | None:
        """Move or cancel: which of the appointments that were made in this conversation?"""
        now = self._calendar.clock()
        mine = [
            item
            for item in await self._calendar.appointments.of_conversation(heard.conversation_id)
            if item.state is State.booked and item.starts_at > now
        ]
        wanted = heard.entities.get("choice", "").removeprefix(f"book:{mode}").strip(":")
        if wanted:
            mine = [item for item in mine if item.reference == wanted]
        if not mine:
            unknown = Reply("booking_unknown", choices=("human",))
            return await self._keeper.settle(heard, None, (unknown,))
        if len(mine) > 1:
            codes = tuple(f"book:{mode}:{item.reference}" for item in mine)
            whens = [item.starts_at.isoformat() for item in mine]
            reply = Reply(
                "booking_which",
                {
                    "references": [
                        [item.reference, at] for item, at in zip(mine, whens, strict=True)
                    ]
                },
                choices=codes,
            )
            return await self._keeper.settle(heard, None, (reply,))
        (one,) = mine
        chosen = Offer(one.place_id, one.starts_at.isoformat())
        draft = Draft(
            mode=mode,
            services=tuple(wish.service for wish in one.services),
            persons=one.persons,
            online_known=True,
            places=(one.place_id,),
            language=one.language or ANY_LANGUAGE,
            chosen=chosen if mode is Mode.cancel else None,
            appointment=one.id,
        )
        if mode is Mode.move and not wanted and "choice" not in heard.entities:
            said = self._ears.said(heard)
            if said.wish is not None:
                draft = replace(draft, wish=said.wish)
        return await self._steps.next(heard, draft)
