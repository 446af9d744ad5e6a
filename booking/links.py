"""Links in messages, with which a citizen reschedules or cancels without signing in.

A link is signed, for one purpose, one appointment and one sequence number, and works once. To look
(``peek``) changes nothing, so programs that open every link in a mail do no harm; to act
(``redeem``) is recorded in the transaction of the act.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from booking.clock import Clock, utc_now
from booking.errors import (
    LinkExpired,
    LinkForeign,
    LinkReplayed,
    LinkStale,
    LinkStolen,
    LinkTampered,
    NotFound,
)
from booking.models import Appointment
from booking.rows import to_appointment
from booking.tables import AppointmentRow, UsedLinkRow
from booking.writing import lock
from storage.sessions import Sessions

_SALT = "borgerguide.booking.link.1"


class Purpose(StrEnum):
    """What a link lets somebody do."""

    reschedule = "reschedule"
    cancel = "cancel"
    manage = "manage"
    """Either of them: whichever comes first uses the link up."""
    calendar = "calendar"
    """To fetch the calendar entry, as often as one likes."""


@dataclass(frozen=True)
class _Ticket:
    id: str
    purpose: str
    appointment_id: str
    sequence: int
    expires: int
    holder: str | None


class Links:
    """Makes links and honours them."""

    def __init__(self, engine: AsyncEngine, secrets: Sequence[str], clock: Clock = utc_now) -> None:
        """``secrets``: the newest last; links made with the older ones still work.

        Raises ``ValueError`` without a secret, or with one below 32 characters.
        """
        if not secrets or any(len(secret) < 32 for secret in secrets):
            raise ValueError("links need a secret of at least 32 characters")
        self._sessions = Sessions(engine)
        self._clock = clock
        self._signer = URLSafeSerializer(
            list(secrets), salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256}
        )

    def make(
        self,
        appointment: Appointment,
        purpose: Purpose,
        *,
        expires_at: dt.datetime | None = None,
        holder: str | None = None,
    ) -> str:
        """A token for a URL, good until the appointment begins or until ``expires_at``.

        With ``holder`` (a conversation's id, say) it only works for whoever shows the same. There
        is no personal data in it.
        """
        return self._signer.dumps(
            {
                "i": uuid.uuid4().hex,
                "p": purpose.value,
                "a": appointment.id,
                "s": appointment.sequence,
                "x": int((expires_at or appointment.starts_at).timestamp()),
                "h": _fingerprint(holder) if holder is not None else None,
            }
        )

    async def peek(
        self,
        token: str,
        purpose: Purpose,
        *,
        appointment_id: str | None = None,
        holder: str | None = None,
    ) -> Appointment:
        """What the link is for, if it would work. Nothing changes.

        ``appointment_id``: the one that it must be for. Raises a :class:`LinkError`, or
        :class:`NotFound` for an appointment that was deleted.
        """
        ticket = self._read(token, purpose, appointment_id, holder)
        async with self._sessions.read() as session:
            row = await session.get(AppointmentRow, ticket.appointment_id)
            if row is None:
                raise NotFound
            await _check(session, ticket, row)
            return to_appointment(row)

    async def read(self, token: str, purpose: Purpose) -> Appointment:
        """The appointment as it is now, however often the link was used and whatever changed.

        For what gives nothing away that the holder has not seen. Raises as :meth:`peek`.
        """
        ticket = self._read(token, purpose, None, None)
        async with self._sessions.read() as session:
            row = await session.get(AppointmentRow, ticket.appointment_id)
        if row is None:
            raise NotFound
        return to_appointment(row)

    async def redeem(
        self,
        session: AsyncSession,
        token: str,
        purpose: Purpose,
        *,
        appointment_id: str | None = None,
        holder: str | None = None,
    ) -> Appointment:
        """Use the link up. The caller acts in the same ``session``; raises as :meth:`peek`."""
        ticket = self._read(token, purpose, appointment_id, holder)
        # Two clicks at once: the second waits here, and finds the link used.
        (row,) = await lock(session, ticket.appointment_id)
        await _check(session, ticket, row)
        session.add(UsedLinkRow(id=ticket.id, appointment_id=row.id, used_at=self._clock()))
        await session.flush()
        return to_appointment(row)

    def _read(
        self, token: str, purpose: Purpose, appointment_id: str | None, holder: str | None
    ) -> _Ticket:
        try:
            data: dict[str, Any] = self._signer.loads(token)
        except BadData:
            raise LinkTampered from None
        ticket = _Ticket(data["i"], data["p"], data["a"], data["s"], data["x"], data["h"])
        if ticket.purpose != purpose or appointment_id not in (None, ticket.appointment_id):
            raise LinkForeign
        if ticket.holder is not None and (holder is None or _fingerprint(holder) != ticket.holder):
            raise LinkStolen
        if self._clock().timestamp() >= ticket.expires:
            raise LinkExpired
        return ticket


async def _check(session: AsyncSession, ticket: _Ticket, row: AppointmentRow) -> None:
    if await session.get(UsedLinkRow, ticket.id) is not None:
        raise LinkReplayed
    if row.sequence != ticket.sequence:
        raise LinkStale


def _fingerprint(holder: str) -> str:
    return hashlib.sha256(f"{_SALT}:{holder}".encode()).hexdigest()[:32]
