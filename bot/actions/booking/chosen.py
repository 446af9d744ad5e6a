"""What the citizen picked while a booking is open."""

from __future__ import annotations

from dataclasses import replace

from booking.models import Kind
from bot.actions.base import Heard
from bot.actions.booking import time as timing
from bot.actions.booking.calendar import Outcome
from bot.actions.booking.changing import Changing
from bot.actions.booking.draft import ANY_LANGUAGE, Draft, Mode, Step
from bot.actions.booking.endings import Endings
from bot.actions.booking.keeping import Keeper
from bot.actions.booking.steps import Steps
from bot.actions.booking.wish import Move
from conversations.models import Reply

PREFIX = "book:"
START = "book:start"
"""Begins a booking from a button, for the service under discussion."""
FOR = ("book:service:", "book:for:")
"""The same, for the service that follows: out of a few, or from an answer about it."""


class Chosen:
    """A code says all: no words have to be read."""

    def __init__(self, keeper: Keeper, steps: Steps, endings: Endings, changing: Changing) -> None:
        self._keeper = keeper
        self._steps = steps
        self._endings = endings
        self._changing = changing

    async def hear(self, heard: Heard, draft: Draft, code: str) -> Outcome:
        """On with it; a code that no longer means anything is said to be gone."""
        kind, _, rest = code.removeprefix(PREFIX).partition(":")
        if kind == "stop":
            return await self._endings.stop(heard, draft)
        if code == START:
            return await self._steps.next(heard, draft)
        if kind in ("at", "there") and draft.services and draft.mode is not Mode.cancel:
            offer = timing.offer_of(rest)
            known = (await self._keeper.plan()).supply.places
            if offer is not None and offer.place in known:
                return await self._steps.hold(heard, draft, offer)
        if kind in ("earlier", "later", "other_day") and draft.offered:
            return await self._steps.other_times(heard, draft, Move(kind))
        if kind == "go_on":
            return await self._steps.next(heard, replace(draft, online_known=True))
        if kind == "any":
            anywhere = replace(draft, places=(), kind=None, anywhere=True)
            return await self._steps.again(heard, anywhere)
        if kind == "kind" and rest in (Kind.phone, Kind.video):
            remote = replace(draft, places=(), kind=rest, anywhere=False)
            return await self._steps.again(heard, remote)
        if kind == "place":
            return await self._steps.again(heard, replace(draft, places=(rest,), kind=None))
        if kind == "language":
            language = ANY_LANGUAGE if rest == "any" else rest
            return await self._steps.again(heard, replace(draft, language=language))
        if kind == "for" or (kind == "service" and not draft.services):
            supply = (await self._keeper.plan()).supply
            if rest in supply.services and draft.mode is Mode.book:
                told = draft.online_known and draft.services == (rest,)
                again = replace(draft, services=(rest,), online_known=told)
                return await self._steps.again(heard, again)
        if kind == "here" and draft.pending is Step.contact:
            return await self._steps.here(heard, draft)
        if kind in ("yes", "yes_summary") and draft.pending is Step.confirm:
            return await self._endings.confirm(heard, draft, share=kind == "yes_summary")
        if kind == "other" and draft.pending is Step.confirm:
            return await self._endings.decline(heard, draft)
        if kind in ("move", "cancel"):
            changed = await self._changing.begin(heard, Mode(kind))
            if changed is not None:
                return changed
        return await self._steps.next(heard, draft, [Reply("booking_choice_gone")])
