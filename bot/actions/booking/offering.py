"""Three times for a wish; where it cannot be met, why, and the next there are."""

from __future__ import annotations

from dataclasses import replace

from booking.errors import Unbookable
from booking.models import AvailableTime
from booking.times import Times
from bot.actions.booking import time as timing
from bot.actions.booking.draft import Draft
from bot.actions.booking.refusals import refusal
from bot.actions.booking.wish import Wish
from conversations.models import Reply


async def offer(times: Times, draft: Draft) -> tuple[Draft, list[Reply]]:
    """Times for the wish; where it cannot be met, why, and the next times there are."""
    said: list[Reply] = []
    try:
        found = await times.find_times(timing.query(draft, draft.wish))
    except Unbookable as error:
        said.append(refusal(error))
        found = []
    else:
        if not found:
            said.append(Reply("booking_full"))
    if not found:
        found = await _nearby(times, draft)
        draft = replace(draft, wish=Wish())
    if not found:
        said.append(Reply("booking_none", choices=("human",)))
    return replace(draft, offered=timing.offers(found)), said


async def _nearby(times: Times, draft: Draft) -> list[AvailableTime]:
    """The first times after the day that was wished for, else the first at all."""
    for wish in (Wish(first=draft.wish.first), Wish()):
        try:
            found = await times.find_times(timing.query(draft, wish))
        except Unbookable:
            continue
        if found:
            return found
    return []
