"""Grains and local days, above all on the two days on which the clocks change."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.grains import (
    ascending,
    bits,
    day_before,
    descending,
    local_day,
    moment,
    number,
    number_up,
    runs,
    wall,
)
from booking.rules import intervals
from tests.booking.world import at

ZONE = "Europe/Copenhagen"
SPRING = dt.date(2026, 3, 29)
"""02:00 is followed by 03:00."""
AUTUMN = dt.date(2026, 10, 25)
"""03:00 is followed by 02:00."""
PLAIN = dt.date(2026, 6, 1)


@pytest.mark.parametrize(("date", "grains"), [(SPRING, 276), (PLAIN, 288), (AUTUMN, 300)])
def test_a_day_is_as_long_as_it_is(date: dt.date, grains: int) -> None:
    day = local_day(date, ZONE)
    assert day.length == grains
    assert day.between(0, 24 * 60) == bits(grains)
    following = local_day(date + dt.timedelta(days=1), ZONE)
    assert day.first + day.length == following.first


@pytest.mark.parametrize(
    ("date", "span", "expected"),
    [
        # Before and after the gap the wall clock counts, not the elapsed time.
        (SPRING, (9, 15), [("07:00", "13:00")]),
        (PLAIN, (9, 15), [("07:00", "13:00")]),
        (AUTUMN, (9, 15), [("08:00", "14:00")]),
        # An hour that does not exist has no grains.
        (SPRING, (2, 3), []),
        (SPRING, (1, 4), [("00:00", "02:00")]),
        # One that exists twice has them twice.
        (AUTUMN, (2, 3), [("00:00", "02:00")]),
        (AUTUMN, (1, 4), [("23:00", "03:00")]),
    ],
)
def test_hours_on_the_wall_clock(
    date: dt.date, span: tuple[int, int], expected: list[tuple[str, str]]
) -> None:
    day = local_day(date, ZONE)
    found = intervals(day, day.between(span[0] * 60, span[1] * 60))
    assert [(f"{start:%H:%M}", f"{end:%H:%M}") for start, end in found] == expected


def test_half_an_hour_that_exists_twice_is_two_intervals() -> None:
    day = local_day(AUTUMN, ZONE)
    found = intervals(day, day.between(2 * 60, 2 * 60 + 30))
    assert [(f"{start:%H:%M}", f"{end:%H:%M}") for start, end in found] == [
        ("00:00", "00:30"),
        ("01:00", "01:30"),
    ]


@pytest.mark.parametrize(
    ("date", "time", "utc"),
    [
        (PLAIN, "09:00", ["07:00"]),
        (SPRING, "02:30", []),
        (SPRING, "03:00", ["01:00"]),
        (AUTUMN, "02:30", ["00:30", "01:30"]),
        (AUTUMN, "03:00", ["02:00"]),
    ],
)
def test_a_wall_clock_time_is_one_moment_or_none_or_two(
    date: dt.date, time: str, utc: list[str]
) -> None:
    found = wall(date, dt.time.fromisoformat(time), ZONE)
    assert [f"{item:%H:%M}" for item in found] == utc
    assert all(item.tzinfo is dt.UTC for item in found)


@pytest.mark.parametrize(
    ("start", "before", "hours"),
    [
        ("2026-06-02 09:00", "2026-06-01 09:00", 24),
        # Over the change of the clocks the time of day stays, and the distance does not.
        ("2026-03-30 00:30", "2026-03-29 00:30", 23),
        ("2026-03-29 09:00", "2026-03-28 09:00", 23),
        ("2026-10-25 09:00", "2026-10-24 09:00", 25),
        # The time does not exist on the day before: as much later as the clock jumped.
        ("2026-03-30 02:30", "2026-03-29 03:30", 23),
        # It exists twice: the first.
        ("2026-10-26 02:30", "2026-10-25 02:30", 25),
    ],
)
def test_the_day_before_at_the_same_time(start: str, before: str, hours: int) -> None:
    found = day_before(at(start), ZONE)
    assert found == at(before).astimezone(dt.UTC)
    assert at(start).astimezone(dt.UTC) - found == dt.timedelta(hours=hours)


def test_a_start_on_the_grid_of_the_wall_clock() -> None:
    for date in (SPRING, PLAIN, AUTUMN):
        day = local_day(date, ZONE)
        starts = {
            moment(day.first + i).astimezone(at("2026-01-01").tzinfo).minute
            for i in ascending(day.every(20))
        }
        assert starts == {0, 20, 40}


@given(st.integers(0, 2**60), st.integers(1, 20))
def test_runs_are_where_so_many_are_free_in_a_row(free: int, length: int) -> None:
    expected = [i for i in range(61) if all(free >> (i + j) & 1 for j in range(length))]
    assert list(ascending(runs(free, length))) == expected
    assert list(descending(runs(free, length))) == expected[::-1]


@given(st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1)))  # noqa: DTZ001
def test_a_moment_lies_in_its_grain(naive: dt.datetime) -> None:
    instant = naive.replace(tzinfo=dt.UTC)
    assert moment(number(instant)) <= instant < moment(number(instant) + 1)
    assert moment(number_up(instant) - 1) < instant <= moment(number_up(instant))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        number(dt.datetime(2026, 1, 1))  # noqa: DTZ001
