"""Replies ready to use: kept by team and language, filled in for a conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from conversations.redaction import clean, mask_cpr
from desk.accounts.models import Clock, StaffMember, utc_now
from desk.accounts.store import StaffStore
from desk.console.tables import CannedReplyRow
from desk.errors import NotAllowed, NotFound, Refused, UnknownTeam
from desk.queue.desk import MAX_TEXT
from desk.rights import Action, Rights, Subject
from storage.sessions import Sessions

VALUES = frozenset({"name", "service", "phone"})
"""What a text may have filled in: the member, the conversation's service, the city's number."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_MAX_ID = 2**31 - 1


@dataclass(frozen=True)
class NewReply:
    team: str | None
    """None: for every team."""
    language: str
    shortcut: str
    title: str
    text: str


@dataclass(frozen=True)
class CannedReply(NewReply):
    id: int


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values. Raises :class:`Refused` where the conversation has no service."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise Refused("no_service" if match[1] == "service" else "unknown_value")
        return values[match[1]]

    return _PLACEHOLDER.sub(value, text)


class CannedReplies:
    """Reading is for whoever writes to citizens, changing needs the right to manage them."""

    def __init__(self, engine: AsyncEngine, staff: StaffStore, clock: Clock = utc_now) -> None:
        self._sessions = Sessions(engine)
        self._staff = staff
        self._clock = clock

    async def list(self, member: StaffMember) -> list[CannedReply]:
        """What the member can use or manage, by title."""
        query = select(CannedReplyRow).order_by(CannedReplyRow.title, CannedReplyRow.id)
        if not Rights(member).reach(Action.manage_canned_replies).all:
            self._may_use(member)
            query = query.where(
                or_(CannedReplyRow.team == "", CannedReplyRow.team.in_(member.teams))
            )
        async with self._sessions.read() as session:
            return [_reply(row) for row in await session.scalars(query)]

    async def get(self, member: StaffMember, reply_id: int) -> CannedReply:
        """Raises :class:`NotFound`, also for one of a team that is not the member's."""
        async with self._sessions.read() as session:
            row = await self._row(session, reply_id)
        managed = Rights(member).can(Action.manage_canned_replies, Subject(row.team or None))
        if not managed:
            self._may_use(member)
            if row.team and row.team not in member.teams:
                raise NotFound
        return _reply(row)

    @staticmethod
    def _may_use(member: StaffMember) -> None:
        if not Rights(member).can(Action.write):
            raise NotAllowed

    async def add(self, member: StaffMember, new: NewReply) -> CannedReply:
        """Raises :class:`Refused` as :meth:`change`."""
        text = await self._checked(member, new)
        row = CannedReplyRow(
            team=new.team or "",
            language=new.language,
            shortcut=new.shortcut,
            title=new.title,
            text=text,
            updated_at=self._clock(),
        )
        try:
            async with self._sessions.write() as session:
                session.add(row)
        except IntegrityError:
            raise Refused("shortcut_taken") from None
        return _reply(row)

    async def change(self, member: StaffMember, reply_id: int, new: NewReply) -> CannedReply:
        """The reply as it is now.

        Raises :class:`NotFound`, and :class:`Refused` with ``empty``, ``too_long``,
        ``unknown_team``, ``unknown_value`` or ``shortcut_taken``.
        """
        text = await self._checked(member, new)
        try:
            async with self._sessions.write() as session:
                row = await self._row(session, reply_id)
                Rights(member).require(Action.manage_canned_replies, Subject(row.team or None))
                row.team, row.language = new.team or "", new.language
                row.shortcut, row.title, row.text = new.shortcut, new.title, text
                row.updated_at = self._clock()
        except IntegrityError:
            raise Refused("shortcut_taken") from None
        return _reply(row)

    async def remove(self, member: StaffMember, reply_id: int) -> None:
        """Raises :class:`NotFound`."""
        async with self._sessions.write() as session:
            row = await self._row(session, reply_id)
            Rights(member).require(Action.manage_canned_replies, Subject(row.team or None))
            await session.execute(delete(CannedReplyRow).where(CannedReplyRow.id == row.id))

    async def _checked(self, member: StaffMember, new: NewReply) -> str:
        Rights(member).require(Action.manage_canned_replies, Subject(new.team))
        if new.team is not None and not await self._staff.teams([new.team]):
            raise UnknownTeam(new.team)
        text, _ = mask_cpr(clean(new.text))
        if not text:
            raise Refused("empty")
        if len(text) > MAX_TEXT:
            raise Refused("too_long", limit=MAX_TEXT)
        unknown = set(_PLACEHOLDER.findall(text)) - VALUES
        if unknown:
            raise Refused("unknown_value")
        return text

    @staticmethod
    async def _row(session: AsyncSession, reply_id: int) -> CannedReplyRow:
        row = await session.get(CannedReplyRow, reply_id) if 0 < reply_id <= _MAX_ID else None
        if row is None:
            raise NotFound
        return row


def _reply(row: CannedReplyRow) -> CannedReply:
    return CannedReply(
        id=row.id,
        team=row.team or None,
        language=row.language,
        shortcut=row.shortcut,
        title=row.title,
        text=row.text,
    )
