"""What is left when the process dies between two steps."""

from __future__ import annotations

import subprocess
import sys

import pytest

from booking.errors import Taken
from booking.states import State
from launcher.paths import ROOT
from tests.booking.crasher import DIED, WHEN
from tests.booking.world import CONTACT, Booking, assert_sound, at, passport_at


def crash(url: str, point: str, hold: str = "") -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.booking.crasher", url, point, hold],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == DIED, done.stderr


async def test_a_hold_that_was_never_committed_never_was(booking: Booking, url: str) -> None:
    crash(url, "in hold")
    await assert_sound(booking)
    assert (await booking.appointments.hold(passport_at(WHEN))).state is State.held


async def test_a_hold_whose_owner_died_lapses(booking: Booking, url: str) -> None:
    crash(url, "after hold")
    await assert_sound(booking)
    with pytest.raises(Taken):
        await booking.appointments.hold(passport_at(WHEN))
    booking.clock.forward(minutes=10)
    assert (await booking.appointments.hold(passport_at(WHEN))).starts_at == at(WHEN)
    await assert_sound(booking)


async def test_half_a_confirmation_is_none(booking: Booking, url: str) -> None:
    held = await booking.appointments.hold(passport_at(WHEN))
    crash(url, "in confirm", held.id)
    assert await booking.appointments.get(held.id) == held
    await assert_sound(booking)
    assert (await booking.appointments.confirm(held.id, CONTACT)).state is State.booked
    await assert_sound(booking)


async def test_a_confirmation_that_nobody_heard_of_is_repeated(booking: Booking, url: str) -> None:
    held = await booking.appointments.hold(passport_at(WHEN))
    crash(url, "after confirm", held.id)
    assert (await booking.appointments.get(held.id)).state is State.booked
    again = await booking.appointments.confirm(held.id, CONTACT)
    assert again.state is State.booked
    assert again.sequence == 0
    assert [item.kind for item in await booking.appointments.trail(held.id)] == [
        "held",
        "confirmed",
    ]
    await assert_sound(booking)
