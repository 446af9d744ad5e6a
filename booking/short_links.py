"""Short names for links: a signed token is longer than a text message can bear."""

from __future__ import annotations

import secrets

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from booking.errors import LinkTampered
from booking.links import Links, Purpose
from booking.models import Appointment
from booking.tables import ShortLinkRow
from storage.sessions import Sessions

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH = 12
"""Some 59 bits: nobody finds one by trying."""


class ShortLinks:
    """The name opens nothing by itself: the token behind it is checked as ever."""

    def __init__(self, engine: AsyncEngine, links: Links) -> None:
        self._sessions = Sessions(engine)
        self._links = links

    async def make(self, session: AsyncSession, appointment: Appointment) -> str:
        """The name of a new link with which the appointment can be changed once."""
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        session.add(
            ShortLinkRow(
                code=code,
                appointment_id=appointment.id,
                token=self._links.make(appointment, Purpose.manage),
            )
        )
        await session.flush()
        return code

    async def token(self, code: str) -> str:
        """The signed token. Raises :class:`LinkTampered` for a name that we never gave."""
        async with self._sessions.read() as session:
            row = await session.get(ShortLinkRow, code)
        if row is None:
            raise LinkTampered
        return row.token
