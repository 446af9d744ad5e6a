"""What is said about an appointment when all is done, as data for the renderer."""

from __future__ import annotations

from typing import Any

from booking.models import Appointment, Kind, ServiceWish
from booking.supply import Place
from bot.actions.booking.draft import Offer


def visit_place(place: Place) -> dict[str, str]:
    return {"id": place.id, "kind": place.kind.value, "name": place.name, "address": place.address}


def visits(wishes: tuple[ServiceWish, ...]) -> list[list[Any]]:
    return [[wish.service, wish.persons] for wish in wishes]


def when(offer: Offer) -> dict[str, str]:
    return {"at": offer.at}


def of(appointment: Appointment, place: Place) -> dict[str, Any]:
    """The values of any sentence about an appointment."""
    return {
        "reference": appointment.reference,
        "when": {"at": appointment.starts_at.isoformat()},
        "visit_place": visit_place(place),
        "visits": visits(appointment.services),
        "bring": [wish.service for wish in appointment.services],
    }


def reachable(place: Place) -> bool:
    """Whether the citizen goes there."""
    return place.kind is Kind.in_person
