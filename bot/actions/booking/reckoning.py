"""Dates from what is said of them: a day without a month, a date without a year."""

from __future__ import annotations

import datetime as dt

_JUST_PASSED = 60
"""Days for which a date without a year is taken for the one that has passed."""


class NoSuchDate(Exception):
    """30 February."""


def real_date(year: int, month: int, day: int) -> dt.date:
    """Raises :class:`NoSuchDate`."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise NoSuchDate from None


def next_day_of_month(day: int, today: dt.date) -> dt.date:
    """ "The 15th". Raises :class:`NoSuchDate`."""
    if not 1 <= day <= 31:
        raise NoSuchDate
    for offset in range(4):
        first, last = month_span(today, offset)
        if day <= last.day and first.replace(day=day) >= today:
            return first.replace(day=day)
    raise NoSuchDate


def month_span(today: dt.date, offset: int) -> tuple[dt.date, dt.date]:
    """The first and the last day of a month, ``offset`` months from this one."""
    index = today.year * 12 + today.month - 1 + offset
    first = dt.date(index // 12, index % 12 + 1, 1)
    after = dt.date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return first, after - dt.timedelta(days=1)


def iso_week(week: int, today: dt.date) -> dt.date:
    """The Monday of a week by its number. Raises :class:`NoSuchDate`."""
    for year in (today.year, today.year + 1):
        try:
            first = dt.date.fromisocalendar(year, week, 1)
        except ValueError:
            raise NoSuchDate from None
        if first + dt.timedelta(days=6) >= today:
            return first
    raise NoSuchDate


def coming(day: int, month: int, year: int | None, today: dt.date) -> dt.date:
    """The next of its kind, unless it has only just passed. Raises :class:`NoSuchDate`."""
    if year is not None:
        return real_date(year, month, day)
    try:
        date = real_date(today.year, month, day)
    except NoSuchDate:
        if (day, month) != (29, 2):
            raise
        date = real_date(today.year + 1, month, day)
    if (today - date).days > _JUST_PASSED:
        return real_date(today.year + 1, month, day)
    return date
