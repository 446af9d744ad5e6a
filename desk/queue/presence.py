"""Who is at their desk, as the database knows it: every gateway sees the same."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from desk.accounts.models import Clock, utc_now
from desk.queue.models import Presence, PresenceState
from desk.queue.rows import HEARTBEAT_SECONDS
from desk.queue.tables import PresenceRow
from storage.sessions import Sessions


def effective(row: PresenceRow, moment: dt.datetime) -> PresenceState:
    """What counts: somebody who is silent is away, whatever they said."""
    state = PresenceState(row.state)
    silent = row.heard_at <= moment - dt.timedelta(seconds=HEARTBEAT_SECONDS)
    return PresenceState.away if state is PresenceState.online and silent else state


async def locked(session: AsyncSession, member_id: str, moment: dt.datetime) -> PresenceRow:
    """A member's row, nobody else's until the end of the transaction; made if there is none."""
    row = await session.get(PresenceRow, member_id, with_for_update=True)
    if row is not None:
        return row
    try:
        async with session.begin_nested():
            session.add(
                PresenceRow(member_id=member_id, state=PresenceState.offline, heard_at=moment)
            )
    except IntegrityError:
        pass  # somebody else made it at the same moment
    return await session.get_one(
        PresenceRow, member_id, with_for_update=True, populate_existing=True
    )


class PresenceBoard:
    """Heartbeats and what members say of themselves."""

    def __init__(self, engine: AsyncEngine, clock: Clock = utc_now) -> None:
        self._sessions = Sessions(engine)
        self._clock = clock

    async def say(self, member_id: str, state: PresenceState) -> None:
        """The member's own word; also a heartbeat."""
        moment = self._clock()
        async with self._sessions.write() as session:
            row = await locked(session, member_id, moment)
            row.state, row.heard_at = state, moment

    async def beat(self, member_id: str) -> Presence:
        """The member's console is open. Changes nothing about what they said."""
        moment = self._clock()
        async with self._sessions.write() as session:
            row = await locked(session, member_id, moment)
            row.heard_at = moment
            return Presence(member_id, PresenceState(row.state), moment)

    async def state(self, member_id: str) -> PresenceState:
        """One member's; who was never here is offline."""
        moment = self._clock()
        async with self._sessions.read() as session:
            row = await session.get(PresenceRow, member_id)
            return effective(row, moment) if row is not None else PresenceState.offline

    async def all(self) -> dict[str, Presence]:
        """Everybody who was ever here, by id."""
        moment = self._clock()
        async with self._sessions.read() as session:
            rows = await session.scalars(select(PresenceRow))
            return {
                row.member_id: Presence(row.member_id, effective(row, moment), row.heard_at)
                for row in rows
            }
