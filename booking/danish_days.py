"""The public holidays of Denmark."""

from __future__ import annotations

import datetime as dt
from functools import cache

import holidays

_LANGUAGES = holidays.country_holidays("DK").supported_languages


@cache
def _year(year: int, language: str) -> dict[dt.date, str]:
    found = holidays.country_holidays("DK", years=year, language=language)
    return {day: str(name) for day, name in found.items()}


def holiday_names(day: dt.date) -> dict[str, str]:
    """The holiday's name by language code, in every language there is one; empty on other days."""
    return {
        language.partition("_")[0]: name
        for language in _LANGUAGES
        if (name := holiday_name(day, language)) is not None
    }


def holiday_name(day: dt.date, language: str = "da") -> str | None:
    """The holiday's name, or None on a day that is none; ``language`` is ``da`` or ``en_US``.

    Holidays by law only. Days on which offices merely tend to close (1 May, 5 June, 24 and
    31 December) are the city's own decision: see the closures in the supply.
    """
    return _year(day.year, language).get(day)
