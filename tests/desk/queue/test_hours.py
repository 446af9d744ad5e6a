"""When a team is there, on every kind of day."""

from __future__ import annotations

import datetime as dt

import pytest

from desk.errors import Refused
from desk.queue.hours import ZONE, Hours, opening_text, read_hours

WEEK = {"mo": ["10:00-12:00", "13:00-16:00"], "tu": ["10:00-16:00"], "fr": ["08:30-14:00"]}


@pytest.fixture
def hours() -> Hours:
    found = read_hours(WEEK, ["2026-11-24"])
    assert found is not None
    return found


def local(*numbers: int) -> dt.datetime:
    return dt.datetime(*numbers, tzinfo=ZONE).astimezone(dt.UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("moment", "are_open"),
    [
        (local(2026, 11, 23, 9, 59), False),
        (local(2026, 11, 23, 10, 0), True),
        (local(2026, 11, 23, 12, 0), False),
        (local(2026, 11, 23, 15, 59), True),
        (local(2026, 11, 23, 16, 0), False),
        (local(2026, 11, 24, 11, 0), False),  # the team's own day off
        (local(2026, 11, 25, 11, 0), False),  # no hours on Wednesdays
        (local(2026, 4, 3, 10, 0), False),  # Good Friday
        (local(2026, 4, 6, 10, 30), False),  # Easter Monday
        (local(2026, 4, 10, 10, 0), True),
        # On both sides of the change to summer time it is the clock on the wall that counts.
        (dt.datetime(2026, 3, 27, 7, 30, tzinfo=dt.UTC), True),
        (dt.datetime(2026, 3, 30, 8, 0, tzinfo=dt.UTC), True),
        (dt.datetime(2026, 3, 30, 7, 59, tzinfo=dt.UTC), False),
    ],
)
def test_open_or_not(hours: Hours, moment: dt.datetime, *, are_open: bool) -> None:
    assert hours.are_open(moment) is are_open


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (local(2026, 11, 23, 9, 0), local(2026, 11, 23, 10, 0)),
        (local(2026, 11, 23, 12, 30), local(2026, 11, 23, 13, 0)),
        (local(2026, 11, 23, 17, 0), local(2026, 11, 27, 8, 30)),
        (local(2026, 4, 1, 17, 0), local(2026, 4, 7, 10, 0)),
    ],
)
def test_the_next_opening(hours: Hours, moment: dt.datetime, opens: dt.datetime) -> None:
    assert hours.next_opening(moment) == opens


def test_a_team_that_is_never_open_has_no_next_time() -> None:
    never = read_hours({})
    assert never is not None
    assert never.next_opening(local(2026, 11, 23, 9, 0)) is None
    assert never.text("da") == ""
    assert read_hours(None) is None


def test_hours_as_people_write_them(hours: Hours) -> None:
    assert hours.text("da") == "mandag 10-12, 13-16, tirsdag 10-16, fredag 8.30-14"
    everyday = read_hours({day: ["09:00-15:00"] for day in ("mo", "tu", "we", "sa", "su")})
    assert everyday is not None
    assert everyday.text("en") == "Monday-Wednesday 9-15, Saturday, Sunday 9-15"
    assert opening_text(local(2026, 11, 27, 8, 30), "da") == "fredag 27. november 8.30"


@pytest.mark.parametrize(
    ("week", "closed"),
    [
        ({"monday": []}, []),
        ({"mo": ["10-16"]}, []),
        ({"mo": ["16:00-10:00"]}, []),
        ({"mo": ["10:00-10:00"]}, []),
        ({"mo": ["22:00-24:30"]}, []),
        ({"mo": ["10:00-13:00", "12:00-16:00"]}, []),
        ({"mo": ["10:00-16:00"]}, ["24/12"]),
    ],
)
def test_hours_that_are_none_are_refused(week: dict[str, list[str]], closed: list[str]) -> None:
    with pytest.raises(Refused, match="hours_invalid"):
        read_hours(week, closed)
