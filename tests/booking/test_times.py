"""Which times are offered."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from booking.errors import (
    BookingError,
    Closed,
    InThePast,
    NotOffered,
    Taken,
    TooFar,
    TooMany,
    TooSoon,
)
from booking.models import HoldRequest, Kind, ServiceWish
from booking.supply import Availability, DayException
from tests.booking.world import (
    CONTACT,
    PASSPORT,
    Booking,
    at,
    clock_times,
    hour,
    passport_at,
    query,
    week,
)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ["Mon 09:00", "Mon 09:10", "Mon 09:20"]),
        ({"limit": 1}, ["Mon 09:00"]),
        ({"not_before": at("2026-03-03 10:05")}, ["Tue 10:10", "Tue 10:20", "Tue 10:30"]),
        ({"not_after": at("2026-03-02 09:10")}, ["Mon 09:00", "Mon 09:10"]),
        ({"after": at("2026-03-02 14:30")}, ["Mon 14:40", "Tue 09:00", "Tue 09:10"]),
        ({"before": at("2026-03-03 09:10")}, ["Mon 14:30", "Mon 14:40", "Tue 09:00"]),
        ({"weekdays": frozenset({4})}, ["Fri 09:00", "Fri 09:10", "Fri 09:20"]),
        ({"from_time": hour("14:35")}, ["Mon 14:40", "Tue 14:40", "Wed 14:40"]),
        (
            {"from_time": hour("10:00"), "until_time": hour("10:10")},
            ["Mon 10:00", "Tue 10:00", "Wed 10:00"],
        ),
        ({"language": "dsl"}, ["Mon 10:00", "Mon 10:10", "Mon 10:20"]),
        (
            {"language": "dsl", "after": at("2026-03-02 11:40")},
            ["Wed 10:00", "Wed 10:10", "Wed 10:20"],
        ),
        ({"language": "dsl", "before": at("2026-03-02 10:10")}, ["Mon 10:00"]),
        # 50 minutes before lunch, or after it.
        (
            {
                "services": (ServiceWish("pas-boern", 2), ServiceWish("sundhedskort", 3)),
                "from_time": hour("11:00"),
                "until_time": hour("13:00"),
            },
            ["Mon 11:00", "Mon 11:10", "Mon 12:30"],
        ),
        (
            {"services": (ServiceWish("mitid"),), "places": (), "kind": Kind.phone},
            ["Mon 08:30", "Mon 08:40", "Mon 08:50"],
        ),
    ],
)
async def test_what_is_asked_for(
    booking: Booking, more: dict[str, object], expected: list[str]
) -> None:
    assert clock_times(await booking.times.find_times(query(**more))) == expected


async def test_several_who_are_free_are_one_offer(booking: Booking) -> None:
    found = await booking.times.find_times(query(not_before=at("2026-03-04 10:00")))
    assert clock_times(found) == ["Wed 10:00", "Wed 10:10", "Wed 10:20"]
    held = [await booking.appointments.hold(passport_at("2026-03-04 10:00")) for _ in range(2)]
    found = await booking.times.find_times(query(not_before=at("2026-03-04 10:00")))
    assert clock_times(found) == ["Wed 10:20", "Wed 10:30", "Wed 10:40"]
    await booking.appointments.release(held[0].id)
    found = await booking.times.find_times(query(not_before=at("2026-03-04 10:00")))
    assert clock_times(found)[0] == "Wed 10:00"


async def test_the_place_that_is_named_first_is_offered(booking: Booking) -> None:
    wish = (ServiceWish("mitid"),)
    for places in (("raadhus", "telefon"), ("telefon", "raadhus")):
        found = await booking.times.find_times(
            query(services=wish, places=places, not_before=at("2026-03-03 09:00"))
        )
        assert {item.place_id for item in found} == {places[0]}
    found = await booking.times.find_times(
        query(services=wish, places=("raadhus", "telefon"), not_before=at("2026-03-03 08:50"))
    )
    assert [item.place_id for item in found] == ["telefon", "raadhus", "raadhus"]


async def test_a_lapsed_hold_is_offered_again(booking: Booking) -> None:
    for _ in range(2):
        await booking.appointments.hold(passport_at("2026-03-04 10:00"))
    wanted = query(not_before=at("2026-03-04 10:00"), limit=1)
    assert clock_times(await booking.times.find_times(wanted)) == ["Wed 10:20"]
    booking.clock.forward(minutes=10)
    assert clock_times(await booking.times.find_times(wanted)) == ["Wed 10:00"]


@pytest.mark.parametrize(
    ("more", "error", "values"),
    [
        ({"not_after": at("2026-03-02 07:00")}, InThePast, {}),
        ({"before": at("2026-03-02 07:00")}, InThePast, {}),
        ({"not_after": at("2026-03-02 08:50")}, TooSoon, {"minutes": 60}),
        ({"not_before": at("2026-07-01 09:00")}, TooFar, {"days": 90, "last": "2026-05-31"}),
        ({"language": "so"}, NotOffered, {"what": "language", "name": "so"}),
        ({"kind": Kind.video, "places": ()}, NotOffered, {"what": "kind", "name": "video"}),
        ({"places": ("telefon",)}, NotOffered, {"what": "service", "name": "pas-voksen"}),
        (
            {"services": (ServiceWish("pas-voksen", 40),)},
            TooMany,
            {"limit": 6, "unit": "persons"},
        ),
        (
            {"not_before": at("2026-04-03 00:00"), "not_after": at("2026-04-03 23:59")},
            Closed,
            {"date": "2026-04-03", "reason": "holiday", "name": "Langfredag"},
        ),
        (
            {"weekdays": frozenset({6})},
            Closed,
            {"date": "2026-03-08", "reason": "weekday", "name": ""},
        ),
        (
            {"from_time": hour("18:00")},
            Closed,
            {"date": "2026-03-02", "reason": "hours", "name": ""},
        ),
    ],
)
async def test_what_cannot_be_offered(
    booking: Booking,
    more: dict[str, object],
    error: type[BookingError],
    values: dict[str, object],
) -> None:
    with pytest.raises(error) as refused:
        await booking.times.find_times(query(**more))
    assert refused.value.values == values


async def test_full_is_not_closed(booking: Booking) -> None:
    span = {"not_before": at("2026-03-04 09:00"), "not_after": at("2026-03-04 09:20")}
    await booking.appointments.hold(passport_at("2026-03-04 09:00"))
    await booking.appointments.hold(passport_at("2026-03-04 09:20"))
    assert await booking.times.find_times(query(**span)) == []


async def test_what_lies_outside_hours_does_not_hide_what_is_free(booking: Booking) -> None:
    """Sold time counts against a day only as far as it lies in today's hours."""
    for time in ("12:30", "13:00", "13:30", "14:00", "14:30"):
        await booking.appointments.hold(passport_at(f"2026-03-05 {time}"))
    await booking.supply.set_hours("raadhus", "anna", week("raadhus", "anna", "09:00", "10:00"))
    found = await booking.times.find_times(query(not_before=at("2026-03-05 09:00"), limit=5))
    assert clock_times(found) == ["Thu 09:00", "Thu 09:10", "Thu 09:20", "Thu 09:30", "Thu 09:40"]


