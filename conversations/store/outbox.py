"""The outbox: who may send what next, and what became of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import aliased

from conversations.delivery.port import (
    DEAD,
    OPEN,
    DeliveryState,
    Outgoing,
    Parcel,
    StatusReport,
)
from conversations.models import Author
from conversations.store.rows import now
from conversations.store.tables import (
    AddressRow,
    DeliveryRow,
    EarlyReportRow,
    MessageRow,
    OptOutRow,
)
from conversations.store.writing import enqueue, insert_once, opt_out
from storage.sessions import Sessions

_RANK = {state: rank for rank, state in enumerate(DeliveryState)}
_ENDS = (*DEAD, DeliveryState.stopped)
_MAX_ERROR = 200
_MAX_STATUS = 24
_RESENT = "resent"
"""In place of the provider's status: a dead letter that was put into the outbox again."""


_DEAD = and_(
    DeliveryRow.state.in_(DEAD),
    func.coalesce(DeliveryRow.provider_status, "") != _RESENT,
    # A one-time code is no letter: its time is over, and whoever wants another asks for it.
    DeliveryRow.message_id.is_not(None),
)


def moves(before: DeliveryState, after: DeliveryState) -> bool:
    """Whether a provider's report changes anything: forward only, and the ends are final.

    What the citizen has got cannot fail any more.
    """
    if before in _ENDS:
        return False
    if after in _ENDS:
        return before not in (DeliveryState.delivered, DeliveryState.read)
    return _RANK[after] > _RANK[before]


async def _opted_out(session: AsyncSession, row: DeliveryRow) -> bool:
    found: OptOutRow | None = await session.get(OptOutRow, (row.channel, row.address))
    return found is not None


@dataclass(frozen=True)
class DeadLetter:
    """A delivery that has come to a bad end."""

    id: str
    conversation_id: str
    channel: str
    state: str
    error: str | None
    attempts: int
    created_at: dt.datetime
    updated_at: dt.datetime


