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
_PICKED = 5
"""Up to this, "the third" may be the third of what was offered."""
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

    def bare(self, text: str, today: dt.date) -> list[Span]:
        """ "After 25", where no day is named otherwise: too much for an hour."""
        words = self._words
        bound = any_of(word for name in OPS for word in getattr(words, name))
        hours = (*words.am, *words.pm, *words.oclock, *words.behind.minutes)
        other = any_of((*hours, *words.units, *words.counted))
        hour = rf"(?![\w:./\-]| {other}(?!\w))"
        found = re.search(rf"(?<!\w){bound} (?P<day>\d{{1,2}}){hour}", text)
        if found is None or not words.bare_hours < int(found["day"]) <= 31:
            return []
        day = next_day_of_month(int(found["day"]), today)
        return [self._with_op(text, Span(day, day, *found.span("day")))]

    def number(self, text: str) -> int:
        """A number in figures or in words."""
        if text.isdigit():
            return int(text)
        return {plain(word): number for word, number in self._words.numbers.items()}[text]

    def _with_op(self, text: str, span: Span) -> Span:
        before, after = text[: span.starts], text[span.ends :]
        fronts = [
            (found.start(), name.rstrip("_"))
            for name in OPS
            if (found := re.search(rf"(?<!\w){any_of(getattr(self._words, name))}\s+$", before))
        ]
        if fronts:  # "Not later than" is more than "later than".
            starts, op = min(fronts, key=lambda front: front[0])
            return replace(span, op=op, starts=starts)
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
        names |= {plain(name): number for name, number in self._words.months.items()}
        return {name: number for name, number in names.items() if number}

    @cached_property
    def _month(self) -> str:
        return any_of(self._months)

    def _holidays(self, text: str, today: dt.date) -> Iterator[Span]:
        holidays = sorted(self._words.holidays.items(), key=lambda item: -len(item[0]))
        for name, (month, day) in holidays:
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
        behind, prefix = rf"(?:\.| ?{ordinal})?", any_of(words.day_of_month)
        spoken = any_of(word for word, number in self._day_words.items() if number)
        day = rf"(\d{{1,2}}|{spoken}){behind}"
        for found in _each(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
            yield _day(real_date(int(found[1]), int(found[2]), int(found[3])), found)
        of = perhaps((*words.of, *words.fillers))
        to = any_of((*words.and_, *words.to, *words.until, "-"))
        begin = perhaps((*words.between, *words.from_, *words.day_of_month))
        within = rf"{begin}{day} ?{to} ?(?:{prefix}\.? )?{day} {of}({month})\.?(?: (\d{{4}}))?"
        for found in _each(within, text):
            last = self._named(found, found[2], found[3], found[4], today)
            if 0 < (low := self._day_number(found[1])) < last.last.day:
                yield replace(last, first=last.last.replace(day=low), kind="range")
        pattern = rf"(?:{prefix}\.? )?{day} {of}({month})\.?(?: (\d{{4}}))?"
        for found in _each(pattern, text):
            yield self._named(found, found[1], found[2], found[3], today)
        for found in _each(rf"({month})\.? {of}{day}(?: (\d{{4}}))?", text):
            yield self._named(found, found[2], found[1], found[3], today)
        clock = rf"(?<!\w){any_of(words.clock)}\.? $"
        for found in _each(r"(\d{1,2})([./])(\d{1,2})(?:[./\-](\d{4}|\d{2})|\.)?", text):
            if re.search(clock, text[: found.start()]):
                continue
            if found[2] == "." and not 1 <= int(found[3]) <= 12:
                continue
            year = int(found[4]) + (2000 if len(found[4]) == 2 else 0) if found[4] else None
            yield _day(coming(int(found[1]), int(found[3]), year, today), found)
        hour = rf"(?! {any_of(words.behind.minutes)}(?!\w))"
        pattern = rf"(?:{prefix}\.? (\d{{1,2}}){behind}|(\d{{1,2}}) ?{ordinal}){hour}"
        for found in _each(pattern, text):
            yield _day(next_day_of_month(int(found[1] or found[2]), today), found)
        yield from self._worded(text, today)

    @cached_property
    def _day_words(self) -> Mapping[str, int]:
        return {plain(word): number for word, number in self._words.day_words.items()}

    def _day_number(self, text: str) -> int:
        return int(self._day_words.get(text, text))

    def _worded(self, text: str, today: dt.date) -> Iterator[Span]:
        """ "After the fifteenth": in words only where nothing else can be counted."""
        words = self._words
        halves = (*words.half_to, *words.half_past, *words.quarter_into, *words.quarter_past)
        fronts = (word for name in (*OPS, "between") for word in getattr(words, name))
        front = rf"(?<!\w){any_of(fronts)} (?:{any_of(words.day_of_month)} )?$"
        prefix = rf"(?<!\w){any_of(words.day_of_month)} $"
        tail = rf"\s*(?:$|{any_of((*words.parts, *words.clock, *words.to))}(?!\w))"
        for found in _each(f"({any_of(self._day_words)})", text):
            before, number = text[: found.start()], self._day_words[found[1]]
            if not number or re.search(rf"(?<!\w){any_of(halves)} $", before):
                continue
            bound = re.search(front, before)
            alone = number > _PICKED and re.match(tail, text[found.end() :])
            if bound or alone or (number > _PICKED and re.search(prefix, before)):
                yield _day(next_day_of_month(number, today), found)

    def _named(
        self, found: re.Match[str], day: str, month: str, year: str | None, today: dt.date
    ) -> Span:
        number = self._months[month]
        date = coming(self._day_number(day), number, int(year) if year else None, today)
        return _day(date, found)

    def _relative(self, text: str, today: dt.date) -> Iterator[Span]:
        words = self._words
        for phrase, offset in sorted(words.days.items(), key=lambda item: -len(item[0])):
            for found in _each(re.escape(plain(phrase)), text):
                if not self._is_part(text, found):
                    yield _day(today + dt.timedelta(days=offset), found)
        number = rf"(\d{{1,2}}|{any_of(words.numbers)})"
        units = {plain(name): days for name, days in words.units.items()}
        many, behind = rf"(?:{number} )?({any_of(units)})", any_of(words.behind.in_)
        pattern = rf"(?:{any_of(words.in_)} {many}|{many} {behind})(?! \d)"
        for found in _each(pattern, text):
            unit = units[found[2] or found[4]]
            count = found[1] or found[3]
            if not count and unit == 1:
                continue
            date = today + dt.timedelta(days=(self.number(count) if count else 1) * unit)
            if unit < 7:
                yield _day(date, found)
            else:
                yield _stretch(date, date + dt.timedelta(days=6), found)

    def _is_part(self, text: str, found: re.Match[str]) -> bool:
        """Whether a word for a day is one for a part of it here: ``heute morgen``."""
        words = self._words
        names = (name for forms in words.weekdays for name in forms)
        named = rf"(?<!\w){any_of((*names, *words.days))} $"
        if found[0] in map(plain, words.parts) and re.search(named, text[: found.start()]):
            return True
        parts = re.finditer(rf"(?<!\w){any_of(words.parts)}(?!\w)", text)
        return any(
            part.start() <= found.start() and found.end() <= part.end() and part[0] != found[0]
            for part in parts
        )

    def _stretches(self, text: str, today: dt.date) -> Iterator[Span]:
        words, month, small = self._words, self._month, perhaps(self._words.fillers)
        monday = today - dt.timedelta(days=today.weekday())
        behind = words.behind
        weekend, now = any_of(words.weekend), perhaps((*words.this, *words.coming, *words.fillers))
        pattern = (
            rf"{small}(?:({any_of(words.next)}) |({any_of(words.last)}) )?{now}{weekend}"
            rf"(?: ({any_of(behind.next)})| ({any_of(behind.last)}))?"
        )
        for found in _each(pattern, text):
            ahead = 12 if found[1] or found[3] else -2 if found[2] or found[4] else 5
            saturday = monday + dt.timedelta(days=ahead)
            yield _stretch(saturday, saturday + dt.timedelta(days=1), found)
        weeks = {plain(name): offset for name, offset in words.weeks.items()}
        for found in _each(rf"{small}({any_of(weeks)})", text):
            first = monday + dt.timedelta(days=7 * weeks[found[1]])
            yield _stretch(max(first, today), first + dt.timedelta(days=6), found)
        for front, back, offset in (
            ((*words.next, *words.coming), (*behind.next, *behind.coming), 1),
            (words.this, behind.this, 0),
            (words.after_next, (), 2),
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
        ordinal = rf"(?:\.| ?{any_of(words.ordinals)})"
        pattern = rf"(?:{any_of(words.week)} (\d{{1,2}})|(\d{{1,2}}){ordinal} {any_of(words.week)})"
        for found in _each(pattern, text):
            first = iso_week(int(found[1] or found[2]), today)
            yield _stretch(first, first + dt.timedelta(days=6), found)
        parts = [
            (rf"{small}{re.escape(plain(phrase))}\.? ({month})", days)
            for phrase, days in words.month_parts.items()
        ] + [
            (rf"({month}) {re.escape(plain(phrase))}", days)
            for phrase, days in behind.month_parts.items()
        ]
        for pattern, (low, high) in parts:
            for found in _each(pattern, text):
                first, end = self._whole_month(found[1], today)
                last = min(end, first.replace(day=min(high, end.day)))
                yield _stretch(first.replace(day=low), last, found)
        pattern = rf"(?:{any_of(words.in_month)} ({month})|({month}) ?{any_of(behind.in_month)})"
        for found in _each(pattern, text):
            first, last = self._whole_month(found[1] or found[2], today)
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
