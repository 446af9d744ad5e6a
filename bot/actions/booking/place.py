"""Where: the nearest to an area, a place by its name, or by phone or video."""

from __future__ import annotations

from dataclasses import dataclass

from booking.errors import NotOffered
from booking.models import Kind, ServiceWish
from booking.plan import Plan
from booking.supply import Place
from knowledge.areas import Area, area_of
from knowledge.catalogue import Catalogue

_FAR = 2
_MAX_NAMED = 6


@dataclass(frozen=True)
class Where:
    """Places in the order of preference, or a way to meet, or a reason against both."""

    places: tuple[str, ...] = ()
    kind: Kind | None = None
    anywhere: bool = False
    area: Area | None = None


def able(plan: Plan, wishes: tuple[ServiceWish, ...]) -> list[Place]:
    """The places at which somebody does all that is wished; none raises nothing."""
    try:
        return [place for place, _ in plan.candidates(wishes)]
    except NotOffered:
        return []


def instead(can: list[Place]) -> dict[str, list[str]]:
    """Where else to go, as a value of a reply."""
    return {"booked_places": [place.id for place in can[:_MAX_NAMED]]}


def nearest(catalogue: Catalogue, area: Area, places: list[Place]) -> tuple[str, ...]:
    """Those of the places that lie nearest to an area: in it, beside it, or elsewhere."""
    around = {n for item in area.districts for n in catalogue.districts[item].neighbours}

    def distance(place: Place) -> int:
        known = catalogue.places.get(place.id)
        district = known.district if known is not None else None
        if district in area.districts:
            return 0
        return 1 if district in around else _FAR

    there = [place for place in places if place.kind is Kind.in_person]
    least = min(map(distance, there), default=_FAR)
    return tuple(place.id for place in there if distance(place) == least)


def area_in(catalogue: Catalogue, entities: dict[str, str]) -> Area | None:
    """The area that a message names by postal code or district."""
    for name in ("postal_code", "district"):
        if (said := entities.get(name)) and (area := area_of(catalogue, said)) is not None:
            return area
    return None


def languages(plan: Plan, wishes: tuple[ServiceWish, ...], where: Where) -> tuple[str, ...]:
    """What is spoken where it can be done, Danish and English first.

    Raises :class:`NotOffered`.
    """
    able_there = plan.candidates(wishes, places=where.places, kind=where.kind)
    spoken = {code for _, staff in able_there for person in staff for code in person.languages}
    return tuple(sorted(spoken, key=lambda code: (code not in ("da", "en"), code)))
