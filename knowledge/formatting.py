"""Numbers, money, durations and dates as people write them in each language (CLDR)."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Literal, cast

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal

from knowledge.schema import PLACEHOLDER, Value

_DURATION = re.compile(
    r"^P(?:(?P<year>\d+)Y)?(?:(?P<month>\d+)M)?(?:(?P<week>\d+)W)?(?:(?P<day>\d+)D)?"
    r"(?:T(?:(?P<hour>\d+)H)?(?:(?P<minute>\d+)M)?)?$"
)
_Unit = Literal["year", "month", "week", "day", "hour", "minute"]
_SECONDS: dict[_Unit, int] = {
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_592_000,
    "year": 31_536_000,
}
"""As Babel counts them: 30 and 365 days, so that as many come out as went in."""
_MONEY = re.compile(r"^(\d+(?:\.\d+)?) ([A-Z]{3})$")
_PARTIAL_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")
_DATE = re.compile(r"^\d{4}-\d{2}(-\d{2})?$")
_CURRENCY_FORMATS: dict[str, dict[str | None, str]] = {
    "DKK": {"da": "{} kr.", None: "{} DKK"},
    "EUR": {None: "{} €"},
}


@lru_cache
def locale(language: str) -> Locale:
    """The CLDR locale for a language code; English where Babel has none.

    English is that of Europe: day before month.
    """
    if language == "en":
        return Locale("en", "GB")
    try:
        return Locale.parse(language)
    except (ValueError, LookupError, UnknownLocaleError):
        return Locale.parse("en")


def money(amount: float, currency: str, language: str) -> str:
    """``4264, "DKK", "da"`` -> ``4.264 kr.``; decimals only where there are any."""
    digits = "#,##0" if float(amount).is_integer() else "#,##0.00"
    number = format_decimal(amount, format=digits, locale=locale(language))
    formats = _CURRENCY_FORMATS.get(currency, {None: "{} " + currency})
    return formats.get(language, formats[None]).format(number)


def duration(iso: str, language: str) -> str:
    """``P4W`` -> ``4 uger``. Raises :class:`ValueError` for anything but a duration."""
    match = _DURATION.match(iso)
    parts = {unit: int(n) for unit, n in match.groupdict().items() if n} if match else {}
    if not parts:
        raise ValueError(f"{iso!r} is not an ISO 8601 duration")
    return " ".join(_unit(number, cast(_Unit, unit), language) for unit, number in parts.items())


def _unit(number: int, unit: _Unit, language: str) -> str:
    # Babel has no plurals in the patterns of some units (weeks in Arabic, days in Turkish), but it
    # has them all for time deltas.
    delta = dt.timedelta(seconds=number * _SECONDS[unit])
    return format_timedelta(delta, threshold=10_000, granularity=unit, locale=locale(language))


def partial_date(text: str, language: str) -> str:
    """``2024-05`` -> ``maj 2024``: as exact as the date is."""
    match = _PARTIAL_DATE.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date")
    year, month, day = match.groups()
    if month is None:
        return year
    if day is None:
        date = dt.date(int(year), int(month), 1)
        return format_skeleton("yMMMM", date, locale=locale(language))
    date = dt.date(int(year), int(month), int(day))
    return format_date(date, format="long", locale=locale(language))


def value(item: Value, language: str) -> str:
    """A fact's value by its form: duration, money, date, number, or as it stands."""
    if isinstance(item, str):
        if _DURATION.match(item) and any(character.isdigit() for character in item):
            return duration(item, language)
        if found := _MONEY.match(item):
            return money(float(found[1]), found[2], language)
        if _DATE.match(item):
            return partial_date(item, language)
        return item
    # Plain integers may be ages or years of birth: no thousands separator below 10,000.
    pattern = "0.##" if abs(item) < 10_000 else "#,##0.##"
    return str(format_decimal(item, format=pattern, locale=locale(language)))


def fill(template: str, values: dict[str, Value], language: str) -> str:
    """A text with its ``{placeholders}`` replaced. ``KeyError`` for one without a value."""
    return PLACEHOLDER.sub(lambda match: value(values[match[1]], language), template)


def phone(number: str) -> str:
    """``+4533663366`` -> ``33 66 33 66``; short and foreign numbers as they stand."""
    if number.startswith("+45") and len(number) == 11:
        local = number[3:]
        return " ".join(local[i : i + 2] for i in range(0, 8, 2))
    return number
