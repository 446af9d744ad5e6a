"""Takes time from a caseworker, so that nobody else can have it.

The grains' key decides, not what was read before: whoever inserts first has the time. A
transaction holds at most the grains of one lane while it waits for another's, and nobody tries to
take what is not free in its own eyes; so no two wait for each other.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from booking.grains import LocalDay
from booking.states import Event, State
from booking.supply import Caseworker
from booking.tables import AppointmentRow, ClaimRow, GrainRow
from booking.writing import SYSTEM, lock, move


@dataclass(frozen=True)
class Span:
    """Some grains of a day."""

    day: LocalDay
    first: int
    count: int

    @property
    def mask(self) -> int:
        return self.day.span(self.first, self.count)

    @property
    def ordinal(self) -> int:
        return self.day.date.toordinal()


async def expire(session: AsyncSession, moment: dt.datetime, limit: int) -> int:
    """Free up to ``limit`` of what was held too long; how many it was."""
    rows = await session.scalars(
        select(AppointmentRow)
        .where(AppointmentRow.state == State.held, AppointmentRow.hold_expires_at <= moment)
        .order_by(AppointmentRow.id)
        .limit(limit)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    freed = 0
    for row in list(rows):
        await move(session, row, Event.expired, SYSTEM, moment)
        freed += 1
    return freed


async def make_room(
    session: AsyncSession,
    span: Span,
    staff: Sequence[Caseworker],
    moment: dt.datetime,
    *,
    instead_of: str | None,
    actor: str,
) -> None:
    """Let go of what stands in the way of a span: lapsed holds, and a hold given in exchange.

    Raises :class:`~booking.errors.NotFound` if there is no such hold.
    """
    lapsed = await session.scalars(
        select(ClaimRow.appointment_id).where(
            ClaimRow.day == span.ordinal,
            ClaimRow.caseworker_id.in_([person.id for person in staff]),
            ClaimRow.held_until <= moment,
            ClaimRow.first_grain < span.first + span.count,
            ClaimRow.first_grain + ClaimRow.grain_count > span.first,
        )
    )
    ids = set(lapsed) | ({instead_of} if instead_of is not None else set())
    # All in one go: locked one after the other, two transactions could wait for each other.
    for row in await lock(session, *ids) if ids else ():
        if row.id == instead_of:
            if row.state != State.expired:
                await move(session, row, Event.released, actor, moment)
        elif (
            row.state == State.held
            and row.hold_expires_at is not None
            and row.hold_expires_at <= moment
        ):
            await move(session, row, Event.expired, SYSTEM, moment)


async def claim(
    session: AsyncSession,
    row: AppointmentRow,
    span: Span,
    staff: Sequence[Caseworker],
    held_until: dt.datetime | None,
) -> bool:
    """Give the appointment a caseworker and a lane for the span; False if nobody is free.

    Whoever has sold least on that day comes first.
    """
    for person, lane in await _choices(session, span, staff):
        try:
            async with session.begin_nested():
                await _insert(session, row.id, (person.id, lane), span, held_until)
        except IntegrityError:
            # Somebody was faster with this one.
            continue
        row.caseworker_id = person.id
        row.lane = lane
        return True
    return False


async def _choices(
    session: AsyncSession, span: Span, staff: Sequence[Caseworker]
) -> list[tuple[Caseworker, int]]:
    """Who is free then, in which lane; the fairest choice first."""
    taken: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    sold: dict[str, int] = defaultdict(int)
    rows = await session.execute(
        select(
            ClaimRow.caseworker_id, ClaimRow.lane, ClaimRow.first_grain, ClaimRow.grain_count
        ).where(
            ClaimRow.day == span.ordinal,
            ClaimRow.caseworker_id.in_([person.id for person in staff]),
        )
    )
    for caseworker, lane, first, count in rows:
        taken[caseworker][lane] |= span.day.span(first, count)
        sold[caseworker] += count
    # Two at once are half the work of two in a row, so it is the share of the capacity.
    ranked = sorted(staff, key=lambda person: (sold[person.id] / person.capacity, person.id))
    return [
        (person, lane)
        for person in ranked
        for lane in range(person.capacity)
        if not taken[person.id][lane] & span.mask
    ]


async def _insert(
    session: AsyncSession,
    appointment_id: str,
    choice: tuple[str, int],
    span: Span,
    held_until: dt.datetime | None,
) -> None:
    caseworker_id, lane = choice
    claim_id = await session.scalar(
        insert(ClaimRow)
        .values(
            appointment_id=appointment_id,
            caseworker_id=caseworker_id,
            lane=lane,
            day=span.ordinal,
            first_grain=span.first,
            grain_count=span.count,
            held_until=held_until,
            outside=False,
        )
        .returning(ClaimRow.id)
    )
    # In the order of the key: two that overlap meet at the first grain they share.
    await session.execute(
        insert(GrainRow),
        [
            {"caseworker_id": caseworker_id, "lane": lane, "grain": grain, "claim_id": claim_id}
            for grain in range(span.first, span.first + span.count)
        ],
    )
