"""Some clients in a process of their own, who all want one appointment each.

``python -m tests.booking.fighter URL CLIENTS SEED`` prints how it ended for them, as JSON.
"""

from __future__ import annotations

import asyncio
import collections
import json
import random
import sys

import conversations.store.tables  # noqa: F401 - appointments name conversations
from booking.errors import Taken
from booking.models import HoldRequest
from storage.engine import open_engine
from tests.booking.world import CONTACT, PASSPORT, Booking, HandClock, booking_on, query


async def want(booking: Booking, chance: random.Random, ends: collections.Counter[str]) -> None:
    while True:
        offered = await booking.times.find_times(query())
        if not offered:
            ends["gave_up"] += 1
            return
        chosen = chance.choice(offered)
        try:
            held = await booking.appointments.hold(
                HoldRequest(chosen.place_id, chosen.starts_at, PASSPORT)
            )
        except Taken:
            ends["taken"] += 1
            continue
        await booking.appointments.confirm(held.id, CONTACT)
        ends["booked"] += 1
        return


async def fight(url: str, clients: int, seed: int) -> collections.Counter[str]:
    engine = open_engine(url)
    chance = random.Random(seed)
    ends: collections.Counter[str] = collections.Counter()
    booking = booking_on(engine, HandClock())
    found = await asyncio.gather(
        *(want(booking, chance, ends) for _ in range(clients)), return_exceptions=True
    )
    ends.update(type(error).__name__ for error in found if error is not None)
    await engine.dispose()
    return ends


if __name__ == "__main__":
    print(json.dumps(asyncio.run(fight(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))
