"""Which district a code or a name is in, how sure that is, and what lies nearest."""

from __future__ import annotations

from typing import Any

import pytest

from bot.actions.area import describe
from knowledge.areas import area_of
from knowledge.catalogue import Catalogue
from tests.bot.conftest import Act


@pytest.mark.parametrize(
    ("said", "key", "values"),
    [
        ("2300", "district_many", {"code": "2300", "districts": ("amager-oest", "amager-vest")}),
        ("2000", "district_elsewhere", {"code": "2000", "municipality": "Frederiksberg Kommune"}),
        ("2200", "district_one", {"code": "2200", "district": "noerrebro"}),
        ("noerrebro", "district_name", {"district": "noerrebro"}),
    ],
)
def test_an_area_is_described(
    catalogue: Catalogue, said: str, key: str, values: dict[str, Any]
) -> None:
    area = area_of(catalogue, said)
    assert area is not None
    reply = describe(area)
    assert (reply.key, reply.values) == (key, values)


def test_every_postal_area_and_district_can_be_described(catalogue: Catalogue, act: Act) -> None:
    codes = [str(area.first) for area in catalogue.postal_areas]
    for said in [*codes, *catalogue.districts]:
        for question in ("district", "nearest", None):
            slots = {"area": said, "area_question": question}
            assert act("action_area", slots=slots), said


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("2200", {"postal_code": "2200"}),
        ("Nørrebro", {"district": "noerrebro"}),
        ("jeg bor på Nørrebro", {"district": "noerrebro"}),
        ("jeg bor i 2200", {"postal_code": "2200"}),
        ("Valby", {"district": "valby"}),
    ],
)
def test_an_area_on_its_own_comes_from_the_message(
    act: Act, text: str, entities: dict[str, str]
) -> None:
    replies = act("action_area", text, intent="inform_area", entities=entities)
    assert [reply.key for reply in replies] == ["nearest"]
    assert replies[0].values["places"]


def test_the_slot_goes_before_the_message(act: Act) -> None:
    slots = {"area": "2200", "area_question": "district"}
    [reply] = act("action_area", entities={"postal_code": "2300"}, slots=slots)
    assert reply.values == {"code": "2200", "district": "noerrebro"}


def test_the_nearest_of_several_districts_says_which_they_are(act: Act) -> None:
    replies = act("action_area", slots={"area": "2300", "area_question": "nearest"})
    assert [reply.key for reply in replies] == ["district_many", "nearest"]


def test_nothing_is_near_in_another_municipality(act: Act) -> None:
    [reply] = act("action_area", slots={"area": "2000", "area_question": "nearest"})
    assert reply.key == "district_elsewhere"


def test_the_places_named_are_in_the_area_or_next_to_it(act: Act, catalogue: Catalogue) -> None:
    for district in catalogue.districts.values():
        replies = act("action_area", slots={"area": district.id, "area_question": "nearest"})
        near = {district.id, *district.neighbours}
        for place in replies[-1].values["places"]:
            assert catalogue.places[place].district in near


@pytest.mark.parametrize("said", [None, "9999", "0000", "22000", "abc", ""])
def test_an_unknown_area_is_said_so_with_a_way_out(act: Act, said: str | None) -> None:
    [reply] = act("action_area", slots={"area": said, "area_question": "district"})
    assert reply.key == "area_unknown"
    assert "human" in reply.choices


def test_forgetting_the_area_says_nothing(act: Act) -> None:
    assert act("action_forget_area", slots={"area": "2200"}) == []
