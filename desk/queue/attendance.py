"""Implements :class:`desk.accounts.port.Attendance` on the queue."""

from __future__ import annotations

from desk.accounts.models import StaffMember
from desk.queue.desk import Desk
from desk.queue.models import PresenceState


class QueueAttendance:
    """Who signs out is off duty, and leaves what they have not answered to others."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def state(self, member_id: str) -> str:
        return (await self._desk.presence.state(member_id)).value

    async def leave(self, member: StaffMember) -> None:
        await self._desk.set_presence(member, PresenceState.offline)
