"""Hours that are named in a text: "after three", "between 9 and 11", "in the morning"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from bot.actions.booking.lexicon import GONE, Lexicon, any_of, perhaps, plain
from bot.actions.booking.spans import OPS
from bot.actions.booking.wish import Wish

_MORNING = 7
"""Hours below this are of the afternoon where nothing else is said: offices are closed then."""
_EVENING = dt.time(16, 30)
_HALVES = ("half_to", "half_past", "quarter_past", "quarter_to", "quarter_into")
_EXACT = ("minutes", "half", "more", "ampm")
"""What makes a number a time of day."""
_Window = tuple[dt.time | None, dt.time | None]


class Hours:
    """Reads them in one language."""

    def __init__(self, words: Lexicon, number: Callable[[str], int]) -> None:
        """``number`` reads a number in figures or in words."""
        self._words = words
        self._number = number

    def read(self, text: str, *, tonight: bool) -> tuple[str, Wish | None]:
        """The rest of the text, and the hours; None if none are named."""
        rest, window, late = self._parts(text)
        if tonight:
            window, late = _narrowed(window, (_EVENING, None)), True
        if (spanned := self._between(rest, late=late)) is not None:
            return spanned
        words = self._words
        ops = {name: getattr(words, name) for name in OPS} | {"at": words.clock}
        groups = "|".join(f"(?P<{name}>{any_of(which)})" for name, which in ops.items())
        behind = "|".join(f"(?P<b_{name}>{any_of(getattr(words.behind, name))})" for name in OPS)
        clock_word = rf"(?:{any_of(words.clock)}\.? )?"
        pattern = (
            rf"(?<![\w.:/\-])(?:(?:{groups})\.? )?(?P<clock>{clock_word}){self._clock()}"
            rf"(?![\w%]| {any_of(words.counted)}(?!\w))"
            rf"(?: (?:{behind})(?!\w))?"
        )
        for found in list(re.finditer(pattern, rest)):
            op = next((name for name in OPS if found[name] or found[f"b_{name}"]), "")
            exact = any(found[name] for name in (*_EXACT, "clock"))
            if not (op or found["at"] or exact):
                continue
            time = self._moment(found, "", late=late)
            if time is None:
                continue
            bound = (None, time) if op in ("before", "until") else (time, None)
            window = _narrowed(window, bound)
            rest = rest.replace(found[0], GONE, 1)
        return rest, Wish(from_time=window[0], until_time=window[1]) if window else None

    def _parts(self, text: str) -> tuple[str, _Window | None, bool]:
        """Parts of the day, and whether they are after noon."""
        parts = {
            plain(name): (_bound(low), _bound(high))
            for name, (low, high) in self._words.parts.items()
        }
        pattern = rf"(?<!\w){any_of(parts)}(?!\w)"
        of_hours = {plain(word) for word in (*self._words.am, *self._words.pm)}
        hour = re.compile(rf"(?<!\w){self._clock()} $")
        window: _Window | None = None
        late = False

        def take(found: re.Match[str]) -> str:
            nonlocal window, late
            if found[0] in of_hours and hour.search(text[: found.start()]):
                return found[0]
            low, high = parts[found[0]]
            late = late or (low is not None and low.hour >= 12)
            window = _narrowed(window, (low, high))
            return GONE

        return re.sub(pattern, take, text), window, late

    def _between(self, text: str, *, late: bool) -> tuple[str, Wish] | None:
        words, clock = self._words, self._clock()
        begin = f"{any_of(words.between)}|{any_of(words.from_)}|{any_of(words.clock)}\\.?"
        until = f"{any_of(words.and_)}|{any_of(words.to)}|-"
        second = clock.replace("?P<", "?P<to_")
        at = perhaps(words.clock)
        both = rf"{at}{clock}\s*(?:{until})\s*{at}{second}(?!\w)"
        last = any_of(words.behind.between)
        spanned = re.search(rf"(?<!\w)(?:{begin}) {both}", text)
        spanned = spanned or re.search(rf"(?<![\w.:/\-]){both} {last}(?!\w)", text)
        if spanned is None:  # "10-12 o'clock"
            spanned = re.search(rf"(?<![\w.:/\-])(?=\d){both}", text)
            if spanned is None or not any(
                spanned[prefix + name] for prefix in ("", "to_") for name in _EXACT
            ):
                return None
        low = self._moment(spanned, "", late=late)
        high = self._moment(spanned, "to_", late=late)
        if low is None or high is None or low >= high:
            return None
        rest = text[: spanned.start()] + GONE + text[spanned.end() :]
        return rest, Wish(from_time=low, until_time=high)

    def _clock(self) -> str:
        words = self._words
        half = "|".join(f"(?P<{name}>{any_of(getattr(words, name))})" for name in _HALVES)
        hour = rf"(?P<hour>\d{{1,2}}|{any_of(words.numbers)})"
        ampm = any_of((*words.am, *words.pm, *words.oclock))
        more = rf"(?: ?(?P<more>{any_of(words.behind.minutes)})(?!\w))?"
        minutes = r"(?:[:.](?P<minutes>\d{2}))?"
        return rf"(?P<half>(?:{half}) )?{hour}{minutes}{more}(?: ?(?P<ampm>{ampm}))?"

    def _moment(self, found: re.Match[str], prefix: str, *, late: bool) -> dt.time | None:
        words = self._words
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
        elif found[f"{prefix}quarter_into"]:
            hour, minute = hour - 1, 15
        if more := found[f"{prefix}more"]:
            added = {plain(name): count for name, count in words.behind.minutes.items()}[more]
            hour, minute = divmod(hour * 60 + minute + added, 60)
        ampm = found[f"{prefix}ampm"]
        if ampm and ampm in map(plain, self._words.pm):
            hour = hour % 12 + 12
        elif ampm and ampm in map(plain, self._words.am):
            hour %= 12
        elif 0 < hour < 12 and (hour < _MORNING or late):
            hour += 12
        return dt.time(hour % 24, minute)


def _bound(text: str) -> dt.time | None:
    """None for the beginning and the end of a day: they exclude nothing."""
    return None if text in ("00:00", "24:00") else dt.time.fromisoformat(text)


def _narrowed(window: _Window | None, other: _Window) -> _Window:
    if window is None:
        return other
    low = max((time for time in (window[0], other[0]) if time), default=None)
    high = min((time for time in (window[1], other[1]) if time), default=None)
    return low, high
