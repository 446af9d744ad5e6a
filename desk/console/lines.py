"""Handovers as a line of a list: everything that is shown of a conversation from outside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from conversations.delivery.port import DeliveryState
from conversations.models import Author
from conversations.states import State
from conversations.store.tables import ActivityRow, ConversationRow, DeliveryRow, MessageRow
from desk.accounts.models import Clock, StaffMember, utc_now
from desk.queue.models import Entry
from desk.queue.roster import Roster
from desk.queue.rows import snoozed_now, to_entry, waiting
from desk.queue.tables import HandoverRow
from desk.queue.views import within
from desk.rights import Action, Rights
from knowledge.catalogue import Catalogue
from storage.sessions import Sessions

_SNIPPET = 160
_PROGRESS = {
    DeliveryState.sent: 1,
    DeliveryState.delivered: 2,
    DeliveryState.read: 3,
    DeliveryState.failed: 4,
    DeliveryState.rejected: 4,
    DeliveryState.stopped: 4,
}
"""Only ever upwards, as deliveries go."""


@dataclass(frozen=True)
class Named:
    id: str
    name: str


@dataclass(frozen=True)
class Titled:
    id: str
    title: str


@dataclass(frozen=True)
class LastMessage:
    author: str
    text: str
    """Shortened."""
    at: dt.datetime


@dataclass(frozen=True)
class Transfer:
    """Who has asked whom to take over."""

    giver: Named
    taker: Named
    note: str


@dataclass(frozen=True)
class Line:
    """One conversation of a list."""

    entry: Entry
    state: State
    language: str
    service: Titled | None
    assignee: Named | None
    waiting_seconds: int
    last_message: LastMessage | None
    unread: int
    snoozed_until: dt.datetime | None
    transfer: Transfer | None
    version: int


@dataclass(frozen=True)
class Counts:
    """How many conversations are in a member's lists."""

    waiting: int
    mine: int
    team: int
    snoozed: int


def version() -> ColumnElement[int]:
    """A number that grows with whatever is shown of a conversation, as an SQL expression.

    It adds up what is only ever added to: messages, the activity trail, and how far deliveries
    have come.
    """
    happened = (
        select(func.count())
        .select_from(ActivityRow)
        .where(ActivityRow.conversation_id == ConversationRow.id)
        .correlate(ConversationRow)
        .scalar_subquery()
    )
    progress = case(
        {state.value: steps for state, steps in _PROGRESS.items()}, value=DeliveryRow.state, else_=0
    )
    sent = (
        select(func.coalesce(func.sum(progress), 0))
        .where(DeliveryRow.conversation_id == ConversationRow.id)
        .correlate(ConversationRow)
        .scalar_subquery()
    )
    return cast(ConversationRow.last_seq + happened + sent, Integer)


def titled(catalogue: Catalogue, service: str | None, language: str) -> Titled | None:
    """A service by its title. One that is no longer in the knowledge keeps its id as title."""
    if service is None:
        return None
    try:
        return Titled(service, catalogue.text(service, language)[1].title)
    except KeyError:
        return Titled(service, service)


def shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SNIPPET else line[: _SNIPPET - 1].rstrip() + "…"


