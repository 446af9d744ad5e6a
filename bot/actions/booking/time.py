"""Which times: from a wish to a question to the calendar."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from booking.models import AvailableTime, Kind, TimeQuery
from booking.supply import COPENHAGEN
from bot.actions.booking.draft import ANY_LANGUAGE, Draft, Offer
from bot.actions.booking.wish import Wish

ZONE = ZoneInfo(COPENHAGEN)
"""Wishes are about the city's own wall clock."""


def query(
    draft: Draft,
    wish: Wish,
    *,
    after: dt.datetime | None = None,
    before: dt.datetime | None = None,
) -> TimeQuery:
    """The calendar's question for a draft."""
    midnight = dt.time()
    return TimeQuery(
        services=draft.wishes,
        places=draft.places,
        kind=Kind(draft.kind) if draft.kind else Kind.in_person if draft.anywhere else None,
        language=None if draft.language == ANY_LANGUAGE else draft.language,
        not_before=dt.datetime.combine(wish.first, midnight, ZONE) if wish.first else None,
        not_after=dt.datetime.combine(wish.last, dt.time(23, 59), ZONE) if wish.last else None,
        from_time=wish.from_time,
        until_time=wish.until_time,
        weekdays=wish.weekdays,
        after=after,
        before=before,
    )


def offers(times: list[AvailableTime]) -> tuple[Offer, ...]:
    return tuple(Offer(time.place_id, time.starts_at.isoformat()) for time in times)


def local(offer: Offer) -> dt.datetime:
    """Its wall-clock time."""
    return offer.moment.astimezone(ZONE)


def picked(wish: Wish, offered: tuple[Offer, ...]) -> Offer | None:
    """The one of the offered times that is meant by its day or its time of day alone."""
    fits = [
        offer
        for offer in offered
        if wish.day in (None, local(offer).date())
        and (wish.from_time is None or local(offer).time() == wish.from_time)
    ]
    named = wish.until_time is None and not wish.weekdays and wish.from_time is not None
    open_ended = (wish.first or wish.last) and wish.day is None
    return fits[0] if named and not open_ended and len(fits) == 1 else None


def stamp(moment: dt.datetime) -> str:
    """A moment as it stands in the code of a choice."""
    return moment.astimezone(dt.UTC).strftime("%Y%m%dT%H%MZ")


def code(offer: Offer, *, named: bool) -> str:
    """The code of a time; ``named`` if its title shall say where."""
    return f"book:{'there' if named else 'at'}:{stamp(offer.moment)}:{offer.place}"


def offer_of(rest: str) -> Offer | None:
    """What stands in a choice's code after ``book:at:``; None if it is no time."""
    moment, _, place = rest.partition(":")
    try:
        at = dt.datetime.strptime(moment, "%Y%m%dT%H%MZ").replace(tzinfo=dt.UTC)
    except ValueError:
        return None
    return Offer(place, at.isoformat())
