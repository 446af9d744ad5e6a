"""The audit trail: who did what, when, to whom. Added to, read, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from desk.accounts.models import Clock, StaffMember, utc_now
from desk.accounts.tables import AUDIT_KEPT_DAYS, AuditRow
from storage.sessions import Sessions

_MAX_TEXT = 120
Detail = str | int | bool | None | list[str]


class Act(StrEnum):
    """What is written down. Other parts of the desk may add their own words, up to 40 letters."""

    signed_in = "signed_in"
    sign_in_failed = "sign_in_failed"
    locked = "locked"
    signed_out = "signed_out"
    signed_out_everywhere = "signed_out_everywhere"
    recovery_code_used = "recovery_code_used"
    invited = "invited"
    reset_link_made = "reset_link_made"
    password_set = "password_set"  # noqa: S105 - the name of what happened
    member_added = "member_added"
    member_changed = "member_changed"
    role_changed = "role_changed"
    teams_changed = "teams_changed"
    deactivated = "deactivated"
    activated = "activated"
    team_saved = "team_saved"
    looked_at_conversation = "looked_at_conversation"


@dataclass(frozen=True)
class Entry:
    """One row of the trail."""

    id: int
    at: dt.datetime
    actor: str | None
    action: str
    subject: str | None
    details: dict[str, Detail]


def about_member(member_id: str) -> str:
    """How the trail names a member."""
    return f"member:{member_id}"


class AuditTrail:
    """The only way to the table."""

    def __init__(self, engine: AsyncEngine, clock: Clock = utc_now) -> None:
        self._sessions = Sessions(engine)
        self._clock = clock

    def add(
        self,
        session: AsyncSession,
        actor: str | None,
        action: str,
        subject: str | None = None,
        details: Mapping[str, Detail] | None = None,
    ) -> None:
        """Write it in the transaction of what happened: both are stored, or neither.

        ``details`` are ids, keys, counts and times. Raises ``ValueError`` for a long text: what
        citizens say has no place here.
        """
        given = dict(details or {})
        for name, value in given.items():
            texts = value if isinstance(value, list) else [value]
            if any(isinstance(text, str) and len(text) > _MAX_TEXT for text in texts):
                raise ValueError(f"a long text as audit detail {name!r}")
        session.add(
            AuditRow(at=self._clock(), actor=actor, action=action, subject=subject, details=given)
        )

    async def record(
        self,
        actor: str | None,
        action: str,
        subject: str | None = None,
        details: Mapping[str, Detail] | None = None,
    ) -> None:
        """As :meth:`add`, for what changes nothing else in the database."""
        async with self._sessions.write() as session:
            self.add(session, actor, action, subject, details)

    async def looked(self, member: StaffMember, conversation_id: str) -> None:
        """The member reads a conversation. Call it before the conversation is shown."""
        await self.record(member.id, Act.looked_at_conversation, f"conversation:{conversation_id}")

    async def read(
        self,
        *,
        before: int | None = None,
        actor: str | None = None,
        subject: str | None = None,
        limit: int = 100,
    ) -> list[Entry]:
        """Newest first; ``before`` is the id of the last row of the page before."""
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditRow.id < before)
        if actor is not None:
            query = query.where(AuditRow.actor == actor)
        if subject is not None:
            query = query.where(AuditRow.subject == subject)
        async with self._sessions.read() as session:
            rows = (await session.scalars(query)).all()
        return [
            Entry(row.id, row.at, row.actor, row.action, row.subject, row.details) for row in rows
        ]

    async def erase_old(self, days: int) -> int:
        """Delete rows older than ``days``; how many. The database refuses younger ones.

        Raises ``ValueError`` for less than ``AUDIT_KEPT_DAYS``.
        """
        if days < AUDIT_KEPT_DAYS:
            raise ValueError(f"the audit trail is kept for {AUDIT_KEPT_DAYS} days")
        # A second more than asked: the trigger looks at the database's clock, not at ours.
        limit = self._clock() - dt.timedelta(days=days, seconds=1)
        async with self._sessions.write() as session:
            result = await session.execute(
                delete(AuditRow).where(AuditRow.at < limit).returning(AuditRow.id)
            )
            return len(result.all())
