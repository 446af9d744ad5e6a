"""What members say is wrong or missing in the knowledge: filed with the entry, for editors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.redaction import clean, mask_cpr
from desk.accounts.models import Clock, StaffMember, utc_now
from desk.console.tables import KnowledgeNoteRow
from desk.errors import NotFound, Refused
from desk.queue.desk import MAX_TEXT
from desk.rights import Action, Rights
from knowledge.catalogue import Catalogue
from storage.sessions import Sessions

_MOST = 200
_MAX_ID = 2**31 - 1


class RemarkKind(StrEnum):
    wrong = "wrong"
    missing = "missing"


@dataclass(frozen=True)
class Remark:
    id: int
    service: str
    kind: RemarkKind
    text: str
    author: str
    at: dt.datetime
    done: bool


class Remarks:
    """Anybody at the desk may make one; seeing and ending them needs the right."""

    def __init__(
        self, engine: AsyncEngine, catalogue: Callable[[], Catalogue], clock: Clock = utc_now
    ) -> None:
        self._sessions = Sessions(engine)
        self._catalogue = catalogue
        self._clock = clock

    async def add(self, member: StaffMember, service: str, kind: RemarkKind, text: str) -> Remark:
        """File a remark. Raises :class:`NotFound` for an unknown service, and :class:`Refused`."""
        if service not in self._catalogue().services:
            raise NotFound
        words, _ = mask_cpr(clean(text))
        if not words:
            raise Refused("empty")
        if len(words) > MAX_TEXT:
            raise Refused("too_long", limit=MAX_TEXT)
        row = KnowledgeNoteRow(
            service=service,
            kind=kind,
            text=words,
            author=member.id,
            created_at=self._clock(),
            done=False,
        )
        async with self._sessions.write() as session:
            session.add(row)
        return _remark(row)

    async def list(self, member: StaffMember) -> list[Remark]:
        """What is open first, then the newest. Raises ``NotAllowed``."""
        Rights(member).require(Action.edit_knowledge_notes)
        query = select(KnowledgeNoteRow).order_by(KnowledgeNoteRow.done, KnowledgeNoteRow.id.desc())
        async with self._sessions.read() as session:
            return [_remark(row) for row in await session.scalars(query.limit(_MOST))]

    async def done(self, member: StaffMember, remark_id: int) -> None:
        """It has been dealt with; a second time changes nothing.

        Raises ``NotAllowed`` and :class:`NotFound`.
        """
        Rights(member).require(Action.edit_knowledge_notes)
        if not 0 < remark_id <= _MAX_ID:
            raise NotFound
        async with self._sessions.write() as session:
            row = await session.get(KnowledgeNoteRow, remark_id, with_for_update=True)
            if row is None:
                raise NotFound
            if not row.done:
                row.done, row.done_by, row.done_at = True, member.id, self._clock()


def _remark(row: KnowledgeNoteRow) -> Remark:
    return Remark(
        id=row.id,
        service=row.service,
        kind=RemarkKind(row.kind),
        text=row.text,
        author=row.author,
        at=row.created_at,
        done=row.done,
    )
