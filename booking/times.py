"""Finds free times.

The database is asked twice for a span of days. First, how much each caseworker has sold on each
day: a sum, which rules out the days that are full. Then, what exactly is sold on the first days
that have room. The rest is arithmetic on bits (``booking/grains.py``).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from booking.clock import Clock, utc_now
from booking.errors import InThePast, TooFar, TooSoon
from booking.grains import (
    MINUTES,
    LocalDay,
    ascending,
    date_of,
    descending,
    local_day,
    minutes_of,
    moment,
    number,
    number_up,
    runs,
)
from booking.models import AvailableTime, TimeQuery
from booking.plan import Plan
from booking.rules import closed
from booking.supply import Caseworker, Place
from booking.supply_store import SupplyStore
from booking.tables import ClaimRow
from booking.visits import visit_grains
from storage.sessions import Sessions

_Value = TypeVar("_Value")
_SPANS = (7, 35)
"""Days of the calendar looked at first, and then; after that all the rest at once."""


@dataclass(frozen=True)
class _Site:
    """A place with those who could do it, and the grains at which it may begin."""

    place: Place
    staff: Sequence[Caseworker]
    first: int
    last: int
    """The earliest and the latest grain to begin at, both inclusive."""


@dataclass(frozen=True)
class _Search:
    """A query, made out against the supply and the clock."""

    plan: Plan
    query: TimeQuery
    sites: list[_Site]
    grains: int
    now: dt.datetime
    caseworkers: list[str]

    @property
    def backwards(self) -> bool:
        return self.query.before is not None

    def days(self) -> list[dt.date]:
        """The days on which a start is possible, in the order of the search."""
        low = min(date_of(moment(site.first), site.place.zone) for site in self.sites)
        high = max(date_of(moment(site.last), site.place.zone) for site in self.sites)
        every = (low + dt.timedelta(days=offset) for offset in range((high - low).days + 1))
        wanted = self.query.weekdays
        found = [day for day in every if not wanted or day.weekday() in wanted]
        return found[::-1] if self.backwards else found

    def allowed(self, site: _Site, day: LocalDay) -> int:
        """The grains of the day at which a visit may begin, whoever is free."""
        mask = day.since(site.first) & day.until(site.last + 1)
        if mask:
            mask &= day.every(site.place.step_minutes)
        query = self.query
        if mask and (query.from_time is not None or query.until_time is not None):
            low = minutes_of(query.from_time) if query.from_time is not None else 0
            high = minutes_of(query.until_time) if query.until_time is not None else 24 * 60
            mask &= day.between(low, high)
        return mask


class Times:
    """Answers "when could I come?"."""

    def __init__(self, engine: AsyncEngine, supply: SupplyStore, clock: Clock = utc_now) -> None:
        self._sessions = Sessions(engine)
        self._supply = supply
        self._clock = clock

    async def find_times(self, query: TimeQuery) -> list[AvailableTime]:
        """Up to ``query.limit`` free times, earliest first; no two begin together.

        Empty if all are taken. Raises :class:`NotOffered`, :class:`TooMany`, :class:`InThePast`,
        :class:`TooSoon`, :class:`TooFar`, or :class:`Closed` when nobody works at the times asked
        for, booked or not.
        """
        async with self._sessions.read() as session:
            search = self._prepare(await self._supply.plan(session), query)
            days = search.days()
            found: list[AvailableTime] = []
            for span in _spans(days):
                found += await self._in_span(session, search, span, query.limit - len(found))
                if len(found) >= query.limit:
                    break
        if not found:
            _explain(search, days)
        return sorted(found, key=lambda time: time.starts_at)

    def _prepare(self, plan: Plan, query: TimeQuery) -> _Search:
        now = self._clock()
        grains = visit_grains(plan.supply, query.services)
        able = plan.candidates(
            query.services, places=query.places, kind=query.kind, language=query.language
        )
        sites = [_site(place, staff, query, now) for place, staff in able]
        open_sites = [site for site in sites if site.first <= site.last]
        if not open_sites:
            raise _out_of_reach(sites, query, now)
        wanted = {person.id for site in open_sites for person in site.staff}
        return _Search(plan, query, open_sites, grains, now, sorted(wanted))

    async def _in_span(
        self, session: AsyncSession, search: _Search, days: list[dt.date], limit: int
    ) -> list[AvailableTime]:
        sold = await _sold(session, search, days)
        promising = _promising(search, days, sold)
        found: list[AvailableTime] = []
        batch = 1
        while len(found) < limit:
            chosen = dict(item for _, item in zip(range(batch), promising, strict=False))
            if not chosen:
                break
            batch *= 2
            busy = await _busy(session, search, chosen)
            for day, people in chosen.items():
                found += _free(search, day, people, busy, limit - len(found))
        return found


def _spans(days: list[dt.date]) -> Iterator[list[dt.date]]:
    """The days, those that are near in the calendar first; no span is empty."""
    rest = days
    for size in _SPANS:
        near = [day for day in rest if abs((day - days[0]).days) < size]
        rest = rest[len(near) :]
        if near:
            yield near
    if rest:
        yield rest


def _site(place: Place, staff: Sequence[Caseworker], query: TimeQuery, now: dt.datetime) -> _Site:
    # Rounded up: a start must not lie before what was asked for.
    earliest = [now + dt.timedelta(minutes=place.lead_minutes)]
    if query.not_before is not None:
        earliest.append(query.not_before)
    first = max(number_up(item) for item in earliest)
    if query.after is not None:
        first = max(first, number(query.after) + 1)
    horizon = date_of(now, place.zone) + dt.timedelta(days=place.horizon_days)
    day = local_day(horizon, place.zone)
    last = day.first + day.length - 1
    if query.not_after is not None:
        last = min(last, number(query.not_after))
    if query.before is not None:
        last = min(last, number_up(query.before) - 1)
    return _Site(place, staff, first, last)


def _out_of_reach(
    sites: list[_Site], query: TimeQuery, now: dt.datetime
) -> InThePast | TooSoon | TooFar:
    """Why no start at all is possible: the bounds leave nothing at any place."""
    upper = [item for item in (query.not_after, query.before) if item is not None]
    if upper and min(upper) <= now:
        return InThePast()
    lead = min(site.place.lead_minutes for site in sites)
    if upper and min(upper) <= now + dt.timedelta(minutes=lead):
        return TooSoon(lead)
    days = max(site.place.horizon_days for site in sites)
    return TooFar(days, date_of(now, sites[0].place.zone) + dt.timedelta(days=days))


def _explain(search: _Search, days: list[dt.date]) -> None:
    """Raise :class:`Closed` if nobody works at any of these times."""
    for date in days:
        for site in search.sites:
            allowed = search.allowed(site, local_day(date, site.place.zone))
            for person in site.staff if allowed else ():
                hours = search.plan.hours(site.place.id, person.id, date)
                if runs(hours, search.grains) & allowed:
                    return
    if days:
        raise closed(search.plan.supply, search.sites[0].place.id, days[0])


def live(now: dt.datetime) -> ColumnElement[bool]:
    """The claims that count: booked, or held and not lapsed."""
    return or_(ClaimRow.held_until.is_(None), ClaimRow.held_until > now)


_Lane = tuple[int, str, int]
"""A day, counted from the year 1, a caseworker, and which of their appointments at once."""


async def _sold(session: AsyncSession, search: _Search, days: list[dt.date]) -> dict[_Lane, int]:
    """How many grains are sold, of those within the caseworker's hours."""
    wanted = (
        select(ClaimRow.day, ClaimRow.caseworker_id, ClaimRow.lane, func.sum(ClaimRow.grain_count))
        .where(
            _of(search.caseworkers),
            _on(days),
            ~ClaimRow.outside,
            live(search.now),
        )
        .group_by(ClaimRow.day, ClaimRow.caseworker_id, ClaimRow.lane)
    )
    # Not through the session: these are many rows, and no objects.
    rows = await (await session.connection()).execute(wanted)
    return {(day, caseworker, lane): int(total) for day, caseworker, lane, total in rows}


