"""Days that are named in a text: dates, weeks, months, holidays, "in two weeks"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from booking.danish_days import holiday_name, holiday_names
from bot.actions.booking.lexicon import GONE, Lexicon, any_of, perhaps, plain
from bot.actions.booking.reckoning import (
    coming,
    iso_week,
    month_span,
    next_day_of_month,
    real_date,
)
from knowledge.formatting import locale

AHEAD = 400
"""Days ahead in which public holidays are known by name."""
_EASTER = "Påskedag"
OPS = ("after", "from_", "before", "until")
"""Words that make a bound of a day, as the lexicon names them."""


@dataclass(frozen=True)
class Span:
    """Days that were named, both inclusive, and where in the text."""

    first: dt.date
    last: dt.date
    starts: int
    ends: int
    op: str = ""
    kind: str = "day"


class Spans:
    """Finds them in one language. Texts are plain, with a space at either end."""

    def __init__(self, language: str, words: Lexicon) -> None:
        self._language = language
        self._words = words

    def find(self, text: str, today: dt.date) -> list[Span]:
        """The days, of those that overlap the first kind that was tried, with their bounds.

        Raises :class:`~bot.actions.booking.reckoning.NoSuchDate`.
        """
        spans: list[Span] = []
        # A closing day named as such comes before the words in its name.
        for kind in (self._holidays, self._dates, self._relative, self._stretches):
            for found in kind(text, today):
                if all(found.ends <= span.starts or found.starts >= span.ends for span in spans):
                    spans.append(self._with_op(text, found))
        return sorted(spans, key=lambda span: span.starts)

    def number(self, text: str) -> int:
        """A number in figures or in words."""
        if text.isdigit():
            return int(text)
        return {plain(word): number for word, number in self._words.numbers.items()}[text]

    def _with_op(self, text: str, span: Span) -> Span:
        before, after = text[: span.starts], text[span.ends :]
        for name in OPS:
            op = rf"(?<!\w){any_of(getattr(self._words, name))}\s+$"
            if found := re.search(op, before):
                return replace(span, op=name.rstrip("_"), starts=found.start())
        for name in OPS:
            op = rf"\s+{any_of(getattr(self._words.behind, name))}(?!\w)"
            if found := re.match(op, after):
                return replace(span, op=name.rstrip("_"), ends=span.ends + found.end())
        return span

    @cached_property
    def _months(self) -> Mapping[str, int]:
        cldr = locale(self._language)
        names: dict[str, int] = {}
        for width in ("wide", "abbreviated"):
            for number, name in cldr.months["format"][width].items():
                names[plain(name).rstrip(".")] = number
        return names | {plain(name): number for name, number in self._words.months.items()}

    @cached_property
    def _month(self) -> str:
        return any_of(self._months)

    def _holidays(self, text: str, today: dt.date) -> Iterator[Span]:
        for name, (month, day) in self._words.holidays.items():
            for found in _each(re.escape(plain(name)), text):
                yield _day(coming(day, month, None, today), found)
        spans: list[Span] = []
        for offset in range(AHEAD):
            date = today + dt.timedelta(days=offset)
            danish = holiday_name(date)
            if danish is None:
                continue
            by_law = danish.split("; ")
            names = {*holiday_names(date).get(self._language, "").split("; ")} - {""}
            names |= {said for said, law in self._words.holiday_names.items() if law in by_law}
            if _EASTER in by_law:
                names |= {*self._words.easter}
            pattern = rf"(?<!\w){any_of(names)}(?!\w)"
            spans += [_day(date, found) for found in re.finditer(pattern, text)]
        # One holiday's name may stand in another's.
        yield from sorted(spans, key=lambda span: span.starts - span.ends)

    def _dates(self, text: str, today: dt.date) -> Iterator[Span]:
        words, month = self._words, self._month
        ordinal = any_of(words.ordinals)
        day, prefix = rf"(\d{{1,2}})(?:\.| ?{ordinal})?", any_of(words.day_of_month)
        for found in _each(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
            yield _day(real_date(int(found[1]), int(found[2]), int(found[3])), found)
        of = perhaps((*words.of, *words.fillers))
        pattern = rf"(?:{prefix}\.? )?{day} {of}({month})\.?(?: (\d{{4}}))?"
        for found in _each(pattern, text):
            yield self._named(found, found[1], found[2], found[3], today)
        for found in _each(rf"({month})\.? {of}{day}(?: (\d{{4}}))?", text):
            yield self._named(found, found[2], found[1], found[3], today)
        clock = rf"(?<!\w){any_of(words.clock)}\.? $"
        for found in _each(r"(\d{1,2})([./])(\d{1,2})(?:[./\-](\d{4}|\d{2})|\.)?", text):
            if re.search(clock, text[: found.start()]):
                continue
            if found[2] == "." and int(found[3]) > 12:
                continue
            year = int(found[4]) + (2000 if len(found[4]) == 2 else 0) if found[4] else None
            yield _day(coming(int(found[1]), int(found[3]), year, today), found)
        pattern = rf"(?:{prefix}\.? {day}|(\d{{1,2}}) ?{ordinal})"
        for found in _each(pattern, text):
            yield _day(next_day_of_month(int(found[1] or found[2]), today), found)

    def _named(
        self, found: re.Match[str], day: str, month: str, year: str | None, today: dt.date
    ) -> Span:
        number = self._months[month]
        return _day(coming(int(day), number, int(year) if year else None, today), found)

    def _relative(self, text: str, today: dt.date) -> Iterator[Span]:
        words = self._words
        for phrase, offset in sorted(words.days.items(), key=lambda item: -len(item[0])):
            for found in _each(re.escape(plain(phrase)), text):
                yield _day(today + dt.timedelta(days=offset), found)
        number = rf"(\d{{1,2}}|{any_of(words.numbers)})"
        units = {plain(name): days for name, days in words.units.items()}
        for found in _each(rf"{any_of(words.in_)} {number} ({any_of(units)})", text):
            unit = units[found[2]]
            date = today + dt.timedelta(days=self.number(found[1]) * unit)
            if unit == 1:
                yield _day(date, found)
            else:
                yield _stretch(date, date + dt.timedelta(days=6), found)

    def _stretches(self, text: str, today: dt.date) -> Iterator[Span]:
        words, month, small = self._words, self._month, perhaps(self._words.fillers)
        monday = today - dt.timedelta(days=today.weekday())
        behind = words.behind
        for front, back, offset in (
            (words.next, behind.next, 1),
            (words.this, (), 0),
            (words.last, behind.last, -1),
        ):
            which, after = any_of(front), any_of(back)
            week, in_full = any_of(words.week), any_of(words.month)
            for found in _each(rf"{small}(?:{which} {week}|{week} {after})", text):
                first = monday + dt.timedelta(days=7 * offset)
                last = first + dt.timedelta(days=6)
                yield _stretch(first if offset else max(first, today), last, found)
            for found in _each(rf"{small}(?:{which} {in_full}|{in_full} {after})", text):
                first, last = month_span(today, offset)
                yield _stretch(first if offset else max(first, today), last, found)
        for found in _each(rf"{any_of(words.week)} (\d{{1,2}})", text):
            first = iso_week(int(found[1]), today)
            yield _stretch(first, first + dt.timedelta(days=6), found)
        weekend = any_of(words.weekend)
        pattern = rf"{small}({any_of(words.next)} )?{weekend}( {any_of(behind.next)})?"
        for found in _each(pattern, text):
            saturday = monday + dt.timedelta(days=12 if found[1] or found[2] else 5)
            yield _stretch(saturday, saturday + dt.timedelta(days=1), found)
        for phrase, (low, high) in words.month_parts.items():
            for found in _each(rf"{small}{re.escape(plain(phrase))}\.? ({month})", text):
                first, end = self._whole_month(found[1], today)
                last = min(end, first.replace(day=min(high, end.day)))
                yield _stretch(first.replace(day=low), last, found)
        for found in _each(rf"(?:{any_of(words.in_month)} )({month})", text):
            first, last = self._whole_month(found[1], today)
            yield _stretch(max(first, today), last, found)
        if whole := re.fullmatch(rf" ({month}) ", text):
            first, last = self._whole_month(whole[1], today)
            yield _stretch(max(first, today), last, whole)
        for found in _each(any_of(words.tonight), text):
            yield _day(today, found)

    def _whole_month(self, name: str, today: dt.date) -> tuple[dt.date, dt.date]:
        return month_span(today, (self._months[name] - today.month) % 12)


def without(text: str, spans: Iterable[Span]) -> str:
    """The text with a gap for each span."""
    ordered = sorted(spans, key=lambda span: span.starts)
    edges = [0, *(edge for span in ordered for edge in (span.starts, span.ends)), len(text)]
    kept = [text[low:high] for low, high in list(pairwise(edges))[::2]]
    return GONE.join(kept)


def _each(pattern: str, text: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"(?<![\w/.\-]){pattern}(?!\w)", text)


def _day(date: dt.date, found: re.Match[str]) -> Span:
    return Span(date, date, found.start(), found.end())


def _stretch(first: dt.date, last: dt.date, found: re.Match[str]) -> Span:
    return Span(first, last, found.start(), found.end(), kind="range")
