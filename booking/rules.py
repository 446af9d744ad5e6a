"""From weekly rules, exceptions and holidays to the free grains of a day. No database here.

A caseworker can be booked at a place where two things are true: the place is open, and the
caseworker works there. Each is found in the same order, and what comes later wins:

* the place: its weekly hours; public holidays and the city's closing days; its exceptions;
* the caseworker: their weekly hours, less their breaks; their exceptions.

So a place can be opened on a holiday by an exception, and nobody has to touch any caseworker's
plan for Christmas.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from booking.danish_days import holiday_name
from booking.errors import Closed
from booking.grains import DAY_MINUTES, LocalDay, bits, local_day, minutes_of, moment
from booking.supply import Availability, DayException, Supply, WeeklyRule

Interval = tuple[dt.datetime, dt.datetime]
"""From (inclusive) until (exclusive), in UTC."""


def _hours(day: LocalDay, starts: dt.time | None, ends: dt.time | None) -> int:
    low = minutes_of(starts) if starts is not None else 0
    # Midnight as an end is the end of the day.
    high = (minutes_of(ends) if ends is not None else 0) or DAY_MINUTES
    return day.between(low, high)


def _weekly(day: LocalDay, rules: Iterable[WeeklyRule]) -> int:
    free = taken = 0
    for rule in rules:
        if rule.applies(day.date):
            hours = _hours(day, rule.starts, rule.ends)
            if rule.availability is Availability.available:
                free |= hours
            else:
                taken |= hours
    return free & ~taken


def _except(day: LocalDay, free: int, exceptions: Iterable[DayException]) -> int:
    """What takes time away wins over what gives it, among exceptions of one kind."""
    given = taken = 0
    for exception in exceptions:
        hours = _hours(day, exception.starts, exception.ends)
        if exception.availability is Availability.available:
            given |= hours
        else:
            taken |= hours
    return (free | given) & ~taken


def open_hours(supply: Supply, place_id: str, date: dt.date) -> int:
    """The grains at which a place is open."""
    day = local_day(date, supply.places[place_id].zone)
    free = _weekly(day, supply.rules_of.get((place_id, None), ()))
    if holiday_name(date) is not None or supply.closure(date) is not None:
        free = 0
    return _except(
        day,
        free,
        (
            item
            for item in supply.exceptions_on.get(date, ())
            if item.caseworker_id is None and item.place_id in (None, place_id)
        ),
    )


def working_hours(supply: Supply, place_id: str, caseworker_id: str, date: dt.date) -> int:
    """The grains at which a caseworker can be booked at a place, if nobody has yet."""
    if not (supply.places[place_id].active and supply.caseworkers[caseworker_id].active):
        return 0
    day = local_day(date, supply.places[place_id].zone)
    free = _weekly(day, supply.rules_of.get((place_id, caseworker_id), ()))
    mine = [
        item
        for item in supply.exceptions_on.get(date, ())
        if item.caseworker_id == caseworker_id
        and (item.place_id == place_id or (item.place_id is None and free))
    ]
    free = _except(day, free, mine)
    return free & open_hours(supply, place_id, date) if free else 0


def intervals(day: LocalDay, mask: int) -> list[Interval]:
    """Grains as intervals."""
    found = []
    while mask:
        low = (mask & -mask).bit_length() - 1
        length = (~(mask >> low) & -~(mask >> low)).bit_length() - 1
        found.append((moment(day.first + low), moment(day.first + low + length)))
        mask &= ~(bits(length) << low)
    return found


def closed(supply: Supply, place_id: str, date: dt.date) -> Closed:
    """Why a place cannot be booked on a day, or at some hours of it."""
    if open_hours(supply, place_id, date):
        return Closed(date, "hours")
    name = holiday_name(date)
    if name is not None:
        return Closed(date, "holiday", name)
    closure = supply.closure(date)
    if closure is not None:
        return Closed(date, "closure", closure.name)
    rules = supply.rules_of.get((place_id, None), ())
    if any(rule.applies(date) and rule.availability is Availability.available for rule in rules):
        return Closed(date, "exception")
    return Closed(date, "weekday")
