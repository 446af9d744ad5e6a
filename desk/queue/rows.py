"""What several transactions of the queue have in common: find, count, begin, end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import states
from conversations.handover import Reason
from conversations.models import Author
from conversations.states import Event, State
from conversations.store.tables import ConversationRow, MessageRow
from conversations.store.writing import note
from desk.accounts.models import StaffMember
from desk.queue.errors import NotPossible
from desk.queue.models import (
    PRIORITY,
    Assignment,
    Entry,
    Kind,
    Offer,
    Outcome,
    PresenceState,
    TeamSettings,
)
from desk.queue.tables import HandoverRow, PresenceRow, TeamSettingsRow

HEARTBEAT_SECONDS = 90.0
"""Silence after which somebody counts as away. Consoles beat three times in it."""
_RECENT = dt.timedelta(days=14)
_SAMPLES = 50


def left_unanswered() -> Select[str]:
    """The conversations in which somebody has left a message that nobody has answered or ended.

    They are not erased for their age: who was promised an answer gets one, or a member's decision
    that there is none.
    """
    return select(HandoverRow.conversation_id).where(
        HandoverRow.open_in.is_not(None),
        HandoverRow.kind == Kind.message,
        HandoverRow.first_answer_at.is_(None),
    )


def to_entry(row: HandoverRow) -> Entry:
    offer = None
    if row.offered_to is not None:
        offer = Offer(
            row.offered_to,
            row.offered_by or "",
            row.offer_note or "",
            row.offered_at or row.queued_at,
        )
    return Entry(
        id=row.id,
        conversation_id=row.conversation_id,
        kind=Kind(row.kind),
        reason=Reason(row.reason),
        priority=row.priority,
        team=row.team,
        language=row.language,
        service=row.service,
        channel=row.channel,
        queued_at=row.queued_at,
        assignee=row.assignee,
        claimed_at=row.claimed_at,
        first_answer_at=row.first_answer_at,
        snoozed_until=row.snoozed_until,
        offer=offer,
        read_seq=row.read_seq,
        message_seq=row.message_seq,
        answer_channel=row.answer_channel,
        answer_address=row.answer_address,
        closed_at=row.closed_at,
        outcome=Outcome(row.outcome) if row.outcome is not None else None,
        rating=row.rating,
        rating_words=row.rating_words,
    )


async def open_row(session: AsyncSession, conversation_id: str) -> HandoverRow | None:
    """The handover that a conversation is in."""
    found: HandoverRow | None = await session.scalar(
        select(HandoverRow)
        .where(HandoverRow.open_in == conversation_id)
        .execution_options(populate_existing=True)
    )
    return found


async def last_row(session: AsyncSession, conversation_id: str) -> HandoverRow | None:
    """The handover of a conversation that ended last."""
    found: HandoverRow | None = await session.scalar(
        select(HandoverRow)
        .where(
            HandoverRow.conversation_id == conversation_id,
            HandoverRow.closed_at.is_not(None),
            HandoverRow.assignee.is_not(None),
        )
        .order_by(HandoverRow.closed_at.desc(), HandoverRow.id.desc())
        .limit(1)
    )
    return found


def move(conversation: ConversationRow, event: Event) -> None:
    """Take the conversation to its next state. Raises :class:`NotPossible`."""
    state = State(conversation.state)
    try:
        conversation.state = states.after(state, event)
    except states.IllegalTransition:
        raise NotPossible(state=state.value) from None


def begin(
    session: AsyncSession,
    conversation: ConversationRow,
    moment: dt.datetime,
    *,
    kind: Kind,
    reason: Reason,
    team: str | None,
    language: str,
    service: str | None,
    channel: str,
) -> HandoverRow:
    """Put a conversation into the queue."""
    move(conversation, Event.handover_requested)
    row = HandoverRow(
        conversation_id=conversation.id,
        open_in=conversation.id,
        kind=kind,
        reason=reason,
        priority=PRIORITY[reason],
        team=team,
        language=language,
        service=service,
        channel=channel,
        queued_at=moment,
        read_seq=0,
    )
    session.add(row)
    details = {"reason": reason.value, "kind": kind.value, "team": team}
    note(session, conversation, Event.handover_requested, "guide", details)
    return row


def end(row: HandoverRow, outcome: Outcome, moment: dt.datetime) -> None:
    """The handover is over; its conversation may begin another."""
    row.open_in = None
    row.closed_at = moment
    row.outcome = outcome
    row.snoozed_until = row.snoozed_seq = None
    withdraw_offer(row)


def withdraw_offer(row: HandoverRow) -> None:
    """No transfer waits for an answer any more."""
    row.offered_to = row.offered_by = row.offered_at = row.offer_note = None


def of_team(team: str | None) -> ColumnElement[bool]:
    return HandoverRow.team.is_(None) if team is None else HandoverRow.team == team


def waiting() -> ColumnElement[bool]:
    """Open, and nobody has it."""
    return and_(HandoverRow.open_in.is_not(None), HandoverRow.assignee.is_(None))


def snoozed(moment: dt.datetime) -> ColumnElement[bool]:
    """Put aside until later, and the citizen has not written since."""
    wrote = exists().where(
        MessageRow.conversation_id == HandoverRow.conversation_id,
        MessageRow.author == Author.citizen,
        MessageRow.seq > HandoverRow.snoozed_seq,
    )
    return and_(HandoverRow.snoozed_until > moment, ~wrote)


async def ahead(
    session: AsyncSession, team: str | None, priority: int, row: HandoverRow | None = None
) -> int:
    """How many wait for a chat before this one; without ``row``, before one that comes now."""
    before = HandoverRow.priority >= priority
    if row is not None:
        earlier = or_(
            HandoverRow.queued_at < row.queued_at,
            and_(HandoverRow.queued_at == row.queued_at, HandoverRow.id < row.id),
        )
        before = or_(
            HandoverRow.priority > priority, and_(HandoverRow.priority == priority, earlier)
        )
    count = await session.scalar(
        select(func.count())
        .select_from(HandoverRow)
        .where(waiting(), of_team(team), HandoverRow.kind == Kind.chat, before)
    )
    return int(count or 0)


async def handling(session: AsyncSession, team: str | None, moment: dt.datetime) -> list[float]:
    """Seconds that a team's last chats took, from being claimed to their end."""
    rows = await session.execute(
        select(HandoverRow.claimed_at, HandoverRow.closed_at)
        .where(
            of_team(team),
            HandoverRow.kind == Kind.chat,
            HandoverRow.claimed_at.is_not(None),
            HandoverRow.closed_at > moment - _RECENT,
            HandoverRow.outcome.in_((Outcome.solved, Outcome.referred, Outcome.no_answer)),
        )
        .order_by(HandoverRow.closed_at.desc())
        .limit(_SAMPLES)
    )
    return [(closed - claimed).total_seconds() for claimed, closed in rows if closed and claimed]