def _of(caseworkers: Collection[str]) -> ColumnElement[bool]:
    # Even if it is everybody: one short walk through the index for each of them.
    return ClaimRow.caseworker_id.in_(_padded(sorted(caseworkers)))


def _on(days: Collection[dt.date]) -> ColumnElement[bool]:
    ordinals = sorted(day.toordinal() for day in days)
    if ordinals[-1] - ordinals[0] == len(ordinals) - 1:
        return ClaimRow.day.between(ordinals[0], ordinals[-1])
    return ClaimRow.day.in_(_padded(ordinals))


def _padded(values: list[_Value]) -> list[_Value]:
    """The same values, some repeated, so that there are few lengths.

    PostgreSQL prepares a statement for each length it meets, which takes longer than the search.
    """
    length = 8
    while length < len(values):
        length *= 2
    return values + values[-1:] * (length - len(values))


def _promising(
    search: _Search, days: list[dt.date], sold: dict[_Lane, int]
) -> Iterator[tuple[dt.date, set[str]]]:
    """The days on which somebody may have room, and who: the rest certainly have not."""
    for date in days:
        ordinal = date.toordinal()
        people = {
            person.id
            for site in search.sites
            if search.allowed(site, local_day(date, site.place.zone))
            for person in site.staff
            for most in [search.plan.all_hours(person.id, date).bit_count() - search.grains]
            if most >= 0
            and any(
                sold.get((ordinal, person.id, lane), 0) <= most for lane in range(person.capacity)
            )
        }
        if people:
            yield date, people


