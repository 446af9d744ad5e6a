"""Weekly rules, exceptions, holidays and closing days."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from booking.danish_days import holiday_name
from booking.grains import local_day
from booking.models import Kind
from booking.rules import closed, intervals, open_hours, working_hours
from booking.supply import (
    Availability,
    Caseworker,
    DayException,
    Place,
    Supply,
    WeeklyRule,
    YearlyClosure,
)
from tests.booking.world import ZONE, hour, week

AWAY = Availability.busy_unavailable
HERE = Availability.available
SUPPLY = Supply(
    places={"raadhus": Place("raadhus", "Rådhuset", Kind.in_person)},
    caseworkers={"anna": Caseworker("anna", "Anna", frozenset(), frozenset())},
    rules=(
        *week("raadhus", None, "09:00", "15:00", days=range(7)),
        *week("raadhus", "anna", "08:00", "16:00", days=range(7)),
        *week("raadhus", "anna", "12:00", "12:30", days=range(7), availability=AWAY),
    ),
    closures=(YearlyClosure(6, 5, "Grundlovsdag"), YearlyClosure(12, 24, "Juleaftensdag")),
)
MONDAY = dt.date(2026, 3, 2)


def hours(supply: Supply, date: dt.date) -> list[str]:
    found = intervals(
        local_day(date, "Europe/Copenhagen"), working_hours(supply, "raadhus", "anna", date)
    )
    return [f"{start.astimezone(ZONE):%H:%M}-{end.astimezone(ZONE):%H:%M}" for start, end in found]


def test_somebody_can_be_booked_when_they_work_and_the_place_is_open() -> None:
    assert hours(SUPPLY, MONDAY) == ["09:00-12:00", "12:30-15:00"]


@pytest.mark.parametrize(
    ("exceptions", "expected"),
    [
        ([DayException(MONDAY, AWAY, caseworker_id="anna")], []),
        (
            [DayException(MONDAY, AWAY, caseworker_id="anna", starts=hour("14:00"))],
            ["09:00-12:00", "12:30-14:00"],
        ),
        # More hours need both: the place open, and somebody there.
        (
            [DayException(MONDAY, HERE, place_id="raadhus", ends=hour("18:00"))],
            ["08:00-12:00", "12:30-16:00"],
        ),
        ([DayException(MONDAY, AWAY, place_id="raadhus")], []),
        ([DayException(MONDAY, AWAY)], []),
        # No lunch today.
        (
            [DayException(MONDAY, HERE, "raadhus", "anna", hour("12:00"), hour("12:30"))],
            ["09:00-15:00"],
        ),
        # Taking away wins over giving.
        (
            [
                DayException(MONDAY, HERE, "raadhus", "anna", hour("12:00"), hour("12:30")),
                DayException(MONDAY, AWAY, "raadhus", "anna", hour("09:00"), hour("14:00")),
            ],
            ["14:00-15:00"],
        ),
        # Another day, another place, another person.
        ([DayException(MONDAY + dt.timedelta(days=1), AWAY)], ["09:00-12:00", "12:30-15:00"]),
        ([DayException(MONDAY, AWAY, place_id="andet")], ["09:00-12:00", "12:30-15:00"]),
        ([DayException(MONDAY, AWAY, caseworker_id="bent")], ["09:00-12:00", "12:30-15:00"]),
    ],
)
def test_exceptions(exceptions: list[DayException], expected: list[str]) -> None:
    assert hours(replace(SUPPLY, exceptions=tuple(exceptions)), MONDAY) == expected


def test_a_rule_holds_for_its_time() -> None:
    until = WeeklyRule("raadhus", None, 0, hour("15:00"), hour("16:00"), valid_until=MONDAY)
    later = WeeklyRule(
        "raadhus", None, 0, hour("07:00"), hour("09:00"), valid_from=MONDAY + dt.timedelta(days=1)
    )
    supply = replace(SUPPLY, rules=(*SUPPLY.rules, until, later))
    assert hours(supply, MONDAY)[-1] == "12:30-16:00"
    assert hours(supply, MONDAY + dt.timedelta(days=7)) == ["08:00-12:00", "12:30-15:00"]


def test_hours_until_midnight() -> None:
    late = (*week("raadhus", None, "22:00", "00:00"), *week("raadhus", "anna", "20:00", "00:00"))
    assert hours(replace(SUPPLY, rules=late), MONDAY) == ["22:00-00:00"]


@pytest.mark.parametrize(
    ("date", "danish", "english"),
    [
        ("2026-01-01", "Nytårsdag", "New Year's Day"),
        ("2026-04-02", "Skærtorsdag", "Maundy Thursday"),
        ("2026-04-03", "Langfredag", "Good Friday"),
        ("2026-04-05", "Påskedag", "Easter Sunday"),
        ("2027-03-28", "Påskedag", "Easter Sunday"),
        ("2026-04-06", "Anden påskedag", "Easter Monday"),
        ("2026-05-14", "Kristi himmelfartsdag", "Ascension Day"),
        ("2026-05-24", "Pinsedag", "Pentecost"),
        ("2026-05-25", "Anden pinsedag", "Pentecost Monday"),
        ("2026-12-25", "Juledag", "Christmas Day"),
        ("2026-12-26", "Anden juledag", "Second Day of Christmas"),
        # The Great Prayer Day was one until 2023.
        ("2023-05-05", "Store bededag", "Great Prayer Day"),
    ],
)
def test_public_holidays(date: str, danish: str, english: str) -> None:
    day = dt.date.fromisoformat(date)
    assert holiday_name(day) == danish
    assert holiday_name(day, "en_US") == english
    assert hours(SUPPLY, day) == []
    error = closed(SUPPLY, "raadhus", day)
    assert error.values == {"date": date, "reason": "holiday", "name": danish}


@pytest.mark.parametrize(
    ("date", "is_open"),
    [
        ("2026-05-01", True),
        ("2026-06-05", False),
        ("2026-12-24", False),
        # In the data of this test it is not a closing day.
        ("2026-12-31", True),
        # Friday after Ascension, and the Prayer Day that was abolished.
        ("2026-05-15", True),
        ("2024-04-26", True),
    ],
)
def test_days_that_the_city_decides_about(date: str, is_open: bool) -> None:
    day = dt.date.fromisoformat(date)
    assert holiday_name(day) is None
    assert bool(hours(SUPPLY, day)) is is_open
    if not is_open:
        assert closed(SUPPLY, "raadhus", day).values["reason"] == "closure"


def test_a_place_can_be_opened_on_a_holiday() -> None:
    easter = dt.date(2026, 4, 5)
    opened = DayException(
        easter, HERE, place_id="raadhus", starts=hour("10:00"), ends=hour("11:00")
    )
    assert hours(replace(SUPPLY, exceptions=(opened,)), easter) == ["10:00-11:00"]


def test_why_it_is_closed() -> None:
    workdays = replace(SUPPLY, rules=tuple(week("raadhus", None, "09:00", "15:00")))
    assert closed(workdays, "raadhus", dt.date(2026, 3, 7)).values["reason"] == "weekday"
    assert closed(workdays, "raadhus", MONDAY).values["reason"] == "hours"
    shut = replace(workdays, exceptions=(DayException(MONDAY, AWAY, place_id="raadhus"),))
    assert closed(shut, "raadhus", MONDAY).values["reason"] == "exception"


@pytest.mark.parametrize(("date", "minutes"), [("2026-03-29", 330), ("2026-10-25", 330)])
def test_sundays_on_which_the_clocks_change_have_their_full_hours(date: str, minutes: int) -> None:
    mask = working_hours(SUPPLY, "raadhus", "anna", dt.date.fromisoformat(date))
    assert mask.bit_count() * 5 == minutes
    assert hours(SUPPLY, dt.date.fromisoformat(date)) == ["09:00-12:00", "12:30-15:00"]


@pytest.mark.parametrize(("date", "elapsed"), [("2026-03-29", 120), ("2026-10-25", 240)])
def test_hours_across_the_change(date: str, elapsed: int) -> None:
    night = (
        *week("raadhus", None, "01:00", "04:00", days=[6]),
        *week("raadhus", "anna", "01:00", "04:00", days=[6]),
    )
    day = dt.date.fromisoformat(date)
    assert open_hours(replace(SUPPLY, rules=night), "raadhus", day).bit_count() * 5 == elapsed
    assert len(hours(replace(SUPPLY, rules=night), day)) == 1
