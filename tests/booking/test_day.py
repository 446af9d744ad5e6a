"""The day at the desk, and numbers for walk-ins."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from booking.errors import IllegalTransition, NotFound, NotOffered, TooSoon
from booking.models import Appointment, HoldRequest, ServiceWish
from booking.states import State
from storage.engine import open_engine
from tests.booking.world import (
    CONTACT,
    PASSPORT,
    Booking,
    assert_sound,
    at,
    booking_on,
    passport_at,
    query,
)

DESK = "anna"
TODAY = dt.date(2026, 3, 4)
CARD = (ServiceWish("sundhedskort"),)


async def booked(booking: Booking, when: str) -> Appointment:
    held = await booking.appointments.hold(passport_at(when))
    return await booking.appointments.confirm(held.id, CONTACT)


async def test_a_visit_from_the_door_to_the_end(booking: Booking) -> None:
    appointment = await booked(booking, "2026-03-04 09:00")
    booking.clock.set("2026-03-04 08:55")
    steps = (booking.day.arrived, booking.day.called, booking.day.returned, booking.day.called)
    states = [(await step(appointment.id, actor=DESK)).state for step in (*steps, booking.day.done)]
    assert states == [State.arrived, State.called, State.arrived, State.called, State.done]
    with pytest.raises(IllegalTransition) as refused:
        await booking.day.arrived(appointment.id, actor=DESK)
    assert refused.value.values == {"state": "done", "event": "arrived"}
    assert [(item.kind, item.actor) for item in await booking.appointments.trail(appointment.id)][
        2:
    ] == [(kind, DESK) for kind in ("arrived", "called", "returned", "called", "done")]
    await assert_sound(booking)


async def test_who_does_not_come_gives_the_time_back(booking: Booking) -> None:
    appointment = await booked(booking, "2026-03-04 09:00")
    with pytest.raises(TooSoon):
        await booking.day.no_show(appointment.id, actor=DESK)
    booking.clock.set("2026-03-04 09:10")
    assert (await booking.day.no_show(appointment.id, actor=DESK)).state is State.no_show
    with pytest.raises(NotFound):
        await booking.day.no_show("0" * 32, actor=DESK)
    await assert_sound(booking)


async def test_the_day_of_a_place_and_of_a_caseworker(booking: Booking) -> None:
    late = await booked(booking, "2026-03-04 11:00")
    early = await booked(booking, "2026-03-04 09:00")
    gone = await booked(booking, "2026-03-04 10:00")
    await booking.appointments.cancel(gone.id)
    await booking.appointments.hold(passport_at("2026-03-04 13:00"))
    await booked(booking, "2026-03-05 09:00")
    booking.clock.set("2026-03-04 10:30")
    walk_in = await booking.day.walk_in("raadhus", CARD, actor=DESK)
    found = await booking.day.of_place("raadhus", TODAY)
    assert [item.id for item in found] == [early.id, walk_in.id, late.id]
    found = await booking.day.of_place("raadhus", TODAY, cancelled=True)
    assert [item.id for item in found] == [early.id, gone.id, walk_in.id, late.id]
    by_person = {
        person: {item.id for item in await booking.day.of_caseworker(person, TODAY)}
        for person in ("anna", "bent")
    }
    assert by_person["anna"] | by_person["bent"] == {early.id, late.id}
    assert await booking.day.of_place("telefon", TODAY) == []


async def test_who_is_next(booking: Booking) -> None:
    due = await booked(booking, "2026-03-04 09:20")
    early = await booked(booking, "2026-03-04 12:30")
    assert {due.caseworker_id, early.caseworker_id} == {"anna"}
    booking.clock.set("2026-03-04 09:00")
    assert await booking.day.call_next("raadhus", "anna", actor=DESK) is None
    card = await booking.day.walk_in("raadhus", CARD, actor=DESK)
    signs = await booking.day.walk_in("raadhus", PASSPORT, language="dsl", actor=DESK)
    passport = await booking.day.walk_in("raadhus", PASSPORT, actor=DESK)
    assert [item.walk_in for item in (card, signs, passport)] == [1, 2, 3]
    await booking.day.arrived(early.id, actor=DESK)
    await booking.day.arrived(due.id, actor=DESK)
    booking.clock.set("2026-03-04 09:25")
    # Bent makes no health cards, so he takes the first that he can serve.
    order = [
        (await booking.day.call_next("raadhus", who, actor=DESK))
        for who in ("bent", "anna", "anna", "anna", "anna", "anna")
    ]
    ids = [item.id if item is not None else None for item in order]
    assert ids == [signs.id, due.id, card.id, passport.id, early.id, None]
    assert order[0] is not None
    assert order[0].caseworker_id == "bent"
    # A walk-in who was called by mistake is anybody's again.
    assert (await booking.day.returned(signs.id, actor=DESK)).caseworker_id is None
    with pytest.raises(NotFound):
        await booking.day.call_next("raadhus", "ukendt", actor=DESK)
    await assert_sound(booking)


async def test_walk_ins_need_a_service_of_the_place(booking: Booking) -> None:
    with pytest.raises(NotOffered):
        await booking.day.walk_in("telefon", PASSPORT, actor=DESK)
    booking.clock.set("2026-03-04 09:00")
    first = await booking.day.walk_in("raadhus", PASSPORT, actor=DESK, name="Test")
    assert (first.walk_in, first.state, first.caseworker_id) == (1, State.arrived, None)
    # It takes no time from the plan.
    found = await booking.times.find_times(query(not_before=at("2026-03-04 10:00"), limit=1))
    assert found[0].starts_at == at("2026-03-04 10:00")
    booking.clock.set("2026-03-05 09:00")
    assert (await booking.day.walk_in("raadhus", PASSPORT, actor=DESK)).walk_in == 1
    with pytest.raises(IllegalTransition):
        await booking.appointments.confirm(first.id, CONTACT)


async def test_numbers_have_no_gaps_whoever_draws_them(booking: Booking, url: str) -> None:
    booking.clock.set("2026-03-04 09:00")
    other = booking_on(open_engine(url), booking.clock)

    async def draw(which: Booking, number: int) -> int | None:
        # Some give up half-way: their number is the next one's.
        if number % 5 == 0:
            with pytest.raises(NotOffered):
                await which.day.walk_in("raadhus", (ServiceWish("ukendt"),), actor=DESK)
            return None
        return (await which.day.walk_in("raadhus", PASSPORT, actor=DESK)).walk_in

    drawn = await asyncio.gather(
        *(draw(which, number) for number in range(20) for which in (booking, other))
    )
    assert sorted(number for number in drawn if number is not None) == list(range(1, 33))
    called = await asyncio.gather(
        *(
            which.day.call_next("raadhus", person, actor=DESK)
            for _ in range(8)
            for which in (booking, other)
            for person in ("anna", "bent")
        )
    )
    numbers = [item.walk_in for item in called if item is not None]
    assert len(numbers) == len(set(numbers)) == 32
    await other.engine.dispose()


async def test_a_telephone_call_needs_no_arrival(booking: Booking) -> None:
    held = await booking.appointments.hold(
        HoldRequest("telefon", at("2026-03-04 09:00"), (ServiceWish("mitid"),))
    )
    await booking.appointments.confirm(held.id, CONTACT)
    assert (await booking.day.called(held.id, actor="cleo")).state is State.called