_Busy = dict[_Lane, list[tuple[int, int]]]
"""The grain at which it begins, and how many there are."""


async def _busy(session: AsyncSession, search: _Search, chosen: dict[dt.date, set[str]]) -> _Busy:
    """What exactly is sold to these people on these days."""
    wanted = select(
        ClaimRow.day,
        ClaimRow.caseworker_id,
        ClaimRow.lane,
        ClaimRow.first_grain,
        ClaimRow.grain_count,
    ).where(
        _of(set[str]().union(*chosen.values())),
        _on(chosen),
        live(search.now),
    )
    busy: _Busy = defaultdict(list)
    for day, caseworker, lane, first, count in await (await session.connection()).execute(wanted):
        busy[day, caseworker, lane].append((first, count))
    return busy


def _free(
    search: _Search, date: dt.date, people: set[str], busy: _Busy, limit: int
) -> list[AvailableTime]:
    """The free times of these people on a day; at each the first place that has one."""
    if limit <= 0:
        return []
    starts: dict[int, Place] = {}
    for site in search.sites:
        day = local_day(date, site.place.zone)
        allowed = search.allowed(site, day)
        free = 0
        for person in site.staff if allowed else ():
            hours = search.plan.hours(site.place.id, person.id, date)
            for lane in range(person.capacity) if hours and person.id in people else ():
                taken = 0
                for first, count in busy.get((date.toordinal(), person.id, lane), ()):
                    taken |= day.span(first, count)
                free |= runs(hours & ~taken, search.grains) & allowed
                if not taken:
                    break
        order = descending(free) if search.backwards else ascending(free)
        for _, position in zip(range(limit), order, strict=False):
            starts.setdefault(day.first + position, site.place)
    chosen = sorted(starts, reverse=search.backwards)[:limit]
    length = dt.timedelta(minutes=search.grains * MINUTES)
    return [
        AvailableTime(
            starts[grain].id,
            starts[grain].kind,
            moment(grain),
            moment(grain) + length,
            starts[grain].zone,
        )
        for grain in chosen
    ]
