"""Two hundred clients in two processes, and twenty times."""

from __future__ import annotations

import asyncio
import collections
import datetime as dt
import json
import sys

import pytest
from sqlalchemy import select

from booking.models import HoldRequest
from booking.states import State
from booking.supply import Caseworker, WeeklyRule
from booking.tables import AppointmentRow
from launcher.paths import ROOT
from tests.booking.world import PASSPORT, Booking, assert_sound, at, hour

TIMES = 20
CLIENTS = 200


async def process(url: str, clients: int, seed: int) -> collections.Counter[str]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.booking.fighter", url, str(clients), str(seed)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await child.communicate()
    assert child.returncode == 0
    return collections.Counter(json.loads(output))


@pytest.mark.parametrize("lapsed", [False, True], ids=["free", "held and lapsed"])
async def test_two_hundred_clients_and_twenty_times(
    booking: Booking, url: str, lapsed: bool
) -> None:
    # Two people, ten times each: 09:00 to 12:20 on one day, and never again.
    day = dt.date(2026, 3, 4)
    people = ("anna", "bent")
    skills = frozenset({"pas-voksen"})
    await booking.supply.put(
        caseworkers=[Caseworker(name, name, skills, frozenset({"da"})) for name in people]
    )
    for name in people:
        once = WeeklyRule(
            "raadhus",
            name,
            2,
            hour("09:00"),
            hour("12:20"),
            valid_from=day,
            valid_until=day,
        )
        await booking.supply.set_hours("raadhus", name, [once])
    if lapsed:
        booking.clock.forward(minutes=-10)
        for number in range(TIMES):
            start = at("2026-03-04 09:00") + dt.timedelta(minutes=20 * (number // 2))
            await booking.appointments.hold(HoldRequest("raadhus", start, PASSPORT))
        booking.clock.forward(minutes=10)
    # The grid of ten minutes lets them cut each other's times in pieces; twenty do not.
    town = (await booking.supply.current()).places["raadhus"]
    await booking.supply.put(
        places=[type(town)(**(vars(town) | {"step_minutes": 20}))],
    )
    ends = sum(
        await asyncio.gather(*(process(url, CLIENTS // 2, seed) for seed in range(2))),
        collections.Counter(),
    )
    assert ends["booked"] == TIMES
    assert ends["gave_up"] == CLIENTS - TIMES
    assert set(ends) <= {"booked", "gave_up", "taken"}
    async with booking.sessions.read() as session:
        booked = list(
            await session.scalars(
                select(AppointmentRow).where(AppointmentRow.state == State.booked)
            )
        )
    assert len({(row.caseworker_id, row.starts_at) for row in booked}) == len(booked) == TIMES
    await assert_sound(booking)
