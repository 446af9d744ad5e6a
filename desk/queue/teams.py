"""How each team works: its hours, and how its conversations find their member."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from desk.accounts.models import StaffMember
from desk.queue.hours import read_hours
from desk.queue.models import TeamSettings
from desk.queue.rows import settings_of
from desk.queue.tables import TeamSettingsRow
from desk.rights import Action, Rights, Subject
from storage.sessions import Sessions


class TeamBoard:
    """Reading is for everybody at the desk; changing needs the right to manage hours."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def get(self, team: str | None) -> TeamSettings:
        """The team's settings, or the defaults; None is the common queue."""
        async with self._sessions.read() as session:
            return await settings_of(session, team)

    async def save(self, member: StaffMember, settings: TeamSettings) -> TeamSettings:
        """Raises ``NotAllowed``, and ``Refused`` with ``hours_invalid``."""
        Rights(member).require(Action.manage_hours, Subject(settings.team))
        read_hours(settings.hours, settings.closed)
        async with self._sessions.write() as session:
            await session.merge(
                TeamSettingsRow(
                    team=settings.team or "",
                    assignment=settings.assignment,
                    hours=settings.hours,
                    closed=sorted(settings.closed),
                )
            )
        return settings