class Outbox:
    """Deliveries from several workers' point of view. One transaction per method."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def claim(self, limit: int, lease: float) -> list[Outgoing]:
        """Up to ``limit`` deliveries that are due, ours alone for ``lease`` seconds.

        To one address they leave in order: a delivery is not due while an earlier one is open.
        What somebody claimed and never reported back may have been sent.
        """
        moment = now()
        earlier = aliased(DeliveryRow)
        first = ~exists().where(
            earlier.channel == DeliveryRow.channel,
            earlier.address == DeliveryRow.address,
            earlier.state.in_(OPEN),
            earlier.id < DeliveryRow.id,
        )
        async with self._sessions.read() as session:
            # Most of the time there is nothing: a look that needs no writer's lock.
            due = select(DeliveryRow.id).where(DeliveryRow.state.in_(OPEN))
            if await session.scalar(due.where(DeliveryRow.due_at <= moment).limit(1)) is None:
                return []
        async with self._sessions.write() as session:
            rows = await session.scalars(
                select(DeliveryRow)
                .where(DeliveryRow.state.in_(OPEN), DeliveryRow.due_at <= moment, first)
                .order_by(DeliveryRow.id)
                .limit(limit)
                .with_for_update(skip_locked=True, of=DeliveryRow)
            )
            return [
                outgoing
                for row in list(rows)
                if (outgoing := await self._take(session, row, moment, lease)) is not None
            ]

    async def _take(
        self, session: AsyncSession, row: DeliveryRow, moment: dt.datetime, lease: float
    ) -> Outgoing | None:
        # Everything is read before anything is written: a second update of one row in one
        # transaction makes PostgreSQL look at the conversation, and wait for whoever erases it.
        if not row.despite_stop and await _opted_out(session, row):
            row.state = DeliveryState.stopped
            row.updated_at = moment
            return None
        maybe_sent = row.state != DeliveryState.pending
        address = await session.get(AddressRow, (row.channel, row.address))
        message = await session.get(MessageRow, row.message_id) if row.message_id else None
        known: set[str] = set()
        if maybe_sent:
            known.update(
                await session.scalars(
                    select(DeliveryRow.provider_id).where(
                        DeliveryRow.channel == row.channel,
                        DeliveryRow.address == row.address,
                        DeliveryRow.provider_id.is_not(None),
                    )
                )
            )
        row.state = DeliveryState.sending
        row.attempts += 1
        row.tried_at = row.tried_at or moment
        row.due_at = moment + dt.timedelta(seconds=lease)
        row.updated_at = moment
        return Outgoing(
            id=row.public_id,
            channel=row.channel,
            address=row.address,
            payload=row.payload,
            author=Author(message.author) if message is not None else None,
            attempt=row.attempts,
            maybe_sent=maybe_sent,
            first_tried=row.tried_at,
            heard_at=address.heard_at if address is not None else None,
            known=frozenset(known),
        )

    async def sent(self, delivery_id: str, provider_id: str) -> None:
        """The provider has it. A report that overtook us is not undone."""
        async with self._sessions.write() as session:
            row = await self._row(session, DeliveryRow.public_id == delivery_id)
            if row is None:
                return
            row.provider_id = provider_id
            if self._advance(row, DeliveryState.sent):
                row.error = None
            early = await session.get(EarlyReportRow, (row.channel, provider_id))
            if early is not None:
                await self._settle(session, row, early)

    async def settle(self, limit: int = 100) -> int:
        """Take in the reports that were kept while our own writing was on its way; how many.

        A report and the answer to our request may be stored in the same moment, by transactions
        that do not see each other.
        """
        async with self._sessions.write() as session:
            pairs = await session.execute(
                select(DeliveryRow, EarlyReportRow)
                .join(
                    EarlyReportRow,
                    and_(
                        EarlyReportRow.channel == DeliveryRow.channel,
                        EarlyReportRow.provider_id == DeliveryRow.provider_id,
                    ),
                )
                .order_by(DeliveryRow.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            found = [(row, early) for row, early in pairs]
            for row, early in found:
                await self._settle(session, row, early)
        return len(found)

    async def _settle(self, session: AsyncSession, row: DeliveryRow, early: EarlyReportRow) -> None:
        if self._advance(row, DeliveryState(early.state)):
            row.provider_status, row.error = early.status, early.error
        if early.stopped:
            await opt_out(session, row.channel, row.address)
        await session.delete(early)

    async def later(self, outgoing: Outgoing, seconds: float, error: str, *, unclear: bool) -> None:
        """Not this time: again in so many seconds; ``unclear`` if it may have been sent."""
        state = DeliveryState.unclear if unclear else DeliveryState.pending
        due = now() + dt.timedelta(seconds=seconds)
        await self._end_try(outgoing, state=state, due_at=due, error=error[:_MAX_ERROR])

    async def rejected(self, outgoing: Outgoing, error: str) -> None:
        """The provider will not have it: a dead letter."""
        await self._end_try(outgoing, state=DeliveryState.rejected, error=error[:_MAX_ERROR])

    async def stopped(self, outgoing: Outgoing) -> None:
        """The provider says that the citizen wants no more messages."""
        async with self._sessions.write() as session:
            await opt_out(session, outgoing.channel, outgoing.address)
            await self._update(session, outgoing, state=DeliveryState.stopped)

    async def report(self, report: StatusReport) -> bool:
        """Take in what a provider says; whether it was about one of ours."""
        if report.delivery_id is None and report.provider_id is None:
            return False
        mine = DeliveryRow.channel == report.channel
        if report.delivery_id is not None:
            mine = and_(mine, DeliveryRow.public_id == report.delivery_id)
        else:
            mine = and_(mine, DeliveryRow.provider_id == report.provider_id)
        async with self._sessions.write() as session:
            row = await self._row(session, mine)
            if row is None:
                await self._keep_early(session, report)
                return False
            if row.provider_id is None:
                row.provider_id = report.provider_id
            if self._advance(row, report.state):
                row.provider_status = report.status[:_MAX_STATUS]
                row.error = report.error[:_MAX_ERROR] if report.error else None
            if report.stopped:
                await opt_out(session, row.channel, row.address)
        return True

    @staticmethod
    async def _keep_early(session: AsyncSession, report: StatusReport) -> None:
        """Remember a report that is faster than the provider's answer to us."""
        if report.provider_id is None:
            return
        known = await session.get(EarlyReportRow, (report.channel, report.provider_id))
        if known is None:
            await insert_once(
                session,
                EarlyReportRow,
                channel=report.channel,
                provider_id=report.provider_id,
                state=report.state,
                status=report.status[:_MAX_STATUS],
                error=report.error[:_MAX_ERROR] if report.error else None,
                stopped=report.stopped,
                received_at=now(),
            )
            return
        known.stopped = known.stopped or report.stopped
        if moves(DeliveryState(known.state), report.state):
            known.state = report.state
            known.status = report.status[:_MAX_STATUS]
            known.error = report.error[:_MAX_ERROR] if report.error else None

    async def read_until(self, channel: str, address: str, moment: dt.datetime) -> None:
        """The citizen has read everything that was sent there up to ``moment``."""
        async with self._sessions.write() as session:
            await session.execute(
                update(DeliveryRow)
                .where(
                    DeliveryRow.channel == channel,
                    DeliveryRow.address == address,
                    DeliveryRow.state.in_((DeliveryState.sent, DeliveryState.delivered)),
                    DeliveryRow.created_at <= moment,
                )
                .values(state=DeliveryState.read)
            )

    async def dead(self, limit: int = 100) -> list[DeadLetter]:
        """Dead letters that nobody has sent again, the latest first."""
        async with self._sessions.read() as session:
            rows = await session.scalars(
                select(DeliveryRow).where(_DEAD).order_by(DeliveryRow.id.desc()).limit(limit)
            )
            return [
                DeadLetter(
                    id=row.public_id,
                    conversation_id=row.conversation_id,
                    channel=row.channel,
                    state=row.state,
                    error=row.error,
                    attempts=row.attempts,
                    created_at=row.created_at,
                    updated_at=row.updated_at,
                )
                for row in rows
            ]

    async def resend(self, delivery_id: str) -> bool:
        """Send a dead letter once more, as a new delivery; whether there was such a one.

        A second call finds it sent again already and does nothing.
        """
        async with self._sessions.write() as session:
            row = await self._row(session, DeliveryRow.public_id == delivery_id)
            if row is None or row.state not in DEAD or row.provider_status == _RESENT:
                return False
            if row.message_id is None:
                # A one-time code: its time is over.
                return False
            row.provider_status = _RESENT
            parcel = Parcel(row.channel, row.address, row.payload, row.despite_stop)
            message = await session.get(MessageRow, row.message_id)
            enqueue(session, row.conversation_id, [parcel], message)
        return True

    async def states(self, conversation_id: str) -> dict[str, str]:
        """How far each message of a conversation has come, by message id: the slowest part."""
        async with self._sessions.read() as session:
            rows = await session.execute(
                select(DeliveryRow.message_id, DeliveryRow.state)
                .where(DeliveryRow.conversation_id == conversation_id)
                .order_by(DeliveryRow.id)
            )
            found: dict[str, str] = {}
            for message_id, state in rows:
                if message_id is not None:
                    known = found.get(message_id)
                    if known is None or _RANK[DeliveryState(state)] < _RANK[DeliveryState(known)]:
                        found[message_id] = state
        return found

    async def waiting(self) -> int:
        """How many deliveries are open."""
        return await self._count(DeliveryRow.state.in_(OPEN))

    async def dead_count(self) -> int:
        """How many dead letters nobody has sent again."""
        return await self._count(_DEAD)

    async def _count(self, condition: ColumnElement[bool]) -> int:
        async with self._sessions.read() as session:
            count = await session.scalar(
                select(func.count()).select_from(DeliveryRow).where(condition)
            )
        return int(count or 0)

    @staticmethod
    def _advance(row: DeliveryRow, state: DeliveryState) -> bool:
        if not moves(DeliveryState(row.state), state):
            return False
        row.state = state
        row.updated_at = now()
        if row.message_id is None:
            # A one-time code: nobody is to read it here once it is on its way.
            row.payload = {}
        return True

    @staticmethod
    async def _row(session: AsyncSession, condition: ColumnElement[bool]) -> DeliveryRow | None:
        found: DeliveryRow | None = await session.scalar(
            select(DeliveryRow).where(condition).with_for_update()
        )
        return found

    async def _end_try(self, outgoing: Outgoing, **values: Any) -> None:
        async with self._sessions.write() as session:
            await self._update(session, outgoing, **values)

    @staticmethod
    async def _update(session: AsyncSession, outgoing: Outgoing, **values: Any) -> None:
        # Only while it is being sent, and by us: a report may have settled it meanwhile, and a
        # worker that was given up has no say in the next one's try.
        await session.execute(
            update(DeliveryRow)
            .where(
                DeliveryRow.public_id == outgoing.id,
                DeliveryRow.attempts == outgoing.attempt,
                or_(
                    DeliveryRow.state == DeliveryState.sending,
                    DeliveryRow.state == DeliveryState.unclear,
                ),
            )
            .values(updated_at=now(), **values)
        )
