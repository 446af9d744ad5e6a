"""From rows to what callers see, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from booking.models import Activity, Appointment, Kind, ServiceWish
from booking.states import State
from booking.tables import AppointmentRow, BookingActivityRow


def to_appointment(row: AppointmentRow) -> Appointment:
    return Appointment(
        id=row.id,
        reference=row.reference,
        uid=row.uid,
        sequence=row.sequence,
        state=State(row.state),
        place_id=row.place_id,
        kind=Kind(row.kind),
        caseworker_id=row.caseworker_id,
        lane=row.lane,
        services=tuple(ServiceWish(**item) for item in row.services),
        language=row.language,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.zone,
        name=row.name,
        contact_channel=row.contact_channel,
        contact_address=row.contact_address,
        conversation_id=row.conversation_id,
        share_summary=row.share_summary,
        summary=row.summary,
        walk_in=row.walk_in,
        hold_expires_at=row.hold_expires_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def to_activity(row: BookingActivityRow) -> Activity:
    return Activity(row.kind, row.actor, row.details, row.created_at)


def from_services(services: tuple[ServiceWish, ...]) -> list[dict[str, Any]]:
    return [asdict(wish) for wish in services]
