"""Days of the week that are named in a text."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from bot.actions.booking.lexicon import GONE, Lexicon, any_of, perhaps, plain
from bot.actions.booking.spans import OPS

_BEHIND = ("next", "last", "not_", *OPS)
"""Words that may stand in front of a weekday, or behind it."""


@dataclass(frozen=True)
class Weekday:
    """One that was named, the date that is meant, and the word that makes a bound of it."""

    day: int
    date: dt.date
    op: str


@dataclass(frozen=True)
class Named:
    """All that were named, and the rest of the text."""

    days: list[Weekday]
    plural: bool
    """As a habit: "on Tuesdays", or every day but one."""
    rest: str


def weekdays(words: Lexicon, text: str, today: dt.date) -> Named:
    """ "Next Tuesday" is the Tuesday of next week; "Tuesday" the first one after today."""
    names: dict[str, tuple[int, str]] = {}
    for day, forms in enumerate(words.weekdays):
        names |= {plain(form): (day, "") for form in forms}
    names |= {plain(form): (day % 7, "every") for day, form in enumerate(words.every_weekday)}
    names |= {plain(form): (day % 7, "every") for day, form in enumerate(words.on_weekdays)}
    names |= {plain(form): (day % 7, "last") for day, form in enumerate(words.last_weekdays)}
    front = {name: getattr(words, name) for name in (*_BEHIND, "after_next", "every")}
    groups = "|".join(f"(?P<{name}>{any_of(which)})" for name, which in front.items())
    behind = "|".join(f"(?P<b_{name}>{any_of(getattr(words.behind, name))})" for name in _BEHIND)
    filler = perhaps((*words.this, *words.coming, *words.fillers))
    this = any_of((*words.behind.this, *words.behind.coming))
    pattern = (
        rf"(?<!\w)(?:(?:{groups}) )?{filler}(?P<day>{any_of(names)})(?!\w)\.?"
        rf"(?: (?P<b_this>{this})(?!\w))?(?: (?:{behind})(?!\w))?"
    )
    found_days: list[Weekday] = []
    excluded: set[int] = set()
    plural = False

    def take(found: re.Match[str]) -> str:
        nonlocal plural
        day, how = names[found["day"]]
        if found["not_"] or found["b_not_"]:
            excluded.add(day)
            return GONE
        ahead = (day - today.weekday()) % 7 or 7
        if how == "last" or found["last"] or found["b_last"]:
            ahead = (day - today.weekday()) % 7 - 7
        elif found["next"] or found["b_next"]:
            ahead = day - today.weekday() + 7
        elif found["after_next"]:
            ahead = day - today.weekday() + 14
        one = any(found[name] for name in ("next", "b_next", "last", "b_last", "b_this"))
        plural = plural or (how == "every" and not one) or bool(found["every"])
        op = next((name for name in OPS if found[name] or found[f"b_{name}"]), "")
        found_days.append(Weekday(day, today + dt.timedelta(days=ahead), op.rstrip("_")))
        return GONE

    rest = re.sub(pattern, take, text)
    if len(found_days) == 2 and not plural and not excluded:
        first, last = found_days
        joined = rf"{GONE.strip()}\s*(?:{any_of(words.to)}|-)\s*{GONE.strip()}"
        if first.op in ("", "from") and (last.op == "until" or re.search(joined, rest)):
            days = range(first.day, first.day + (last.day - first.day) % 7 + 1)
            found_days = [Weekday(day % 7, today, "") for day in days]
    if excluded:
        found_days = [Weekday(day, today, "") for day in range(7) if day not in excluded]
        plural = True
    return Named(found_days, plural, rest)
