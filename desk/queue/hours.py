"""When a team works: weekly hours in Danish local time, without public holidays."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo

import holidays
from babel.dates import format_date, get_day_names

from desk.errors import Refused
from knowledge.formatting import locale

ZONE = ZoneInfo("Europe/Copenhagen")
DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_LOOK_AHEAD = 60
"""Days in which the next opening is looked for."""


@cache
def _holidays(year: int) -> frozenset[dt.date]:
    # Holidays by law only. Days on which an office closes by its own decision (5 June, 24 and 31
    # December) are each team's to enter.
    return frozenset(holidays.country_holidays("DK", years=year))


@dataclass(frozen=True)
class Span:
    """Minutes after midnight, by the clock on the wall."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"{hour}.{minute:02d}" if minute else f"{hour}"


@dataclass(frozen=True)
class Hours:
    """Weekly hours; seven days, Monday first. A team without any is there when its people are."""

    week: tuple[tuple[Span, ...], ...]
    closed: frozenset[dt.date] = frozenset()

    def on(self, day: dt.date) -> tuple[Span, ...]:
        """The hours of a date."""
        if day in self.closed or day in _holidays(day.year):
            return ()
        return self.week[day.weekday()]

    def are_open(self, moment: dt.datetime) -> bool:
        local = moment.astimezone(ZONE)
        minute = local.hour * 60 + local.minute
        return any(span.start <= minute < span.end for span in self.on(local.date()))

    def next_opening(self, moment: dt.datetime) -> dt.datetime | None:
        """The next moment at which they begin; None if there is none within two months."""
        local = moment.astimezone(ZONE)
        for days in range(_LOOK_AHEAD):
            day = local.date() + dt.timedelta(days=days)
            for span in self.on(day):
                start = dt.datetime.combine(day, dt.time(*divmod(span.start, 60)), ZONE)
                if start > moment:
                    return start
        return None

    def text(self, language: str) -> str:
        """``mandag-onsdag 10-16, torsdag 10-18`` in a language of the guide."""
        names = get_day_names("wide", locale=locale(language))
        parts = []
        for spans, group in groupby(range(7), key=lambda day: self.week[day]):
            days = list(group)
            if spans:
                first, last = names[days[0]], names[days[-1]]
                between = {1: first, 2: f"{first}, {last}"}.get(len(days), f"{first}-{last}")
                parts.append(f"{between} {', '.join(map(str, spans))}")
        return ", ".join(parts)


def opening_text(moment: dt.datetime, language: str) -> str:
    """``mandag 30. november 10`` with the day's name, as the language writes it."""
    local = moment.astimezone(ZONE)
    patterns = {"da": "EEEE d. MMMM"}
    day = format_date(local, patterns.get(language, "EEEE d MMMM"), locale=locale(language))
    return f"{day} {_clock(local.hour * 60 + local.minute)}"


def read_hours(
    week: Mapping[str, Sequence[str]] | None, closed: Sequence[str] = ()
) -> Hours | None:
    """Hours as they are kept: ``{"mo": ["10:00-12:00", "13:00-16:00"]}`` and dates.

    None for a team that has none. Raises :class:`Refused` with ``hours_invalid``.
    """
    if week is None:
        return None
    try:
        days = frozenset(dt.date.fromisoformat(item) for item in closed)
    except ValueError:
        raise Refused("hours_invalid") from None
    if set(week) - set(DAYS):
        raise Refused("hours_invalid")
    return Hours(tuple(_spans(week.get(day, ())) for day in DAYS), days)


def _spans(items: Sequence[str]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for item in items:
        match = _SPAN.fullmatch(item)
        if match is None:
            raise Refused("hours_invalid")
        numbers = [int(part) for part in match.groups()]
        span = Span(numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3])
        after = spans[-1].end if spans else 0
        if not after <= span.start < span.end <= 24 * 60:
            raise Refused("hours_invalid")
        spans.append(span)
    return tuple(spans)
