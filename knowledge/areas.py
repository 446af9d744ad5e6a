"""Districts, postal codes and what lies near."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.catalogue import Catalogue
from knowledge.schema import Place

_MAX_PLACES = 3
_KINDS = frozenset({"citizen_service", "library", "international_house"})


@dataclass(frozen=True)
class Area:
    """Where a citizen is, as far as a postal code or a district's name tells."""

    districts: tuple[str, ...]
    """District ids; several where a code lies in more than one; none outside the city."""
    exact: bool
    """Whether the whole area lies there."""
    postal_code: str | None = None
    municipality: str | None = None
    """The municipality, where it is another one."""


def area_of(catalogue: Catalogue, text: str) -> Area | None:
    """The area of a postal code or a district id; None for one that is not known.

    Codes follow districts only roughly (``knowledge/places/postal_codes.yml`` says where), so
    most answers are not exact: the street decides.
    """
    if text in catalogue.districts:
        return Area((text,), exact=True)
    if not (text.isdecimal() and len(text) == 4):
        return None
    code = int(text)  # in the digits of any script
    for area in catalogue.postal_areas:
        if area.first <= code <= area.last:
            elsewhere = None if area.districts else area.municipality
            return Area(area.districts, area.exact, str(code), elsewhere)
    return None


def places_near(catalogue: Catalogue, districts: tuple[str, ...]) -> tuple[Place, ...]:
    """Up to three places to go: in the districts first, then in their neighbours.

    Citizen service centres come before libraries, and verified places before others.
    """
    around = {n for item in districts for n in catalogue.districts[item].neighbours}
    ranked = []
    for place in catalogue.places.values():
        if place.kind not in _KINDS or place.district is None:
            continue
        distance = 0 if place.district in districts else 1 if place.district in around else 2
        if distance < 2:
            ranked.append((distance, place.kind == "library", place.state != "verified", place))
    ranked.sort(key=lambda item: item[:3])
    return tuple(item[3] for item in ranked[:_MAX_PLACES])
