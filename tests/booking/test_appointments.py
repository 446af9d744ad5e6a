"""Holds, appointments, rescheduling and cancelling, on each database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text

from booking.errors import (
    BookingError,
    Closed,
    HoldExpired,
    IllegalTransition,
    InThePast,
    NotFound,
    NotOffered,
    OffGrid,
    Taken,
    TooFar,
    TooMany,
    TooSoon,
)
from booking.models import Appointment, Contact, HoldRequest, ServiceWish
from booking.states import State
from booking.supply import Availability, DayException
from booking.tables import AppointmentRow, GrainRow, ReminderRow
from tests.booking.world import CONTACT, PASSPORT, Booking, assert_sound, at, passport_at, query


async def booked(booking: Booking, when: str, place: str = "raadhus") -> Appointment:
    held = await booking.appointments.hold(passport_at(when, place))
    return await booking.appointments.confirm(held.id, CONTACT)


async def reminders(booking: Booking) -> list[tuple[str, dt.datetime]]:
    async with booking.sessions.read() as session:
        rows = await session.scalars(select(ReminderRow))
        return [(row.appointment_id, row.due_at) for row in rows]


async def test_a_hold_knows_nobody_and_an_appointment_somebody(booking: Booking) -> None:
    held = await booking.appointments.hold(passport_at("2026-03-04 09:00"))
    assert held.state is State.held
    assert held.name is None
    assert held.hold_expires_at == booking.clock.now + dt.timedelta(minutes=10)
    assert (held.caseworker_id, held.lane, held.sequence) == ("anna", 0, 0)
    assert held.starts_at == at("2026-03-04 09:00")
    assert held.ends_at == at("2026-03-04 09:20")
    done = await booking.appointments.confirm(
        held.id, CONTACT, share_summary=True, summary="Vil have et pas."
    )
    assert done.state is State.booked
    assert (done.name, done.contact_channel, done.contact_address) == (
        CONTACT.name,
        CONTACT.channel,
        CONTACT.address,
    )
    assert done.summary == "Vil have et pas."
    assert done.hold_expires_at is None
    assert (done.id, done.reference, done.uid) == (held.id, held.reference, held.uid)
    assert await booking.appointments.get(done.id) == done
    assert await booking.appointments.by_reference(done.reference.lower()) == done
    assert done.local_start.hour == 9
    assert [item.kind for item in await booking.appointments.trail(done.id)] == [
        "held",
        "confirmed",
    ]
    await assert_sound(booking)


async def test_a_summary_is_kept_only_if_it_may_be_shared(booking: Booking) -> None:
    held = await booking.appointments.hold(passport_at("2026-03-04 09:00"))
    done = await booking.appointments.confirm(held.id, CONTACT, summary="Vil have et pas.")
    assert done.summary is None


async def test_nothing_is_sold_twice(booking: Booking) -> None:
    await booked(booking, "2026-03-04 10:00")
    second = await booked(booking, "2026-03-04 10:00")
    assert second.caseworker_id == "bent"
    for overlapping in ("2026-03-04 10:00", "2026-03-04 10:15", "2026-03-04 09:45"):
        with pytest.raises(Taken) as refused:
            await booking.appointments.hold(passport_at(overlapping))
        assert refused.value.reply == "booking.taken"
    # What touches does not overlap.
    await booked(booking, "2026-03-04 09:40")
    await booked(booking, "2026-03-04 10:20")
    await assert_sound(booking)


async def test_a_caseworker_takes_as_many_at_once_as_they_can(booking: Booking) -> None:
    request = HoldRequest("telefon", at("2026-03-04 09:00"), (ServiceWish("mitid"),))
    lanes = [(await booking.appointments.hold(request)).lane for _ in range(2)]
    assert lanes == [0, 1]
    with pytest.raises(Taken):
        await booking.appointments.hold(request)


async def test_whoever_has_least_that_day_is_next(booking: Booking) -> None:
    first = await booked(booking, "2026-03-04 09:00")
    assert first.caseworker_id == "anna"
    chosen = [
        (await booked(booking, f"2026-03-04 {time}")).caseworker_id for time in ("11:00", "11:30")
    ]
    assert chosen == ["bent", "anna"]
    # Another day is another count.
    assert (await booked(booking, "2026-03-09 11:00")).caseworker_id == "anna"


@pytest.mark.parametrize(
    ("change", "error", "values"),
    [
        ({"starts_at": at("2026-03-02 07:55")}, InThePast, {}),
        ({"starts_at": at("2026-03-02 08:55")}, TooSoon, {"minutes": 60}),
        (
            {"starts_at": at("2026-06-01 09:00")},
            TooFar,
            {"days": 90, "last": "2026-05-31"},
        ),
        (
            {"starts_at": at("2026-04-06 09:00")},
            Closed,
            {"date": "2026-04-06", "reason": "holiday", "name": "Anden påskedag"},
        ),
        (
            {"starts_at": at("2026-03-07 09:00")},
            Closed,
            {"date": "2026-03-07", "reason": "weekday", "name": ""},
        ),
        # It would not be over when they close.
        (
            {"starts_at": at("2026-03-04 14:45")},
            Closed,
            {"date": "2026-03-04", "reason": "hours", "name": ""},
        ),
        # Over lunch.
        (
            {"starts_at": at("2026-03-04 12:10")},
            Closed,
            {"date": "2026-03-04", "reason": "hours", "name": ""},
        ),
        ({"starts_at": at("2026-03-04 09:03")}, OffGrid, {"minutes": 5}),
        ({"place_id": "maanen"}, NotOffered, {"what": "place", "name": "maanen"}),
        ({"language": "so"}, NotOffered, {"what": "language", "name": "so"}),
        (
            {"services": (ServiceWish("mitid"), ServiceWish("rotter"))},
            NotOffered,
            {"what": "service", "name": "rotter"},
        ),
        ({"place_id": "telefon"}, NotOffered, {"what": "service", "name": "pas-voksen"}),
        (
            {"services": (ServiceWish("pas-voksen", 40),)},
            TooMany,
            {"limit": 6, "unit": "persons"},
        ),
    ],
)
async def test_what_cannot_be_held(
    booking: Booking,
    change: dict[str, object],
    error: type[BookingError],
    values: dict[str, object],
) -> None:
    request = replace(passport_at("2026-03-04 09:00"), **change)  # type: ignore[arg-type]
    with pytest.raises(error) as refused:
        await booking.appointments.hold(request)
    assert refused.value.values == values
    await assert_sound(booking)


async def test_sign_language_has_its_people(booking: Booking) -> None:
    request = replace(passport_at("2026-03-04 10:00"), language="dsl")
    assert (await booking.appointments.hold(request)).caseworker_id == "bent"
    with pytest.raises(Taken):
        await booking.appointments.hold(request)


async def test_a_lapsed_hold_is_in_nobodys_way(booking: Booking) -> None:
    request = replace(passport_at("2026-03-04 10:00"), language="dsl")
    first = await booking.appointments.hold(request)
    booking.clock.forward(minutes=9, seconds=59)
    with pytest.raises(Taken):
        await booking.appointments.hold(request)
    booking.clock.forward(seconds=1)
    second = await booking.appointments.hold(request)
    with pytest.raises(HoldExpired) as refused:
        await booking.appointments.confirm(first.id, CONTACT)
    assert refused.value.values == {"minutes": 10}
    assert (await booking.appointments.get(first.id)).state is State.expired
    assert (await booking.appointments.confirm(second.id, CONTACT)).state is State.booked
    await assert_sound(booking)


async def test_a_hold_that_lapsed_cannot_be_confirmed_even_if_nobody_took_it(
    booking: Booking,
) -> None:
    held = await booking.appointments.hold(passport_at("2026-03-04 10:00"))
    booking.clock.forward(minutes=10)
    with pytest.raises(HoldExpired):
        await booking.appointments.confirm(held.id, CONTACT)
    assert await booking.appointments.expire_holds() == 1
    assert await booking.appointments.expire_holds() == 0
    await assert_sound(booking)


async def test_somebody_who_asks_for_another_time_lets_the_first_go(booking: Booking) -> None:
    signed = replace(passport_at("2026-03-04 10:00"), language="dsl")
    first = await booking.appointments.hold(signed)
    overlapping = replace(signed, starts_at=at("2026-03-04 10:10"), instead_of=first.id)
    second = await booking.appointments.hold(overlapping)
    assert (await booking.appointments.get(first.id)).state is State.expired
    assert second.state is State.held
    # If the other time is taken, the first stays.
    await booking.appointments.confirm(second.id, CONTACT)
    third = await booking.appointments.hold(replace(signed, starts_at=at("2026-03-04 11:00")))
    with pytest.raises(Taken):
        await booking.appointments.hold(
            replace(signed, starts_at=at("2026-03-04 10:20"), instead_of=third.id)
        )
    assert (await booking.appointments.get(third.id)).state is State.held
    await booking.appointments.release(third.id)
    await booking.appointments.release(third.id)
    with pytest.raises(IllegalTransition):
        await booking.appointments.release(second.id)
    with pytest.raises(NotFound):
        await booking.appointments.hold(replace(signed, instead_of="0" * 32))
    await assert_sound(booking)


async def test_confirming_twice_is_confirming_once(booking: Booking) -> None:
    held = await booking.appointments.hold(passport_at("2026-03-04 10:00"))
    first = await booking.appointments.confirm(held.id, CONTACT)
    booking.clock.forward(minutes=30)
    again = await booking.appointments.confirm(held.id, Contact("Anden", "email", "a@example.com"))
    assert again == first
    assert len(await booking.appointments.trail(held.id)) == 2
    assert len(await reminders(booking)) == 1


async def test_rescheduling_keeps_the_identity_and_raises_the_sequence(booking: Booking) -> None:
    before = await booked(booking, "2026-03-04 10:00")
    held = await booking.appointments.hold(passport_at("2026-03-05 11:00"))
    after = await booking.appointments.reschedule(before.id, held.id)
    assert (after.id, after.reference, after.uid) == (before.id, before.reference, before.uid)
    assert after.sequence == 1
    assert after.starts_at == at("2026-03-05 11:00")
    assert (after.name, after.contact_address) == (before.name, before.contact_address)
    assert await reminders(booking) == [(before.id, at("2026-03-04 11:00").astimezone(dt.UTC))]
    assert (await booking.appointments.get(held.id)).state is State.expired
    # The old time is free at once, the new one is not.
    assert (await booked(booking, "2026-03-04 10:00")).caseworker_id == "anna"
    with pytest.raises(Taken):
        await booking.appointments.hold(passport_at("2026-03-05 11:00"))
    trail = await booking.appointments.trail(before.id)
    assert [item.kind for item in trail] == ["held", "confirmed", "rescheduled"]
    await assert_sound(booking)


async def test_what_cannot_be_rescheduled(booking: Booking) -> None:
    appointment = await booked(booking, "2026-03-02 10:00")
    other = await booked(booking, "2026-03-05 09:00")
    held = await booking.appointments.hold(passport_at("2026-03-05 11:00"))
    with pytest.raises(NotFound):
        await booking.appointments.reschedule("0" * 32, held.id)
    with pytest.raises(NotFound):
        await booking.appointments.reschedule(held.id, held.id)
    with pytest.raises(IllegalTransition):
        await booking.appointments.reschedule(held.id, appointment.id)
    # A time that somebody has booked is no hold.
    with pytest.raises(IllegalTransition):
        await booking.appointments.reschedule(appointment.id, other.id)
    booking.clock.forward(minutes=10)
    with pytest.raises(HoldExpired):
        await booking.appointments.reschedule(appointment.id, held.id)
    booking.clock.set("2026-03-02 10:00")
    late = await booking.appointments.hold(passport_at("2026-03-05 11:00"))
    with pytest.raises(InThePast):
        await booking.appointments.reschedule(appointment.id, late.id)
    assert (await booking.appointments.get(appointment.id)).sequence == 0
    await assert_sound(booking)


async def test_cancelling_gives_the_time_back(booking: Booking) -> None:
    appointment = await booked(booking, "2026-03-04 10:00")
    cancelled = await booking.appointments.cancel(appointment.id)
    assert cancelled.state is State.cancelled
    assert (cancelled.uid, cancelled.sequence) == (appointment.uid, 1)
    assert await reminders(booking) == []
    with pytest.raises(IllegalTransition):
        await booking.appointments.cancel(appointment.id)
    assert (await booked(booking, "2026-03-04 10:00")).caseworker_id == "anna"
    begun = await booked(booking, "2026-03-02 10:00")
    booking.clock.set("2026-03-02 10:00")
    with pytest.raises(InThePast):
        await booking.appointments.cancel(begun.id)
    await assert_sound(booking)


async def test_a_refusal_leaves_the_callers_transaction_as_it_was(booking: Booking) -> None:
    await booked(booking, "2026-03-05 10:00")
    async with booking.sessions.write() as session:
        with pytest.raises(Taken):
            await booking.appointments.hold(passport_at("2026-03-05 10:00"), session=session)
        held = await booking.appointments.hold(passport_at("2026-03-05 11:00"), session=session)
        await booking.appointments.confirm(held.id, CONTACT, session=session)
    async with booking.sessions.read() as session:
        count = await session.scalar(select(func.count()).select_from(AppointmentRow))
    assert count == 2
    await assert_sound(booking)


async def test_what_fails_after_a_booking_takes_it_back(booking: Booking) -> None:
    class Broken(Exception):
        pass

    held = await booking.appointments.hold(passport_at("2026-03-05 10:00"))

    async def confirm_and_break() -> None:
        async with booking.sessions.write() as session:
            await booking.appointments.confirm(held.id, CONTACT, session=session)
            raise Broken

    with pytest.raises(Broken):
        await confirm_and_break()
    assert (await booking.appointments.get(held.id)).state is State.held
    assert await reminders(booking) == []
    await assert_sound(booking)


async def test_a_conversation_that_is_erased_leaves_the_appointment(booking: Booking) -> None:
    async with booking.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO conversation (id, channel, language, language_chosen, state,"
                " last_seq, created_at, updated_at)"
                " VALUES ('c1', 'web', 'da', true, 'bot', 0, :now, :now)"
            ).bindparams(
                now=booking.clock.now
                if "postgres" in str(booking.engine.url)
                else "2026-01-01 00:00:00"
            )
        )
    request = replace(passport_at("2026-03-05 10:00"), conversation_id="c1")
    held = await booking.appointments.hold(request)
    assert [item.id for item in await booking.appointments.of_conversation("c1")] == [held.id]
    async with booking.engine.begin() as connection:
        await connection.execute(text("DELETE FROM conversation"))
    assert (await booking.appointments.get(held.id)).conversation_id is None


async def test_an_illness_strands_what_was_booked(booking: Booking) -> None:
    appointment = await booked(booking, "2026-03-05 10:00")
    away = DayException(
        dt.date(2026, 3, 5), Availability.busy_unavailable, caseworker_id="anna", reason="syg"
    )
    number = await booking.supply.add_exception(away)
    assert [item.id for item in await booking.appointments.stranded()] == [appointment.id]
    with pytest.raises(Closed):
        await booking.appointments.hold(passport_at("2026-03-05 11:00"))
    assert await booking.supply.exceptions(dt.date(2026, 3, 1)) == [(number, away)]
    held = await booking.appointments.hold(passport_at("2026-03-06 11:00"))
    await booking.appointments.reschedule(appointment.id, held.id)
    assert await booking.appointments.stranded() == []
    await booking.supply.remove_exception(number)
    await booking.appointments.hold(passport_at("2026-03-05 11:00"))
    with pytest.raises(NotFound):
        await booking.supply.remove_exception(number)
    await assert_sound(booking)


async def test_what_is_over_is_forgotten(booking: Booking) -> None:
    old = await booked(booking, "2026-03-03 10:00")
    new = await booked(booking, "2026-03-05 10:00")
    assert await booking.appointments.forget_before(at("2026-03-04 00:00")) == 1
    with pytest.raises(NotFound):
        await booking.appointments.get(old.id)
    assert await booking.appointments.get(new.id) == new
    async with booking.sessions.read() as session:
        assert await session.scalar(select(func.count()).select_from(GrainRow)) == 4
    await assert_sound(booking)


@pytest.mark.parametrize("date", ["2026-03-29", "2026-10-25"])
async def test_the_days_on_which_the_clocks_change_can_be_booked(
    booking: Booking, date: str
) -> None:
    day = dt.date.fromisoformat(date)
    booking.clock.set(f"{day - dt.timedelta(days=7)} 08:00")
    for place, person in (("raadhus", None), ("raadhus", "anna")):
        await booking.supply.add_exception(
            DayException(day, Availability.available, place, person, dt.time(1), dt.time(15))
        )
    found = await booking.times.find_times(
        query(not_before=at(f"{date} 00:00"), not_after=at(f"{date} 23:00"), limit=100)
    )
    starts = [item.starts_at for item in found]
    walls = [item.local_start.strftime("%H:%M") for item in found]
    assert len(set(starts)) == len(starts)
    assert ("02:00" in walls) is (date == "2026-10-25")
    assert walls.count("02:00") == (2 if date == "2026-10-25" else 0)
    assert walls[0] == "01:00"
    assert "09:00" in walls
    for item in found:
        if item.local_start.hour == 2:
            held = await booking.appointments.hold(HoldRequest("raadhus", item.starts_at, PASSPORT))
            await booking.appointments.release(held.id)
    first = await booking.appointments.hold(HoldRequest("raadhus", found[0].starts_at, PASSPORT))
    await booking.appointments.confirm(first.id, CONTACT)
    await assert_sound(booking)
