"""Postal codes, districts and the places near them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.areas import area_of, places_near
from knowledge.catalogue import Catalogue, load
from tests.knowledge.toy import Toy


@pytest.mark.parametrize(
    ("code", "districts"),
    [
        ("1050", ("indre-by",)),
        ("1499", ("indre-by",)),
        ("2100", ("oesterbro",)),
        ("2200", ("noerrebro",)),
        ("2300", ("amager-oest", "amager-vest")),
        ("2500", ("valby",)),
    ],
)
def test_a_postal_code_lies_in_districts_roughly(
    catalogue: Catalogue, code: str, districts: tuple[str, ...]
) -> None:
    area = area_of(catalogue, code)
    assert area is not None
    assert area.districts == districts
    assert area.postal_code == code
    assert area.municipality is None
    assert not area.exact


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("2000", "Frederiksberg"),
        ("1800", "Frederiksberg"),
        ("1999", "Frederiksberg"),
        ("2770", "Tårnby"),
    ],
)
def test_a_code_of_another_municipality_is_told_as_such(
    catalogue: Catalogue, code: str, name: str
) -> None:
    area = area_of(catalogue, code)
    assert area is not None
    assert area.districts == ()
    assert area.municipality is not None
    assert name in area.municipality
    assert places_near(catalogue, area.districts) == ()


@pytest.mark.parametrize(
    "text", ["", "8000", "9999", "0000", "1049", "230", "23000", "-230", "23.0", "Valby", "abcd"]
)
def test_what_is_not_known_is_no_area(catalogue: Catalogue, text: str) -> None:
    assert area_of(catalogue, text) is None


@pytest.mark.parametrize("text", ["²³⁰⁰", "①②③④"])
def test_figures_that_are_no_numbers_are_no_area(catalogue: Catalogue, text: str) -> None:
    assert area_of(catalogue, text) is None


@given(text=st.text(alphabet=st.characters(exclude_categories=("No", "Cs"))))
def test_any_text_has_an_area_or_none(catalogue: Catalogue, text: str) -> None:
    area = area_of(catalogue, text)
    assert area is None or set(area.districts) <= set(catalogue.districts)


def test_a_district_is_exact_and_has_no_code(catalogue: Catalogue) -> None:
    for district in catalogue.districts:
        area = area_of(catalogue, district)
        assert area is not None
        assert (area.districts, area.exact, area.postal_code) == ((district,), True, None)


def test_the_districts_are_the_ten_of_the_city_and_neighbours_both_ways(
    catalogue: Catalogue,
) -> None:
    assert len(catalogue.districts) == 10
    for district in catalogue.districts.values():
        for neighbour in district.neighbours:
            assert district.id in catalogue.districts[neighbour].neighbours
        assert district.id not in district.neighbours


def test_every_code_of_the_project_has_known_districts_or_another_municipality(
    catalogue: Catalogue,
) -> None:
    for area in catalogue.postal_areas:
        assert area.first <= area.last
        assert set(area.districts) <= set(catalogue.districts)
        assert bool(area.districts) == (area.municipality == "København")
    spans = sorted((area.first, area.last) for area in catalogue.postal_areas)
    for (_, last), (first, _) in pairwise(spans):
        assert last < first


def test_every_district_has_a_place_in_it_or_beside_it(catalogue: Catalogue) -> None:
    for district in catalogue.districts.values():
        found = places_near(catalogue, (district.id,))
        assert 1 <= len(found) <= 3
        assert {place.district for place in found} <= {district.id, *district.neighbours}
        inside = [place.district == district.id for place in found]
        assert inside == sorted(inside, reverse=True)


PLACES = [
    # id, kind, district, state
    ("beside-service-verified", "citizen_service", "b", "verified"),
    ("inside-library", "library", "a", "unverified"),
    ("inside-library-verified", "library", "a", "verified"),
    ("far", "citizen_service", "c", "verified"),
    ("inside-authority", "authority", "a", "verified"),
    ("nowhere", "citizen_service", None, "verified"),
    ("inside-service", "citizen_service", "a", "unverified"),
    ("inside-house-verified", "international_house", "a", "verified"),
    ("beside-library", "library", "b", "unverified"),
]
NEAR = {
    "a": ("inside-house-verified", "inside-service", "inside-library-verified"),
    "b": ("beside-service-verified", "beside-library", "far"),
    "c": ("far", "beside-service-verified", "beside-library"),
}


@pytest.fixture
def invented(toy: Toy) -> Catalogue:
    """Three districts in a row, a-b-c, with places of every kind."""
    toy.put(
        "places/districts.yml",
        [
            {"id": "a", "name": "A", "neighbours": ["b"]},
            {"id": "b", "name": "B", "neighbours": ["a", "c"]},
            {"id": "c", "name": "C", "neighbours": ["b"]},
        ],
    )
    template = toy.get("places/places.yml")[0]
    toy.put(
        "places/places.yml",
        [
            {**template, "id": id_, "kind": kind, "district": district, "state": state}
            for id_, kind, district, state in PLACES
        ],
    )
    toy.put("places/postal_codes.yml", [])
    return load(toy.root)


@pytest.mark.parametrize(("district", "expected"), NEAR.items(), ids=NEAR.keys())
def test_places_inside_come_first_then_service_centres_then_verified(
    invented: Catalogue, district: str, expected: tuple[str, ...]
) -> None:
    assert tuple(place.id for place in places_near(invented, (district,))) == expected


def test_a_code_in_two_districts_has_the_places_of_both_inside(invented: Catalogue) -> None:
    found = [place.id for place in places_near(invented, ("a", "b"))]
    assert found == ["beside-service-verified", "inside-house-verified", "inside-service"]


def test_the_project_s_places_lie_in_the_project(catalogue: Catalogue) -> None:
    for place in catalogue.places.values():
        area = area_of(catalogue, place.postal_code)
        assert area is not None
        assert place.district is None or place.district in area.districts, place.id
