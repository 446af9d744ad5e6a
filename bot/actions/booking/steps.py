"""From one step of a booking to the next: what needs no question is filled in, times are held."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from booking.errors import (
    BookingError,
    IllegalTransition,
    NotFound,
    NotOffered,
    Taken,
    TooMany,
    Unbookable,
)
from booking.models import Appointment, HoldRequest, Kind
from booking.plan import Plan
from booking.visits import visit_grains
from bot.actions.base import Heard
from bot.actions.booking import place as places
from bot.actions.booking import time as timing
from bot.actions.booking.calendar import Calendar, Outcome
from bot.actions.booking.draft import ANY_LANGUAGE, Draft, Mode, Offer, Step
from bot.actions.booking.keeping import Keeper
from bot.actions.booking.offering import offer
from bot.actions.booking.refusals import refusal
from bot.actions.booking.services import ServiceReader
from bot.actions.booking.wish import Move, Wish
from conversations.models import Reply


class Steps:
    """Every method stores the draft that it leads to, and gives the answer."""

    def __init__(self, calendar: Calendar, services: ServiceReader, keeper: Keeper) -> None:
        self._calendar = calendar
        self._services = services
        self._keeper = keeper

    async def next(
        self,
        heard: Heard,
        draft: Draft,
        notices: list[Reply] | None = None,
    ) -> Outcome:
        """Fill in what needs no question, and store the draft with the question that does."""
        said = list(notices or ())
        draft, more = await self._fill(draft)
        said += more
        if draft.pending is Step.confirm and draft.chosen is not None and draft.mode is Mode.book:
            # What is offered for confirmation is held from now on.
            return await self.hold(heard, draft, draft.chosen, tuple(said))
        return await self._keeper.settle(heard, draft, tuple(said))

    async def again(
        self, heard: Heard, draft: Draft, notices: list[Reply] | None = None
    ) -> Outcome:
        """On from a draft of which something has changed that the time depends on."""
        unsettled = replace(draft, offered=(), chosen=None)
        return await self.next(heard, unsettled, notices)

    async def _fill(self, draft: Draft) -> tuple[Draft, list[Reply]]:
        said: list[Reply] = []
        plan = await self._keeper.plan()
        if draft.mode is Mode.cancel:
            return draft, said
        if draft.services:
            try:
                can = [place for place, _ in plan.candidates(draft.wishes)]
                visit_grains(plan.supply, draft.wishes)
            except NotOffered as error:
                return replace(draft, services=()), [refusal(error)]
            except TooMany as error:
                return replace(draft, services=(), persons=1), [refusal(error)]
        else:
            return draft, said
        if not draft.online_known and not any(map(self._services.online, draft.services)):
            draft = replace(draft, online_known=True)
        if not draft.placed and len(can) == 1:
            draft = replace(draft, places=(can[0].id,))
        if draft.placed and draft.online_known:
            draft, more = self._spoken(draft, plan)
            said += more
        if draft.pending is Step.time and not draft.offered:
            draft, more = await offer(self._calendar.times, draft)
            said += more
        return draft, said

    def _spoken(self, draft: Draft, plan: Plan) -> tuple[Draft, list[Reply]]:
        kind = Kind(draft.kind) if draft.kind else None
        where = places.Where(draft.places, kind)
        try:
            spoken = places.languages(plan, draft.wishes, where)
        except NotOffered:
            can = places.able(plan, draft.wishes)
            instead = Reply("booking.not_offered_there", places.instead(can))
            return replace(draft, places=(), kind=None, anywhere=False), [instead]
        if draft.language is None and len(spoken) == 1:
            return replace(draft, language=spoken[0]), []
        if draft.language not in (None, ANY_LANGUAGE, *spoken):
            refused = refusal(NotOffered("language", str(draft.language)))
            return replace(draft, language=None), [refused]
        return draft, []

    async def other_times(self, heard: Heard, draft: Draft, move: Move) -> Outcome:
        """Earlier, later, or another day than what is offered."""
        first, last = draft.offered[0], draft.offered[-1]
        hours = Wish(from_time=draft.wish.from_time, until_time=draft.wish.until_time)
        if move is Move.earlier:
            query = timing.query(draft, hours, before=first.moment)
        elif move is Move.later:
            query = timing.query(draft, hours, after=last.moment)
        else:
            day = timing.local(last).date() + dt.timedelta(days=1)
            query = timing.query(draft, replace(hours, first=day))
        try:
            found = await self._calendar.times.find_times(query)
        except Unbookable:
            found = []
        if not found:
            return await self._keeper.settle(heard, draft, (Reply(f"booking_no_{move}"),))
        changed = replace(draft, wish=hours, offered=timing.offers(found), chosen=None)
        return await self._keeper.settle(heard, changed, ())

    async def hold(
        self, heard: Heard, draft: Draft, offer: Offer, notices: tuple[Reply, ...] = ()
    ) -> Outcome:
        """Hold the time and ask to confirm it; if it is gone, the next there are."""
        request = HoldRequest(
            offer.place,
            offer.moment,
            draft.wishes,
            None if draft.language == ANY_LANGUAGE else draft.language,
            heard.conversation_id or None,
            draft.hold,
        )
        calendar = self._calendar
        try:
            async with calendar.drafts.sessions.write() as session:
                held = await self._held(request, session)
                changed = replace(draft, chosen=offer, hold=held.id)
                return await self._keeper.settle(heard, changed, notices, session)
        except (Taken, Unbookable) as error:
            return await self._gone(heard, draft, offer, error)

    async def _held(self, request: HoldRequest, session: AsyncSession) -> Appointment:
        try:
            return await self._calendar.appointments.hold(request, session=session)
        except (NotFound, IllegalTransition):
            # The hold to let go has lapsed, or became something else.
            return await self._calendar.appointments.hold(
                replace(request, instead_of=None), session=session
            )

    async def _gone(self, heard: Heard, draft: Draft, offer: Offer, error: BookingError) -> Outcome:
        """The time is not to be had any more: sorry, and the next three."""
        said = [refusal(error)] if isinstance(error, Unbookable) else [Reply(error.reply)]
        draft = replace(draft, chosen=None, hold=None)
        try:
            query = timing.query(draft, Wish(), after=offer.moment)
            found = await self._calendar.times.find_times(query)
        except Unbookable:
            found = []
        if found:
            return await self._keeper.settle(
                heard, replace(draft, offered=timing.offers(found)), tuple(said)
            )
        return await self.again(heard, draft, said)

    async def here(self, heard: Heard, draft: Draft) -> Outcome:
        """To be reached where the message comes from."""
        channel, address = heard.context.channel, heard.context.address
        reached = replace(draft, channel=channel, address=address or heard.conversation_id)
        return await self.next(heard, reached)
