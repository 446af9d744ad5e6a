"""Time in grains of five minutes, and local days as rows of bits.

A grain is numbered by the five minutes since 1970 in UTC, so it has one meaning on every database
and on the days on which the clocks change. What is free on a local day is an integer: bit ``i`` is
the day's ``i``-th grain. A day has 288 grains, or 276 or 300 when the clocks change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

MINUTES = 5
SECONDS = MINUTES * 60
DAY_MINUTES = 24 * 60


def number(moment: dt.datetime) -> int:
    """The grain that an aware moment lies in."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is no moment")
    return int(moment.timestamp() // SECONDS)


def number_up(moment: dt.datetime) -> int:
    """The first grain that begins at an aware moment or after it."""
    return -int(-moment.timestamp() // SECONDS)


def on_grid(moment: dt.datetime) -> bool:
    """Whether a grain begins at this moment."""
    return moment.microsecond == 0 and int(moment.timestamp()) % SECONDS == 0


def moment(grain: int) -> dt.datetime:
    """When a grain begins, in UTC."""
    return dt.datetime.fromtimestamp(grain * SECONDS, dt.UTC)


def minutes_of(time: dt.time) -> int:
    """Minutes since midnight on the wall clock."""
    return time.hour * 60 + time.minute


def bits(count: int) -> int:
    """``count`` ones."""
    return (1 << count) - 1


def runs(free: int, length: int) -> int:
    """Where ``length`` free grains in a row begin."""
    have = 1
    while have < length and free:
        step = min(have, length - have)
        free &= free >> step
        have += step
    return free


def ascending(mask: int) -> Iterator[int]:
    """The positions of the ones, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def descending(mask: int) -> Iterator[int]:
    """The positions of the ones, highest first."""
    while mask:
        highest = mask.bit_length() - 1
        yield highest
        mask ^= 1 << highest


@dataclass(frozen=True)
class _Stretch:
    """Part of a day on which the wall clock runs evenly."""

    offset: int
    wall: int
    """Minutes since midnight on the wall clock where it begins."""
    grains: int


@dataclass(frozen=True)
class LocalDay:
    """A calendar day somewhere. Make it with :func:`local_day`."""

    date: dt.date
    zone: str
    first: int
    """The grain at local midnight."""
    length: int

    @cached_property
    def _stretches(self) -> tuple[_Stretch, ...]:
        if self.length == DAY_MINUTES // MINUTES:
            return (_Stretch(0, 0, self.length),)
        zone = ZoneInfo(self.zone)
        offsets = [moment(self.first + i).astimezone(zone).utcoffset() for i in range(self.length)]
        starts = [i for i in range(self.length) if i == 0 or offsets[i] != offsets[i - 1]]
        return tuple(
            _Stretch(
                start,
                minutes_of(moment(self.first + start).astimezone(zone).time()),
                end - start,
            )
            for start, end in zip(starts, [*starts[1:], self.length], strict=True)
        )

    def between(self, start: int, end: int) -> int:
        """The grains whose wall-clock time lies in [start, end), in minutes since midnight.

        An hour that does not exist has no grains, and one that exists twice has them twice.
        """
        mask = 0
        for stretch in self._stretches:
            low = max(0, -(-(start - stretch.wall) // MINUTES))
            high = min(stretch.grains, (end - stretch.wall) // MINUTES)
            if high > low:
                mask |= bits(high - low) << (stretch.offset + low)
        return mask

    def every(self, minutes: int) -> int:
        """The grains that begin at a multiple of ``minutes`` past local midnight."""
        return _every(self, minutes)

    def since(self, grain: int) -> int:
        """The day's grains from this one on."""
        return bits(self.length) & ~bits(min(max(grain - self.first, 0), self.length))

    def until(self, grain: int) -> int:
        """The day's grains before this one."""
        return bits(min(max(grain - self.first, 0), self.length))

    def span(self, grain: int, count: int) -> int:
        """``count`` grains from this one on, as far as they lie in the day."""
        low = max(grain - self.first, 0)
        high = min(grain - self.first + count, self.length)
        return bits(high - low) << low if high > low else 0


@lru_cache(maxsize=4096)
def _every(day: LocalDay, minutes: int) -> int:
    mask = 0
    for wall in range(0, DAY_MINUTES, minutes):
        mask |= day.between(wall, wall + MINUTES)
    return mask


def wall(day: dt.date, time: dt.time, zone: str) -> tuple[dt.datetime, ...]:
    """The moments, in UTC, at which the wall clock shows this time: one, none or two."""
    tz = ZoneInfo(zone)
    naive = dt.datetime.combine(day, time)
    found = []
    for fold in (0, 1):
        instant = naive.replace(tzinfo=tz, fold=fold).astimezone(dt.UTC)
        exists = instant.astimezone(tz).replace(tzinfo=None) == naive
        if exists and instant not in found:
            found.append(instant)
    return tuple(found)


def day_before(instant: dt.datetime, zone: str) -> dt.datetime:
    """The same wall-clock time on the day before, in UTC.

    If it exists twice there, the first; if it does not exist, as much later as the clock jumped.
    """
    tz = ZoneInfo(zone)
    here = instant.astimezone(tz)
    naive = dt.datetime.combine(here.date() - dt.timedelta(days=1), here.time().replace(fold=0))
    return naive.replace(tzinfo=tz).astimezone(dt.UTC)


def date_of(instant: dt.datetime, zone: str) -> dt.date:
    """The calendar day that a moment falls on."""
    return instant.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=4096)
def local_day(date: dt.date, zone: str) -> LocalDay:
    """The day's place on the grid of grains."""
    tz = ZoneInfo(zone)
    first = number(dt.datetime.combine(date, dt.time(), tz))
    last = number(dt.datetime.combine(date + dt.timedelta(days=1), dt.time(), tz))
    return LocalDay(date, zone, first, last - first)
