"""What consoles show: lists, one conversation, and what was said earlier. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from conversations.models import Author, Conversation, Message
from conversations.states import State
from conversations.store.outbox import Outbox
from conversations.store.rows import to_conversation, to_message
from conversations.store.tables import ActivityRow, ConversationRow, MessageRow
from desk.accounts.models import Clock, StaffMember, utc_now
from desk.errors import NotFound
from desk.queue.desk import queue_order
from desk.queue.models import Entry, Note
from desk.queue.rows import snoozed_now, to_entry, waiting
from desk.queue.summary import Summary, summarise
from desk.queue.tables import HandoverNoteRow, HandoverRow
from desk.rights import Action, Reach, Rights, Subject
from storage.sessions import Sessions

PAGE = 50
_MAX_WORDS = 8
_SNIPPET = 160


class ListName(StrEnum):
    waiting = "waiting"
    """Nobody has it: by priority and time."""
    mine = "mine"
    """The member's own, unanswered ones first."""
    team = "team"
    """What colleagues have."""
    offered = "offered"
    """What colleagues would like the member to take over."""
    snoozed = "snoozed"
    """The member's own that are put aside."""
    resolved = "resolved"
    """Ended, the last one first."""


@dataclass(frozen=True)
class Item:
    """A line of a list."""

    entry: Entry
    state: State
    language: str
    last_seq: int
    unread: int
    """The citizen's messages that the assignee has not read."""
    snippet: str
    """The citizen's last words, shortened."""
    snoozed: bool
    waited: int
    """Seconds since it came into the queue, or until it was taken."""


@dataclass(frozen=True)
class Listing:
    items: tuple[Item, ...]
    total: int


@dataclass(frozen=True)
class Hit:
    """A message that was found."""

    entry: Entry
    message: Message


@dataclass(frozen=True)
class Happened:
    """A line of the activity trail."""

    kind: str
    actor: str
    details: dict[str, Any]
    at: dt.datetime


@dataclass(frozen=True)
class Shown:
    """A message with how far it has come; ``delivery`` None: nothing had to be sent."""

    message: Message
    delivery: str | None


@dataclass(frozen=True)
class ConversationView:
    """Everything that a colleague may know about one conversation."""

    conversation: Conversation
    entry: Entry
    """The open handover, or the last one."""
    earlier: tuple[Entry, ...]
    messages: tuple[Shown, ...]
    notes: tuple[Note, ...]
    activity: tuple[Happened, ...]
    summary: Summary
    others: tuple[Entry, ...]
    """Handovers of other conversations from the same addresses."""


def within(reach: Reach) -> ColumnElement[bool]:
    """What a member's right reaches, as a filter of handovers: the same as ``Reach.covers``."""
    if reach.all:
        return true()
    parts: list[ColumnElement[bool]] = [false()]
    if reach.own:
        parts.append(HandoverRow.assignee == reach.member)
    if reach.common:
        parts.append(HandoverRow.team.is_(None))
    if reach.by_team:
        parts.append(HandoverRow.team.in_(reach.by_team))
    return or_(*parts)


