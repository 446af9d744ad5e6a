"""When somebody would like to come, out of their own words.

The words of each language are data (``bot/lexicon/booking/``). What this grammar does not know is
left to ``dateparser``. Nothing here is silent about its guesses: whoever uses a wish shows the
citizen the weekday and the whole date that came of it.

"Next Tuesday" is the Tuesday of next week; "Tuesday", and "this Tuesday", the first one after
today. A date without a year is the next of its kind, unless it has only just passed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import dateparser  # type: ignore[import-untyped]
import yaml

from booking.danish_days import holiday_name
from knowledge.folding import fold
from knowledge.formatting import locale
from knowledge.schema import Strict

LEXICON = Path(__file__).parents[2] / "lexicon" / "booking"
_JUST_PASSED = 60
"""Days for which a date without a year is taken for the one that has passed."""
_FAR = 400
_MORNING = 7
"""Hours below this are of the afternoon where nothing else is said: offices are closed then."""
_EVENING = dt.time(16, 30)
_GONE = " \x1f "
"""In the place of what has been read."""
_SPACES = re.compile(r"\s+")
_OTHER = re.compile(r"[^\w:./\-\x1f]+")


class Move(StrEnum):
    """What somebody wants who has been offered some times."""

    earlier = "earlier"
    later = "later"
    other_day = "other_day"


class Problem(StrEnum):
    """Why a date cannot be meant."""

    in_the_past = "booking.in_the_past"
    no_such_date = "booking.no_such_date"


@dataclass(frozen=True)
class Wish:
    """Which times would suit. None: it does not matter. ``last`` is inclusive."""

    first: dt.date | None = None
    last: dt.date | None = None
    weekdays: frozenset[int] = frozenset()
    from_time: dt.time | None = None
    until_time: dt.time | None = None

    @property
    def day(self) -> dt.date | None:
        """The one day that is meant, if it is one."""
        return self.first if self.first == self.last else None

    def amended(self, later: Wish) -> Wish:
        """What somebody means who first said this and then that: days and hours stand apart."""
        days = later.first or later.last or later.weekdays
        hours = later.from_time or later.until_time
        return Wish(
            later.first if days else self.first,
            later.last if days else self.last,
            later.weekdays if days else self.weekdays,
            later.from_time if hours else self.from_time,
            later.until_time if hours else self.until_time,
        )


@dataclass(frozen=True)
class Said:
    """What was understood. All None: nothing about time."""

    wish: Wish | None = None
    move: Move | None = None
    problem: Problem | None = None

    def __bool__(self) -> bool:
        return self != Said()


class _Lexicon(Strict):
    """``bot/lexicon/booking/<lang>.yml``."""

    numbers: dict[str, int]
    days: dict[str, int]
    tonight: tuple[str, ...]
    weekdays: tuple[tuple[str, ...], ...]
    every_weekday: tuple[str, ...]
    on_weekdays: tuple[str, ...]
    last_weekdays: tuple[str, ...]
    next: tuple[str, ...]
    last: tuple[str, ...]
    this: tuple[str, ...]
    week: tuple[str, ...]
    weekend: tuple[str, ...]
    month: tuple[str, ...]
    units: dict[str, int]
    in_: tuple[str, ...]
    in_month: tuple[str, ...]
    to: tuple[str, ...]
    day_of_month: tuple[str, ...]
    after: tuple[str, ...]
    from_: tuple[str, ...]
    before: tuple[str, ...]
    until: tuple[str, ...]
    between: tuple[str, ...]
    and_: tuple[str, ...]
    not_: tuple[str, ...]
    clock: tuple[str, ...]
    am: tuple[str, ...]
    pm: tuple[str, ...]
    half_to: tuple[str, ...]
    half_past: tuple[str, ...]
    quarter_past: tuple[str, ...]
    quarter_to: tuple[str, ...]
    oclock: tuple[str, ...]
    parts: dict[str, tuple[str, str]]
    month_parts: dict[str, tuple[int, int]]
    holidays: dict[str, tuple[int, int]]
    easter: tuple[str, ...]
    any_time: tuple[str, ...]
    earlier: tuple[str, ...]
    later: tuple[str, ...]
    other_day: tuple[str, ...]


_KEYWORDS = {"in": "in_", "from": "from_", "and": "and_", "not": "not_"}


class _NoSuchDate(Exception):
    pass


@dataclass(frozen=True)
class _Span:
    """Days that were named, both inclusive, and where in the text."""

    first: dt.date
    last: dt.date
    starts: int
    ends: int
    op: str = ""
    kind: str = "day"


def _plain(text: str) -> str:
    text = fold(text.replace("'", " ").replace("’", " "))
    return _SPACES.sub(" ", _OTHER.sub(" ", text)).strip()


def _any(words: Iterable[str]) -> str:
    """A pattern for any of these, the longest first; never matches if there are none."""
    ordered = sorted({_plain(word) for word in words}, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, ordered))})" if ordered else r"(?:(?!))"


class DateReader:
    """Reads one language."""

    def __init__(self, language: str) -> None:
        """Raises ``FileNotFoundError`` for a language without a lexicon."""
        content = yaml.safe_load((LEXICON / f"{language}.yml").read_text(encoding="utf-8"))
        self._language = language
        self._words = _Lexicon.model_validate(
            {_KEYWORDS.get(key, key): value for key, value in content.items()}
        )

    def read(self, text: str, today: dt.date) -> Said:
        """What is said about time in ``text``, if ``today`` is the local date."""
        rest = f" {_plain(text)} "
        try:
            rest, days = self._days(rest, today)
        except _NoSuchDate:
            return Said(problem=Problem.no_such_date)
        if days is not None and days.last is not None and days.last < today:
            return Said(problem=Problem.in_the_past)
        tonight = re.search(rf"(?<!\w){_any(self._words.tonight)}(?!\w)", _plain(text)) is not None
        rest, hours = self._hours(rest, tonight=tonight)
        wish = days.amended(hours) if days is not None and hours is not None else days or hours
        if wish is not None:
            return Said(wish=wish)
        for move in Move:
            if re.search(rf"(?<!\w){_any(getattr(self._words, move))}(?!\w)", rest):
                return Said(move=move)
        if re.search(rf"(?<!\w){_any(self._words.any_time)}(?!\w)", rest):
            return Said(wish=Wish())
        return self._otherwise(text, rest, today)

    def _otherwise(self, text: str, rest: str, today: dt.date) -> Said:
        # It sees dates in many a word, so only what has figures and names them all is believed.
        if not any(letter.isdigit() for letter in rest) or len(rest.split()) > 6:
            return Said()
        found = dateparser.parse(
            text,
            languages=[self._language],
            settings={
                "PREFER_DATES_FROM": "future",
                "RELATIVE_BASE": dt.datetime.combine(today, dt.time(12)),
                "REQUIRE_PARTS": ["day", "month"],
                "PARSERS": ["relative-time", "absolute-time"],
            },
        )
        if found is None or abs((found.date() - today).days) > _FAR:
            return Said()
        if found.date() < today:
            return Said(problem=Problem.in_the_past)
        return Said(wish=Wish(found.date(), found.date()))

    # --- days

    def _days(self, text: str, today: dt.date) -> tuple[str, Wish | None]:
        words = self._words
        # A closing day named as such comes before the words in its name.
        spans: list[_Span] = []
        for found in self._spans(text, today):
            if all(found.ends <= span.starts or found.starts >= span.ends for span in spans):
                spans.append(self._with_op(text, found))
        weekdays, plural, text_ = self._weekdays(_without(text, spans), today)
        spans.sort(key=lambda span: span.starts)
        rest = text_
        if not spans and not weekdays:
            return rest, None
        if len(spans) == 2 and not any(span.op in ("before", "after") for span in spans):
            joined = re.search(
                rf"{_GONE.strip()}.*?(?:{_any(words.and_)}|{_any(words.to)}|-|{_any(words.until)})",
                rest,
            )
            if joined:
                first, last = spans
                spans = [replace(first, last=last.last, op="", kind="range")]
        wish = Wish()
        for span in spans:
            wish = self._bounded(wish, span)
        if not weekdays:
            return rest, wish
        if any(span.kind == "day" for span in spans):
            # "Tuesday the 24th": the date says it all.
            return rest, wish
        if len(weekdays) == 1 and not plural:
            (weekday,) = weekdays
            if wish.first is not None and wish.last is not None:
                begins = max(wish.first, today) if wish.first.weekday() else wish.first
                day = begins + dt.timedelta(days=(weekday.day - begins.weekday()) % 7)
                return rest, replace(wish, first=day, last=day)
            return rest, self._bounded(wish, _Span(weekday.date, weekday.date, 0, 0, weekday.op))
        return rest, replace(wish, weekdays=frozenset(item.day for item in weekdays))

    def _with_op(self, text: str, span: _Span) -> _Span:
        before = text[: span.starts]
        for name in ("after", "from_", "before", "until"):
            op = rf"(?<!\w){_any(getattr(self._words, name))}\s+$"
            if found := re.search(op, before):
                return replace(span, op=name.rstrip("_"), starts=found.start())
        return span

    @staticmethod
    def _bounded(wish: Wish, span: _Span) -> Wish:
        if span.op == "after":
            return replace(wish, first=span.last + dt.timedelta(days=1))
        if span.op == "from":
            return replace(wish, first=span.first)
        if span.op == "before":
            return replace(wish, last=span.first - dt.timedelta(days=1))
        if span.op == "until":
            return replace(wish, last=span.last)
        return replace(wish, first=span.first, last=span.last)

    @cached_property
    def _months(self) -> Mapping[str, int]:
        cldr = locale(self._language)
        names: dict[str, int] = {}
        for width in ("wide", "abbreviated"):
            for number, name in cldr.months["format"][width].items():
                names[_plain(name).rstrip(".")] = number
        if self._language == "en":
            names["sep"] = 9
        return names

    def _spans(self, text: str, today: dt.date) -> Iterator[_Span]:
        words, month = self._words, _any(self._months)
        number = rf"(\d{{1,2}}|{_any(words.numbers)})"
        day = r"(\d{1,2})(?:\.|st|nd|rd|th)?"

        def each(pattern: str) -> Iterator[re.Match[str]]:
            return re.finditer(rf"(?<![\w/.\-]){pattern}(?!\w)", text)

        for name, (its_month, its_day) in words.holidays.items():
            for found in each(re.escape(_plain(name))):
                date = self._coming(its_day, its_month, None, today)
                yield _Span(date, date, found.start(), found.end())
        yield from self._public_holidays(text, today)
        for found in each(r"(\d{4})-(\d{1,2})-(\d{1,2})"):
            date = _date(int(found[1]), int(found[2]), int(found[3]))
            yield _Span(date, date, found.start(), found.end())
        prefix = _any(words.day_of_month)
        for found in each(rf"(?:{prefix}\.? )?{day} (?:of |den )?({month})\.?(?: (\d{{4}}))?"):
            yield self._named(found, int(found[1]), found[2], found[3], today)
        for found in each(rf"({month})\.? (?:the )?{day}(?: (\d{{4}}))?"):
            yield self._named(found, int(found[2]), found[1], found[3], today)
        clock = rf"(?<!\w){_any(words.clock)}\.? $"
        for found in each(r"(\d{1,2})([./])(\d{1,2})(?:[./\-](\d{4}|\d{2})|\.)?"):
            if re.search(clock, text[: found.start()]):
                continue
            if found[2] == "." and int(found[3]) > 12:
                continue
            year = int(found[4]) + (2000 if len(found[4]) == 2 else 0) if found[4] else None
            date = self._coming(int(found[1]), int(found[3]), year, today)
            yield _Span(date, date, found.start(), found.end())
        for found in each(
            rf"(?:{prefix}\.? (\d{{1,2}})(?:\.|st|nd|rd|th)?|(\d{{1,2}})(?:st|nd|rd|th))"
        ):
            date = _next_day_of_month(int(found[1] or found[2]), today)
            yield _Span(date, date, found.start(), found.end())
        for phrase, offset in sorted(words.days.items(), key=lambda item: -len(item[0])):
            for found in each(re.escape(_plain(phrase))):
                date = today + dt.timedelta(days=offset)
                yield _Span(date, date, found.start(), found.end())
        for found in each(rf"{_any(words.in_)} {number} ({_any(words.units)})"):
            count = self._number(found[1])
            unit = {_plain(name): days for name, days in words.units.items()}[found[2]]
            date = today + dt.timedelta(days=count * unit)
            last = date if unit == 1 else date + dt.timedelta(days=6)
            kind = "day" if unit == 1 else "range"
            yield _Span(date, last, found.start(), found.end(), kind=kind)
        monday = today - dt.timedelta(days=today.weekday())
        weeks = ((words.next, 1), (words.this, 0), (words.last, -1))
        for which, offset in weeks:
            for found in each(rf"(?:i )?{_any(which)} {_any(words.week)}"):
                first = monday + dt.timedelta(days=7 * offset)
                first, last = max(first, today) if not offset else first, first + dt.timedelta(6)
                yield _Span(first, last, found.start(), found.end(), kind="range")
            for found in each(rf"(?:i )?{_any(which)} {_any(words.month)}"):
                first, last = _month(today, offset)
                first = max(first, today) if not offset else first
                yield _Span(first, last, found.start(), found.end(), kind="range")
        for found in each(rf"{_any(words.week)} (\d{{1,2}})"):
            first = _iso_week(int(found[1]), today)
            last = first + dt.timedelta(days=6)
            yield _Span(first, last, found.start(), found.end(), kind="range")
        for found in each(
            rf"(?:(?:i|the|this|on the|at the) )?({_any(words.next)} )?{_any(words.weekend)}"
        ):
            saturday = monday + dt.timedelta(days=12 if found[1] else 5)
            last = saturday + dt.timedelta(days=1)
            yield _Span(saturday, last, found.start(), found.end(), kind="range")
        for phrase, (low, high) in words.month_parts.items():
            for found in each(rf"(?:i )?{re.escape(_plain(phrase))}\.? ({month})"):
                first, end = self._whole_month(found[1], today)
                last = min(end, first.replace(day=min(high, end.day)))
                yield _Span(first.replace(day=low), last, found.start(), found.end(), kind="range")
        for found in each(rf"(?:{_any(words.in_month)} )({month})"):
            first, last = self._whole_month(found[1], today)
            yield _Span(max(first, today), last, found.start(), found.end(), kind="range")
        if re.fullmatch(rf" {month} ", text):
            first, last = self._whole_month(text.strip(), today)
            yield _Span(max(first, today), last, 0, len(text), kind="range")
        for found in each(_any(words.tonight)):
            yield _Span(today, today, found.start(), found.end())

    def _public_holidays(self, text: str, today: dt.date) -> Iterator[_Span]:
        language = "da" if self._language == "da" else "en_US"
        spans: list[_Span] = []
        for offset in range(_FAR):
            date = today + dt.timedelta(days=offset)
            name = holiday_name(date, language)
            if name is None:
                continue
            for part in name.split("; "):
                pattern = rf"(?<!\w){re.escape(_plain(part))}(?!\w)"
                spans += [
                    _Span(date, date, found.start(), found.end())
                    for found in re.finditer(pattern, text)
                ]
            if _plain(name) in ("paskedag", "easter sunday"):
                spans += [
                    _Span(date, date, found.start(), found.end())
                    for found in re.finditer(rf"(?<!\w){_any(self._words.easter)}(?!\w)", text)
                ]
        # One holiday's name may stand in another's.
        yield from sorted(spans, key=lambda span: span.starts - span.ends)

    def _named(
        self, found: re.Match[str], day: int, month: str, year: str | None, today: dt.date
    ) -> _Span:
        date = self._coming(day, self._months[month], int(year) if year else None, today)
        return _Span(date, date, found.start(), found.end())

    @staticmethod
    def _coming(day: int, month: int, year: int | None, today: dt.date) -> dt.date:
        """Raises :class:`_NoSuchDate`."""
        if year is not None:
            return _date(year, month, day)
        try:
            date = _date(today.year, month, day)
        except _NoSuchDate:
            if (day, month) != (29, 2):
                raise
            date = _date(today.year + 1, month, day)
        if (today - date).days > _JUST_PASSED:
            return _date(today.year + 1, month, day)
        return date

    def _whole_month(self, name: str, today: dt.date) -> tuple[dt.date, dt.date]:
        return _month(today, (self._months[name] - today.month) % 12)

    def _number(self, text: str) -> int:
        if text.isdigit():
            return int(text)
        return {_plain(word): number for word, number in self._words.numbers.items()}[text]

    def _weekdays(self, text: str, today: dt.date) -> tuple[list[_Weekday], bool, str]:
        """The days of the week that are named, whether as a habit, and the rest of the text."""
        words = self._words
        names: dict[str, tuple[int, str]] = {}
        for day, forms in enumerate(words.weekdays):
            names |= {_plain(form): (day, "") for form in forms}
        names |= {_plain(form): (day, "every") for day, form in enumerate(words.every_weekday)}
        names |= {_plain(form): (day, "every") for day, form in enumerate(words.on_weekdays)}
        names |= {_plain(form): (day, "last") for day, form in enumerate(words.last_weekdays)}
        before = {
            "next": words.next, "last": words.last, "not_": words.not_, "after": words.after,
            "from_": words.from_, "before": words.before, "until": words.until,
        }  # fmt: skip
        groups = "|".join(f"(?P<{name}>{_any(which)})" for name, which in before.items())
        filler = rf"(?:(?:{_any(words.this)}|om|den) )?"
        pattern = rf"(?<!\w)(?:(?:{groups}) )?{filler}(?P<day>{_any(names)})(?!\w)\.?"
        found_days: list[_Weekday] = []
        excluded: set[int] = set()
        plural = False

        def take(found: re.Match[str]) -> str:
            nonlocal plural
            day, how = names[found["day"]]
            if found["not_"]:
                excluded.add(day)
                return _GONE
            ahead = (day - today.weekday()) % 7 or 7
            if how == "last" or found["last"]:
                ahead = (day - today.weekday()) % 7 - 7
            elif found["next"]:
                ahead = day - today.weekday() + 7
            plural = plural or how == "every"
            op = next((name.rstrip("_") for name in ("after", "from_", "before", "until")
                       if found[name]), "")  # fmt: skip
            found_days.append(_Weekday(day, today + dt.timedelta(days=ahead), op))
            return _GONE

        rest = re.sub(pattern, take, text)
        if excluded:
            found_days = [_Weekday(day, today, "") for day in range(7) if day not in excluded]
            plural = True
        return found_days, plural, rest

    # --- hours

    def _hours(self, text: str, *, tonight: bool) -> tuple[str, Wish | None]:
        words = self._words
        window: tuple[dt.time | None, dt.time | None] | None = None
        parts = {
            _plain(name): (_time(low), _time(high)) for name, (low, high) in words.parts.items()
        }
        late = False
        pattern = rf"(?<!\w){_any(parts)}(?!\w)"
        for found in re.finditer(pattern, text):
            low, high = parts[found[0]]
            late = late or (low is not None and low.hour >= 12)
            window = _narrowed(window, (low, high))
        rest = re.sub(pattern, _GONE, text)
        if tonight:
            window, late = _narrowed(window, (_EVENING, None)), True
        clock = self._clock_pattern()
        begin = f"{_any(words.between)}|{_any(words.from_)}|{_any(words.clock)}\\.?"
        until = f"{_any(words.and_)}|{_any(words.to)}|-"
        second = clock.replace("?P<", "?P<to_")
        between = rf"(?<!\w)(?:{begin}) {clock}\s*(?:{until})\s*{second}(?!\w)"
        if spanned := re.search(between, rest):
            low = self._moment(spanned, "", late=late)
            high = self._moment(spanned, "to_", late=late)
            if low is not None and high is not None and low < high:
                rest = rest[: spanned.start()] + _GONE + rest[spanned.end() :]
                return rest, Wish(from_time=low, until_time=high)
        ops = {"after": words.after, "from_": words.from_, "before": words.before,
               "until": words.until, "at": words.clock}  # fmt: skip
        groups = "|".join(f"(?P<{name}>{_any(which)})" for name, which in ops.items())
        clock_word = rf"(?:{_any(words.clock)}\.? )?"
        pattern = rf"(?<![\w.:/\-])(?:(?:{groups})\.? )?(?P<clock>{clock_word}){clock}(?![\w%])"
        for found in list(re.finditer(pattern, rest)):
            op = next((name for name in ops if found[name]), "")
            exact = found["minutes"] or found["half"] or found["ampm"] or found["clock"]
            if not (op or exact):
                continue
            time = self._moment(found, "", late=late)
            if time is None:
                continue
            bound = (None, time) if op in ("before", "until") else (time, None)
            window = _narrowed(window, bound)
            rest = rest.replace(found[0], _GONE, 1)
        if window is None:
            return rest, None
        return rest, Wish(from_time=window[0], until_time=window[1])

    def _clock_pattern(self) -> str:
        words = self._words
        half = "|".join(
            f"(?P<{name}>{_any(getattr(words, name))})"
            for name in ("half_to", "half_past", "quarter_past", "quarter_to")
        )
        hour = rf"(?P<hour>\d{{1,2}}|{_any(words.numbers)})"
        ampm = _any((*words.am, *words.pm, *words.oclock))
        return rf"(?P<half>(?:{half}) )?{hour}(?:[:.](?P<minutes>\d{{2}}))?(?: ?(?P<ampm>{ampm}))?"

    def _moment(self, found: re.Match[str], prefix: str, *, late: bool) -> dt.time | None:
        hour = self._number(found[f"{prefix}hour"])
        minute = int(found[f"{prefix}minutes"] or 0)
        if hour > 24 or minute > 59:
            return None
        if found[f"{prefix}half_to"]:
            hour, minute = hour - 1, 30
        elif found[f"{prefix}half_past"]:
            minute = 30
        elif found[f"{prefix}quarter_past"]:
            minute = 15
        elif found[f"{prefix}quarter_to"]:
            hour, minute = hour - 1, 45
        ampm = found[f"{prefix}ampm"]
        if ampm and ampm in map(_plain, self._words.pm):
            hour = hour % 12 + 12
        elif ampm and ampm in map(_plain, self._words.am):
            hour %= 12
        elif 0 < hour < 12 and (hour < _MORNING or late):
            hour += 12
        return dt.time(hour % 24, minute)


@dataclass(frozen=True)
class _Weekday:
    day: int
    date: dt.date
    op: str


def _without(text: str, spans: Iterable[_Span]) -> str:
    ordered = sorted(spans, key=lambda span: span.starts)
    edges = [0, *(edge for span in ordered for edge in (span.starts, span.ends)), len(text)]
    kept = [text[low:high] for low, high in list(pairwise(edges))[::2]]
    return _GONE.join(kept)


def _date(year: int, month: int, day: int) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise _NoSuchDate from None


def _next_day_of_month(day: int, today: dt.date) -> dt.date:
    if not 1 <= day <= 31:
        raise _NoSuchDate
    for offset in range(4):
        first, last = _month(today, offset)
        if day <= last.day and first.replace(day=day) >= today:
            return first.replace(day=day)
    raise _NoSuchDate


def _month(today: dt.date, offset: int) -> tuple[dt.date, dt.date]:
    index = today.year * 12 + today.month - 1 + offset
    first = dt.date(index // 12, index % 12 + 1, 1)
    after = dt.date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return first, after - dt.timedelta(days=1)


def _iso_week(week: int, today: dt.date) -> dt.date:
    for year in (today.year, today.year + 1):
        try:
            first = dt.date.fromisocalendar(year, week, 1)
        except ValueError:
            raise _NoSuchDate from None
        if first + dt.timedelta(days=6) >= today:
            return first
    raise _NoSuchDate


def _time(text: str) -> dt.time | None:
    """None for the beginning and the end of a day: they exclude nothing."""
    return None if text in ("00:00", "24:00") else dt.time.fromisoformat(text)


def _narrowed(
    window: tuple[dt.time | None, dt.time | None] | None,
    other: tuple[dt.time | None, dt.time | None],
) -> tuple[dt.time | None, dt.time | None]:
    if window is None:
        return other
    low = max((time for time in (window[0], other[0]) if time), default=None)
    high = min((time for time in (window[1], other[1]) if time), default=None)
    return low, high