class Lines:
    """The queries. They check no rights: whoever asks has done so."""

    def __init__(
        self,
        engine: AsyncEngine,
        roster: Roster,
        catalogue: Callable[[], Catalogue],
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = Sessions(engine)
        self._roster = roster
        self._catalogue = catalogue
        self._clock = clock

    async def entry(self, conversation_id: str) -> Entry | None:
        """The handover that a conversation is in, or the last one that it was in."""
        async with self._sessions.read() as session:
            row = await session.scalar(
                select(HandoverRow)
                .where(HandoverRow.conversation_id == conversation_id)
                .order_by(HandoverRow.open_in.is_(None), HandoverRow.id.desc())
                .limit(1)
            )
        return to_entry(row) if row is not None else None

    async def names(self) -> Mapping[str, str]:
        """Members' names by id."""
        return {member.id: member.name for member in await self._roster.members()}

    async def counts(self, member: StaffMember) -> Counts:
        """How long each of the member's lists is; what they are offered counts as theirs."""
        moment = self._clock()
        asleep = snoozed_now(moment)
        seen = within(Rights(member).reach(Action.see_conversation))
        mine = HandoverRow.assignee == member.id
        others = HandoverRow.assignee.is_not(None) & (HandoverRow.assignee != member.id)
        offered = HandoverRow.offered_to == member.id

        def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
            return func.count().filter(condition)

        async with self._sessions.read() as session:
            row = (
                await session.execute(
                    select(
                        count(waiting() & seen),
                        count((mine & ~asleep & seen) | offered),
                        count(others & seen),
                        count(mine & asleep & seen),
                    )
                    .select_from(HandoverRow)
                    .where(HandoverRow.open_in.is_not(None))
                )
            ).one()
        return Counts(*row)

    async def line(self, entry: Entry, language: str) -> Line | None:
        """One line; None if the conversation was erased meanwhile."""
        found = await self.of([entry], language)
        return found[0] if found else None

    async def of(self, entries: Sequence[Entry], language: str) -> list[Line]:
        """The lines in the same order, titles in ``language``. What was erased is left out."""
        if not entries:
            return []
        moment = self._clock()
        names = await self.names()
        catalogue = self._catalogue()
        ids = [entry.id for entry in entries]
        async with self._sessions.read() as session:
            rows = await session.execute(
                select(
                    HandoverRow.id,
                    ConversationRow.state,
                    ConversationRow.language,
                    version(),
                    snoozed_now(moment),
                )
                .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
                .where(HandoverRow.id.in_(ids))
            )
            standing = {row[0]: row for row in rows}
            last = await self._last(session, {entry.conversation_id for entry in entries})
            unread = await self._unread(session, ids)

        def named(member_id: str) -> Named:
            return Named(member_id, names.get(member_id, member_id))

        lines = []
        for entry in entries:
            if entry.id not in standing:
                continue
            _, state, spoken, number, asleep = standing[entry.id]
            until = entry.claimed_at or entry.closed_at or moment
            offer = entry.offer
            lines.append(
                Line(
                    entry=entry,
                    state=State(state),
                    language=spoken,
                    service=titled(catalogue, entry.service, language),
                    assignee=named(entry.assignee) if entry.assignee is not None else None,
                    waiting_seconds=max(0, int((until - entry.queued_at).total_seconds())),
                    last_message=last.get(entry.conversation_id),
                    unread=unread.get(entry.id, 0),
                    snoozed_until=entry.snoozed_until if asleep else None,
                    transfer=Transfer(named(offer.by), named(offer.to), offer.note)
                    if offer is not None
                    else None,
                    version=number,
                )
            )
        return lines

    @staticmethod
    async def _last(session: AsyncSession, ids: Iterable[str]) -> dict[str, LastMessage]:
        # What people said: the guide's "you are number 3" tells nothing of the matter.
        spoken = (
            select(MessageRow.conversation_id, func.max(MessageRow.seq).label("seq"))
            .where(
                MessageRow.conversation_id.in_(ids),
                MessageRow.author.in_((Author.citizen, Author.staff)),
                MessageRow.choice.is_(None),
            )
            .group_by(MessageRow.conversation_id)
            .subquery()
        )
        rows = await session.scalars(
            select(MessageRow).join(
                spoken,
                (spoken.c.conversation_id == MessageRow.conversation_id)
                & (spoken.c.seq == MessageRow.seq),
            )
        )
        return {
            row.conversation_id: LastMessage(row.author, shortened(row.text), row.created_at)
            for row in rows
        }

    @staticmethod
    async def _unread(session: AsyncSession, ids: Sequence[int]) -> dict[int, int]:
        rows = await session.execute(
            select(HandoverRow.id, func.count())
            .join(MessageRow, MessageRow.conversation_id == HandoverRow.conversation_id)
            .where(
                HandoverRow.id.in_(ids),
                HandoverRow.open_in.is_not(None),
                MessageRow.author == Author.citizen,
                MessageRow.seq > HandoverRow.read_seq,
            )
            .group_by(HandoverRow.id)
        )
        return {found[0]: found[1] for found in rows}

    async def addresses(self, conversation_id: str) -> dict[str, str]:
        """Where each message of a conversation came from or went to, by message id."""
        async with self._sessions.read() as session:
            sent = await session.execute(
                select(DeliveryRow.message_id, DeliveryRow.address)
                .where(
                    DeliveryRow.conversation_id == conversation_id,
                    DeliveryRow.message_id.is_not(None),
                )
                .order_by(DeliveryRow.id)
            )
            heard = await session.execute(
                select(MessageRow.id, MessageRow.address).where(
                    MessageRow.conversation_id == conversation_id,
                    MessageRow.address.is_not(None),
                )
            )
            pairs = [*sent, *heard]
        return {message: address for message, address in pairs if message and address}