class Console:
    """The queries. Each shows what the member may see, and nothing of the rest."""

    def __init__(self, engine: AsyncEngine, clock: Clock = utc_now) -> None:
        self._sessions = Sessions(engine)
        self._outbox = Outbox(engine)
        self._clock = clock

    async def page(self, member: StaffMember, name: ListName, offset: int = 0) -> Listing:
        """A page of a list, ``PAGE`` long, and how many there are in all."""
        moment = self._clock()
        rights = Rights(member)
        asleep = snoozed_now(moment)
        mine = and_(HandoverRow.open_in.is_not(None), HandoverRow.assignee == member.id)
        order: Sequence[Any] = queue_order()
        match name:
            case ListName.waiting:
                chosen = waiting()
            case ListName.mine:
                chosen = and_(mine, ~asleep)
                order = (ConversationRow.state != State.assigned, *order)
            case ListName.snoozed:
                chosen = and_(mine, asleep)
                order = (HandoverRow.snoozed_until,)
            case ListName.offered:
                chosen = and_(HandoverRow.open_in.is_not(None), HandoverRow.offered_to == member.id)
            case ListName.team:
                chosen = and_(
                    HandoverRow.open_in.is_not(None),
                    HandoverRow.assignee.is_not(None),
                    HandoverRow.assignee != member.id,
                )
            case ListName.resolved:
                chosen = HandoverRow.closed_at.is_not(None)
                order = (HandoverRow.closed_at.desc(), HandoverRow.id.desc())
        where = chosen
        if name is not ListName.offered:
            where = and_(chosen, within(rights.reach(Action.see_conversation)))
        async with self._sessions.read() as session:
            total = await session.scalar(select(func.count()).select_from(HandoverRow).where(where))
            rows = (
                await session.execute(
                    select(HandoverRow, ConversationRow, asleep)
                    .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
                    .where(where)
                    .order_by(*order)
                    .offset(max(0, offset))
                    .limit(PAGE)
                )
            ).all()
            unread = await self._unread(session, [row[0] for row in rows])
            words = await self._last_words(session, [row[1].id for row in rows])
        items = [
            Item(
                entry=to_entry(row),
                state=State(conversation.state),
                language=conversation.language,
                last_seq=conversation.last_seq,
                unread=unread.get(row.id, 0),
                snippet=words.get(conversation.id, ""),
                snoozed=bool(asleep_now),
                waited=int(((row.claimed_at or moment) - row.queued_at).total_seconds()),
            )
            for row, conversation, asleep_now in rows
        ]
        return Listing(tuple(items), int(total or 0))

    async def search(self, member: StaffMember, text: str, offset: int = 0) -> list[Hit]:
        """Messages with all the words, the latest first; in what the member may search only.

        A conversation that never came to the desk is not searched: nobody here has had it.
        """
        words = text.split()[:_MAX_WORDS]
        if not words:
            return []
        reach = Rights(member).reach(Action.search_history)
        async with self._sessions.read() as session:
            newest = (
                select(func.max(HandoverRow.id))
                .where(HandoverRow.conversation_id == MessageRow.conversation_id, within(reach))
                .correlate(MessageRow)
                .scalar_subquery()
            )
            rows = await session.execute(
                select(MessageRow, HandoverRow)
                .join(HandoverRow, HandoverRow.id == newest)
                .where(*(_contains(word) for word in words))
                .order_by(MessageRow.created_at.desc(), MessageRow.id)
                .offset(max(0, offset))
                .limit(PAGE)
            )
            return [Hit(to_entry(row), to_message(message)) for message, row in rows]

    async def open(self, member: StaffMember, conversation_id: str) -> ConversationView:
        """One conversation with all that belongs to it. The caller writes the audit row.

        Raises ``NotFound`` for one that never came to the desk, and ``NotAllowed``.
        """
        rights = Rights(member)
        async with self._sessions.read() as session:
            conversation_row = await session.get(ConversationRow, conversation_id)
            rows = (
                await session.scalars(
                    select(HandoverRow)
                    .where(HandoverRow.conversation_id == conversation_id)
                    .order_by(HandoverRow.open_in.is_(None), HandoverRow.id.desc())
                )
            ).all()
            if conversation_row is None or not rows:
                raise NotFound
            entries = [to_entry(row) for row in rows]
            entry = entries[0]
            if entry.offer is None or entry.offer.to != member.id:
                rights.require(Action.see_conversation, Subject(entry.team, entry.assignee))
            conversation = to_conversation(conversation_row)
            messages = [
                to_message(row)
                for row in await session.scalars(
                    select(MessageRow)
                    .where(MessageRow.conversation_id == conversation_id)
                    .order_by(MessageRow.seq)
                )
            ]
            notes = await session.scalars(
                select(HandoverNoteRow)
                .where(HandoverNoteRow.conversation_id == conversation_id)
                .order_by(HandoverNoteRow.id)
            )
            shown_notes = [Note(row.id, row.author, row.text, row.created_at) for row in notes]
            trail = await session.scalars(
                select(ActivityRow)
                .where(ActivityRow.conversation_id == conversation_id)
                .order_by(ActivityRow.id)
            )
            happened = [Happened(row.kind, row.actor, row.details, row.created_at) for row in trail]
            others = await self._others(session, conversation_id, messages, entries, rights)
        deliveries = await self._outbox.states(conversation_id)
        return ConversationView(
            conversation=conversation,
            entry=entry,
            earlier=tuple(entries[1:]),
            messages=tuple(Shown(item, deliveries.get(item.id)) for item in messages),
            notes=tuple(shown_notes),
            activity=tuple(happened),
            summary=summarise(conversation, messages, entry, self._clock()),
            others=tuple(others),
        )

    @staticmethod
    async def _others(
        session: AsyncSession,
        conversation_id: str,
        messages: Iterable[Message],
        entries: Iterable[Entry],
        rights: Rights,
    ) -> list[Entry]:
        addresses: set[tuple[str, str]] = {
            (item.channel, item.address)
            for item in messages
            if item.author is Author.citizen and item.address is not None
        }
        # An answer sent to a typed number is answered from there: that is another conversation.
        addresses |= {
            (item.answer_channel, item.answer_address)
            for item in entries
            if item.answer_channel is not None and item.answer_address is not None
        }
        if not addresses:
            return []
        same = exists().where(
            MessageRow.conversation_id == HandoverRow.conversation_id,
            tuple_(MessageRow.channel, MessageRow.address).in_(sorted(addresses)),
            MessageRow.author == Author.citizen,
        )
        rows = await session.scalars(
            select(HandoverRow)
            .where(
                HandoverRow.conversation_id != conversation_id,
                same,
                within(rights.reach(Action.see_conversation)),
            )
            .order_by(HandoverRow.id.desc())
            .limit(PAGE)
        )
        return [to_entry(row) for row in rows]

    @staticmethod
    async def _unread(session: AsyncSession, rows: Sequence[HandoverRow]) -> dict[int, int]:
        counts = await session.execute(
            select(HandoverRow.id, func.count())
            .join(MessageRow, MessageRow.conversation_id == HandoverRow.conversation_id)
            .where(
                HandoverRow.id.in_([row.id for row in rows]),
                MessageRow.author == Author.citizen,
                MessageRow.seq > HandoverRow.read_seq,
            )
            .group_by(HandoverRow.id)
        )
        return {found[0]: found[1] for found in counts}

    @staticmethod
    async def _last_words(session: AsyncSession, ids: Sequence[str]) -> dict[str, str]:
        last = (
            select(MessageRow.conversation_id, func.max(MessageRow.seq).label("seq"))
            .where(MessageRow.conversation_id.in_(ids), MessageRow.author == Author.citizen)
            .group_by(MessageRow.conversation_id)
            .subquery()
        )
        rows = await session.execute(
            select(MessageRow.conversation_id, MessageRow.text).join(
                last,
                and_(
                    MessageRow.conversation_id == last.c.conversation_id,
                    MessageRow.seq == last.c.seq,
                ),
            )
        )
        return {
            conversation_id: " ".join(text.split())[:_SNIPPET] for conversation_id, text in rows
        }


def _contains(word: str) -> ColumnElement[bool]:
    """The word anywhere, in capitals or not: SQLite folds ASCII only, so Ø is tried both ways."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    forms = {escaped, escaped.lower(), escaped.upper(), escaped.capitalize()}
    return or_(*(MessageRow.text.ilike(f"%{form}%", escape="\\") for form in sorted(forms)))