async def loads(session: AsyncSession, moment: dt.datetime) -> dict[str, int]:
    """How many conversations each member has; what is put aside does not count."""
    rows = await session.execute(
        select(HandoverRow.assignee, func.count())
        .where(
            HandoverRow.open_in.is_not(None),
            HandoverRow.assignee.is_not(None),
            ~snoozed_now(moment),
        )
        .group_by(HandoverRow.assignee)
    )
    return {member: count for member, count in rows if member is not None}


def snoozed_now(moment: dt.datetime) -> ColumnElement[bool]:
    """As :func:`snoozed`, and never NULL: it can be negated."""
    return func.coalesce(snoozed(moment), False)


async def online(session: AsyncSession, moment: dt.datetime) -> set[str]:
    """The ids of those who are there, as far as they were heard from lately."""
    rows = await session.scalars(
        select(PresenceRow.member_id).where(
            PresenceRow.state == PresenceState.online,
            PresenceRow.heard_at > moment - dt.timedelta(seconds=HEARTBEAT_SECONDS),
        )
    )
    return set(rows)


async def settings_of(session: AsyncSession, team: str | None) -> TeamSettings:
    """How a team works; the defaults if nobody has said."""
    row = await session.get(TeamSettingsRow, team or "")
    if row is None:
        return TeamSettings(team)
    return TeamSettings(team, Assignment(row.assignment), row.hours, tuple(row.closed))


def present(members: Sequence[StaffMember], ids: set[str]) -> list[StaffMember]:
    return [member for member in members if member.id in ids]
