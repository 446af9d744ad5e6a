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
from dataclasses import replace

import dateparser  # type: ignore[import-untyped]

from bot.actions.booking.hours import Hours
from bot.actions.booking.lexicon import GONE, any_of, load, plain
from bot.actions.booking.reckoning import NoSuchDate
from bot.actions.booking.spans import AHEAD, Span, Spans, without
from bot.actions.booking.weekdays import weekdays
from bot.actions.booking.wish import Move, Problem, Said, Wish
from knowledge.folding import fold

_SHORT = 3
"""Letters of a weekday that is only an abbreviation."""


class DateReader:
    """Reads one language."""

    def __init__(self, language: str) -> None:
        """Raises ``FileNotFoundError`` for a language without a lexicon."""
        self._language = language
        self._words = load(language)
        self._spans = Spans(language, self._words)
        self._hours = Hours(self._words, self._spans.number)

    def read(self, text: str, today: dt.date) -> Said:
        """What is said about time in ``text``, if ``today`` is the local date."""
        # "No, Wednesday" is not "not Wednesday".
        rest = re.sub(rf"(?<!\w){any_of(self._words.not_)}\s*[,،]", GONE, fold(text))
        rest = self._apart(f" {plain(rest)} ")
        rest = re.sub(rf"(?<!\w){any_of(self._words.not_time)}(?!\w)", GONE, rest)
        try:
            rest, days = self._days(rest, today)
        except NoSuchDate:
            return Said(problem=Problem.no_such_date)
        if days is not None and days.last is not None and days.last < today:
            return Said(problem=Problem.in_the_past)
        rest, hours = self._hours.read(rest, tonight=_has(self._words.tonight, plain(text)))
        wish = days.amended(hours) if days is not None and hours is not None else days or hours
        if wish is not None:
            return Said(wish=wish)
        for move in Move:
            if _has(getattr(self._words, move), rest):
                return Said(move=move)
        if _has(self._words.any_time, rest):
            return Said(wish=Wish())
        return self._otherwise(text, rest, today)

    def _apart(self, text: str) -> str:
        """ "Tuesdaymorning" is two words; of an abbreviation that cannot be said."""
        names = (plain(name) for forms in self._words.weekdays for name in forms)
        weekday = any_of(name for name in names if len(name) > _SHORT)
        glued = rf"(?<!\w)({weekday})({any_of(self._words.parts)})(?!\w)"
        return re.sub(glued, r"\1 \2", text)

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
        if found is None or abs((found.date() - today).days) > AHEAD:
            return Said()
        if found.date() < today:
            return Said(problem=Problem.in_the_past)
        return Said(wish=Wish(found.date(), found.date()))

    def _days(self, text: str, today: dt.date) -> tuple[str, Wish | None]:
        """The rest of the text, and the days; None if none are named."""
        spans = self._spans.find(text, today)
        named = weekdays(self._words, without(text, spans), today)
        rest = named.rest
        if not spans and not named.days:
            if not (spans := self._spans.bare(rest, today)):
                return rest, None
            rest = without(rest, spans)
        wish = Wish()
        for span in self._joined(spans, rest):
            wish = _bounded(wish, span)
        # "Tuesday the 24th": the date says it all.
        if not named.days or any(span.kind == "day" for span in self._joined(spans, rest)):
            return rest, wish
        if len(named.days) > 1 or named.plural:
            return rest, replace(wish, weekdays=frozenset(item.day for item in named.days))
        (weekday,) = named.days
        if wish.first is not None and wish.last is not None:
            begins = max(wish.first, today) if wish.first.weekday() else wish.first
            day = begins + dt.timedelta(days=(weekday.day - begins.weekday()) % 7)
            return rest, replace(wish, first=day, last=day)
        return rest, _bounded(wish, Span(weekday.date, weekday.date, 0, 0, weekday.op))

    def _joined(self, spans: list[Span], rest: str) -> list[Span]:
        """ "From the 1st to the 5th" is one stretch."""
        if len(spans) != 2 or any(span.op in ("before", "after") for span in spans):
            return spans
        words = self._words
        until = f"{any_of(words.and_)}|{any_of(words.to)}|-|{any_of(words.until)}"
        if not re.search(rf"{GONE.strip()}.*?(?:{until})", rest):
            return spans
        first, last = spans
        return [replace(first, last=last.last, op="", kind="range")]


def _has(words: tuple[str, ...], text: str) -> bool:
    return re.search(rf"(?<!\w){any_of(words)}(?!\w)", text) is not None


def _bounded(wish: Wish, span: Span) -> Wish:
    if span.op == "after":
        return replace(wish, first=span.last + dt.timedelta(days=1))
    if span.op == "from":
        return replace(wish, first=span.first)
    if span.op == "before":
        return replace(wish, last=span.first - dt.timedelta(days=1))
    if span.op == "until":
        return replace(wish, last=span.last)
    return replace(wish, first=span.first, last=span.last)
