"""A process that dies in the middle: ``python -m tests.booking.crasher URL POINT [HOLD]``."""

from __future__ import annotations

import asyncio
import os
import sys

from sqlalchemy import text

import conversations.store.tables  # noqa: F401 - appointments name conversations
from storage.engine import open_engine
from tests.booking.world import CONTACT, HandClock, booking_on, passport_at

DIED = 9
WHEN = "2026-03-04 09:00"


async def main(url: str, point: str, hold: str) -> None:
    booking = booking_on(open_engine(url), HandClock())
    match point:
        case "in hold":
            async with booking.sessions.write() as session:
                await booking.appointments.hold(passport_at(WHEN), session=session)
                os._exit(DIED)
        case "after hold":
            await booking.appointments.hold(passport_at(WHEN))
        case "in confirm":
            async with booking.sessions.write() as session:
                await booking.appointments.confirm(hold, CONTACT, session=session)
                # The caller's next step, in the same transaction.
                await session.execute(
                    text("UPDATE booking_appointment SET name = 'told'").execution_options()
                )
                os._exit(DIED)
        case "after confirm":
            await booking.appointments.confirm(hold, CONTACT)
    os._exit(DIED)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
