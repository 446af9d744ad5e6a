"""What citizens say about time, at a clock that stands still: Monday 23 November 2026."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import pytest
import yaml

from bot.actions.booking.dates import DateReader
from bot.actions.booking.wish import Move, Problem, Said, Wish

TODAY = dt.date(2026, 11, 23)
_TABLES = {path.stem: path for path in sorted((Path(__file__).parent / "dates").glob("*.yml"))}
_WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")


@cache
def reader(language: str) -> DateReader:
    return DateReader(language)


def expected(text: str) -> Said:
    """``2026-11-24``, ``2026-11-30..2026-12-06``, ``2026-12-01..``, ``tu,th``, ``15:00-``."""
    if text == "nothing":
        return Said()
    if text in {item.name for item in Problem}:
        return Said(problem=Problem[text])
    if text in {item.name for item in Move}:
        return Said(move=Move[text])
    wish = Wish()
    for part in text.split() if text != "any" else ():
        if part[0].isalpha():
            days = frozenset(_WEEKDAYS.index(day) for day in part.split(","))
            wish = Wish(wish.first, wish.last, days, wish.from_time, wish.until_time)
        elif ":" in part:
            low, _, high = part.partition("-")
            start = dt.time.fromisoformat(low) if low else None
            end = dt.time.fromisoformat(high) if high else None
            wish = Wish(wish.first, wish.last, wish.weekdays, start, end)
        else:
            low, dots, high = part.partition("..")
            first = dt.date.fromisoformat(low) if low else None
            last = dt.date.fromisoformat(high) if high else None if dots else first
            wish = Wish(first, last, wish.weekdays, wish.from_time, wish.until_time)
    return Said(wish=wish)


def _table(language: str) -> list[tuple[str, str]]:
    return list(yaml.load(_TABLES[language].read_text(encoding="utf-8"), yaml.BaseLoader).items())


@pytest.mark.parametrize(
    ("language", "text", "result"),
    [(code, text, result) for code in _TABLES for text, result in _table(code)],
)
def test_a_phrase_means_what_the_table_says(language: str, text: str, result: str) -> None:
    assert reader(language).read(text, TODAY) == expected(result)


@pytest.mark.parametrize("language", _TABLES)
def test_the_tables_are_long_enough_to_mean_something(language: str) -> None:
    assert len(_table(language)) >= 60
