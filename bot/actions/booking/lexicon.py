"""How each language says when: data (``bot/lexicon/booking/``), and patterns made of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import yaml
from pydantic import Field

from knowledge.folding import fold
from knowledge.schema import Strict

LEXICON = Path(__file__).parents[2] / "lexicon" / "booking"
GONE = " \x1f "
"""In the place of what has been read."""
_SPACES = re.compile(r"\s+")
_OTHER = re.compile(r"[^\w:./\-\x1f]+")
_NUMBER_BEGINS = re.compile(r"(?<=[^\W\d_])(?=\d)")
_MARKS = str.maketrans({"'": " ", "’": " ", "ʼ": " ", "–": "-", "—": "-"})
_KEYWORDS = {"in": "in_", "from": "from_", "and": "and_", "not": "not_"}


class Behind(Strict):
    """Words that stand behind what they belong to: ``15'inden sonra``, ``marțea viitoare``."""

    next: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    this: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    from_: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()
    in_: tuple[str, ...] = ()
    in_month: tuple[str, ...] = ()
    not_: tuple[str, ...] = ()
    month_parts: dict[str, tuple[int, int]] = Field(default_factory=dict)
    minutes: dict[str, int] = Field(default_factory=dict)
    """What is added to the hour before them: a quarter to is -15."""


class Lexicon(Strict):
    """``bot/lexicon/booking/<lang>.yml``; the comments of ``da.yml`` say what each key is for."""

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
    months: dict[str, int] = Field(default_factory=dict)
    """Names of months beside those of the calendar: ``sep``; 0 for an abbreviation to ignore."""
    holiday_names: dict[str, str] = Field(default_factory=dict)
    """Public holidays by the name that the law has for them in Danish."""
    ordinals: tuple[str, ...] = ()
    """What may stand at the end of a day's number: ``15th``."""
    of: tuple[str, ...] = ()
    """What may stand between the day and the month: ``the 15th of May``."""
    day_words: dict[str, int] = Field(default_factory=dict)
    """Days of a month in words: ``fifteenth``; 0 for what only looks like one: ``first time``."""
    after_next: tuple[str, ...] = ()
    """Of the week after next, where that is one word."""
    every: tuple[str, ...] = ()
    """Before a weekday: as a habit."""
    quarter_into: tuple[str, ...] = ()
    """Before an hour of which a quarter has gone: ``viertel drei`` is 2.15."""
    counted: tuple[str, ...] = ()
    """What a number is no hour before: years, persons, passports."""
    fillers: tuple[str, ...] = ()
    """Small words before a week, a weekend, a month or a weekday that change nothing."""
    coming: tuple[str, ...] = ()
    """The week after this one, but the first such weekday after today."""
    weeks: dict[str, int] = Field(default_factory=dict)
    """All of it in one word, and weeks from this one: ``haftaya``."""
    bare_hours: int = 24
    """In "after 15" a number above this is a day of the month, unless a day is named as well."""
    not_time: tuple[str, ...] = ()
    """Phrases that look like a time and are none."""
    behind: Behind = Behind()


def load(language: str) -> Lexicon:
    """Raises ``FileNotFoundError`` for a language without a lexicon."""
    content = yaml.safe_load((LEXICON / f"{language}.yml").read_text(encoding="utf-8"))
    return Lexicon.model_validate(_renamed(content))


def _renamed(content: dict[str, object]) -> dict[str, object]:
    """Keys that are words of Python get their other name."""
    return {
        _KEYWORDS.get(key, key): _renamed(value) if key == "behind" else value  # type: ignore[arg-type]
        for key, value in content.items()
    }


def plain(text: str) -> str:
    """Folded, with European digits, and single spaces between the words, and before a number."""
    text = "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text
    )
    text = _NUMBER_BEGINS.sub(" ", fold(text.translate(_MARKS)))
    return _SPACES.sub(" ", _OTHER.sub(" ", text)).strip()


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of these, the longest first; never matches if there are none."""
    ordered = sorted({plain(word) for word in words}, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, ordered))})" if ordered else r"(?:(?!))"


def perhaps(words: Iterable[str]) -> str:
    """A pattern for any of these with the space after it, or for nothing."""
    return f"(?:{any_of(words)} )?"
