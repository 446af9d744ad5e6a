"""What several transactions have in common: lock, move to another state, note, remind."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.errors import IllegalTransition, NotFound
from booking.grains import date_of, day_before
from booking.models import Kind, ServiceWish
from booking.references import new_reference
from booking.rows import from_services
from booking.states import LIVE, TRANSITIONS, Event, State
from booking.tables import AppointmentRow, BookingActivityRow, ClaimRow, ReminderRow

UID_DOMAIN = "borgerguide"
SYSTEM = "system"


async def lock(session: AsyncSession, *ids: str) -> list[AppointmentRow]:
    """These appointments, in this order, until the end of the transaction nobody else's to change.

    Raises :class:`NotFound`.
    """
    # One order for everybody: two could otherwise wait for each other.
    rows = await session.scalars(
        select(AppointmentRow)
        .where(AppointmentRow.id.in_(ids))
        .order_by(AppointmentRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in rows}
    if set(found) != set(ids):
        raise NotFound
    return [found[key] for key in ids]


def note(
    session: AsyncSession,
    row: AppointmentRow,
    kind: str,
    actor: str,
    moment: dt.datetime,
    **details: str | int,
) -> None:
    """Leave a trace in the trail."""
    session.add(
        BookingActivityRow(
            appointment_id=row.id, kind=kind, actor=actor, details=details, created_at=moment
        )
    )


async def move(
    session: AsyncSession,
    row: AppointmentRow,
    event: Event,
    actor: str,
    moment: dt.datetime,
    **details: str | int,
) -> None:
    """Let the event happen: the state, the time that it frees, the reminder, and the trail.

    Raises :class:`IllegalTransition`.
    """
    before = State(row.state)
    try:
        after = TRANSITIONS[before, event]
    except KeyError:
        raise IllegalTransition(before, event) from None
    row.state = after
    row.updated_at = moment
    if after is not State.held:
        row.hold_expires_at = None
    if after not in LIVE:
        # Its grains go with it.
        await session.execute(delete(ClaimRow).where(ClaimRow.appointment_id == row.id))
    if before is State.booked or after is State.booked:
        await _remind(session, row, moment)
    note(session, row, event, actor, moment, **details)


async def _remind(session: AsyncSession, row: AppointmentRow, moment: dt.datetime) -> None:
    """A reminder for exactly the booked appointments whose day before has not come yet."""
    await session.execute(delete(ReminderRow).where(ReminderRow.appointment_id == row.id))
    due_at = day_before(row.starts_at, row.zone)
    if row.state == State.booked and due_at > moment:
        session.add(ReminderRow(appointment_id=row.id, due_at=due_at, claimed_at=None))
        await session.flush()


async def free_reference(session: AsyncSession) -> str:
    """A reference that no appointment has."""
    while True:
        reference = new_reference()
        taken = select(AppointmentRow.id).where(AppointmentRow.reference == reference)
        if await session.scalar(taken) is None:
            return reference


async def new_row(
    session: AsyncSession,
    *,
    state: State,
    place_id: str,
    kind: Kind,
    zone: str,
    services: Sequence[ServiceWish],
    language: str | None,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    conversation_id: str | None,
    moment: dt.datetime,
) -> AppointmentRow:
    """An appointment that nobody serves yet and of which nobody's name is known."""
    key = uuid.uuid4().hex
    row = AppointmentRow(
        id=key,
        reference=await free_reference(session),
        # Not the key: the calendar entry is passed on, the key opens things.
        uid=f"{uuid.uuid4().hex}@{UID_DOMAIN}",
        sequence=0,
        state=state,
        place_id=place_id,
        kind=kind,
        caseworker_id=None,
        lane=None,
        services=from_services(tuple(services)),
        language=language,
        starts_at=starts_at,
        ends_at=ends_at,
        zone=zone,
        day=date_of(starts_at, zone),
        conversation_id=conversation_id,
        share_summary=False,
        created_at=moment,
        updated_at=moment,
    )
    session.add(row)
    await session.flush()
    return row