async def test_a_change_is_seen_at_once_by_everybody(booking: Booking) -> None:
    from tests.booking.world import booking_on  # noqa: PLC0415

    other = booking_on(booking.engine, booking.clock)
    wanted = query(not_before=at("2026-03-05 09:00"), limit=1)
    assert clock_times(await other.times.find_times(wanted)) == ["Thu 09:00"]
    await booking.supply.add_exception(
        DayException(dt.date(2026, 3, 5), Availability.busy_unavailable, "raadhus")
    )
    assert clock_times(await other.times.find_times(wanted)) == ["Fri 09:00"]


@pytest.mark.parametrize("seed", range(3))
async def test_a_time_is_offered_exactly_when_it_can_be_held(booking: Booking, seed: int) -> None:
    """The search and the promise are two pieces of code: they must agree everywhere."""
    chance = random.Random(seed)
    for _ in range(40):
        start = at("2026-03-04 09:00") + dt.timedelta(minutes=10 * chance.randrange(36))
        try:
            held = await booking.appointments.hold(
                HoldRequest("raadhus", start, chance.choice([PASSPORT, (ServiceWish("mitid"),)]))
            )
        except (Taken, Closed):
            continue
        if chance.random() < 0.7:
            await booking.appointments.confirm(held.id, CONTACT)
    if seed:
        booking.clock.forward(minutes=10)
    day = {"not_before": at("2026-03-04 00:00"), "not_after": at("2026-03-04 23:59")}
    found = await booking.times.find_times(query(**day, limit=1000))
    offered = {item.starts_at for item in found}
    possible = set()
    for step in range(144):
        start = at("2026-03-04 00:00") + dt.timedelta(minutes=10 * step)
        try:
            held = await booking.appointments.hold(HoldRequest("raadhus", start, PASSPORT))
        except (Taken, Closed):
            continue
        possible.add(held.starts_at)
        await booking.appointments.release(held.id)
    assert offered == {moment.astimezone(dt.UTC) for moment in possible}
    backwards = await booking.times.find_times(
        query(before=at("2026-03-05 00:00"), **day, limit=1000)
    )
    assert backwards == found
