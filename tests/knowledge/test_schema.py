"""What the schema lets an editor write, and what it stops."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from knowledge.schema import (
    PLACEHOLDER,
    Cost,
    District,
    Fact,
    Identifier,
    LifeEventFacts,
    LifeEventText,
    Organisation,
    OrganisationText,
    PartialDate,
    Phone,
    Place,
    PostalArea,
    ServiceChannel,
    ServiceFacts,
    ServiceText,
    Source,
    Value,
)
from tests.knowledge import toy

PLACE = {
    "id": "library",
    "name": "Biblioteket",
    "kind": "library",
    "organisation": "borgerservice",
    "street": "Vej 1",
    "postal_code": "2500",
    "city": "Valby",
    "state": "unverified",
    "source": "https://example.dk/",
    "last_verified": None,
}
AREA = {"first": 2500, "last": 2500, "name": "Valby", "districts": ["valby"], "exact": False}
VALID: list[tuple[type[BaseModel], dict[str, Any]]] = [
    (Source, {"url": "https://example.dk/", "date": None}),
    (Fact, {"id": "early", "state": "unverified"}),
    (Cost, {"id": "fee", "state": "unverified"}),
    (ServiceChannel, {"id": "online", "kind": "online", "state": "unverified"}),
    (ServiceFacts, toy.service("hund")),
    (ServiceText, toy.text("Hund", ["hvalp"])),
    (Organisation, {"id": "kk", "level": "municipality"}),
    (OrganisationText, {"name": "Kommunen", "tasks": "alt"}),
    (Place, PLACE),
    (District, {"id": "valby", "name": "Valby"}),
    (PostalArea, AREA),
    (LifeEventFacts, {"identifier": "moving", "services": ["flytning"]}),
    (LifeEventText, {"title": "Flytning", "summary": "Du flytter", "phrasings": ["flytte"]}),
]
MODELS = [pytest.param(model, content, id=model.__name__) for model, content in VALID]


def places(error: pytest.ExceptionInfo[ValidationError]) -> set[str]:
    """Where the faults are, by the first key of each."""
    return {str(item["loc"][0]) if item["loc"] else "" for item in error.value.errors()}


@pytest.mark.parametrize(("model", "content"), MODELS)
def test_a_whole_entry_is_accepted(model: type[BaseModel], content: dict[str, Any]) -> None:
    model.model_validate(content)


@pytest.mark.parametrize(("model", "content"), MODELS)
def test_an_unknown_key_is_an_error(model: type[BaseModel], content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as error:
        model.model_validate({**content, "titel": "x"})
    assert places(error) == {"titel"}


@pytest.mark.parametrize(("model", "content"), MODELS)
def test_a_missing_key_is_an_error(model: type[BaseModel], content: dict[str, Any]) -> None:
    for key, field in model.model_fields.items():
        if field.is_required():
            with pytest.raises(ValidationError) as error:
                model.model_validate({k: v for k, v in content.items() if k != key})
            assert places(error) == {key}


@pytest.mark.parametrize(("model", "content"), MODELS)
def test_an_entry_cannot_be_changed(model: type[BaseModel], content: dict[str, Any]) -> None:
    entry = model.model_validate(content)
    name = next(iter(model.model_fields))
    with pytest.raises(ValidationError):
        setattr(entry, name, "x")


TYPES: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "identifier": (
        Identifier,
        ["pas", "pas-voksen", "having_a_child", "akut-1813"],
        ["", "Pas", "pas voksen", "-pas", "pas-", "pas--voksen", "bløde", "pas\n", "a/b"],
    ),
    "partial_date": (
        PartialDate,
        ["2023", "2024-05", "2024-05-15"],
        ["", "23", "2024-5", "15-05-2024", "2024-05-15T10:00", "2024-", 2024, None],
    ),
    "phone": (
        Phone,
        ["112", "1813", "+4533663366"],
        ["", "33663366", "+45 33 66 33 66", "+45336", "11", "0045336633"],
    ),
    "value": (Value, [3, 0.5, "P4W", "1000 DKK"], ["", None, ["P4W"]]),
}
ACCEPTED = [
    pytest.param(kind, item, id=f"{n}:{item}") for n, (kind, ok, _) in TYPES.items() for item in ok
]
REFUSED = [
    pytest.param(kind, item, id=f"{n}:{item!r}")
    for n, (kind, _, bad) in TYPES.items()
    for item in bad
]


@pytest.mark.parametrize(("kind", "item"), ACCEPTED)
def test_a_well_formed_item_is_accepted(kind: Any, item: object) -> None:
    assert TypeAdapter(kind).validate_python(item) == item


@pytest.mark.parametrize(("kind", "item"), REFUSED)
def test_an_ill_formed_item_is_refused(kind: Any, item: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(item)


@pytest.mark.parametrize("date", ["2024-13", "2024-02-31", "2024-00-01"])
def test_a_date_that_does_not_exist_is_refused(date: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(PartialDate).validate_python(date)


def test_text_is_stripped_and_never_empty() -> None:
    content = toy.text("  Hund ", ["hvalp"])
    assert ServiceText.model_validate(content).title == "Hund"
    with pytest.raises(ValidationError) as error:
        ServiceText.model_validate({**content, "summary": "  \n"})
    assert places(error) == {"summary"}


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("Frist: {wait}", ["wait"]),
        ("{a} og {b_2}", ["a", "b_2"]),
        ("{A} {2} {} {a b} {_a}", []),
        ("uden", []),
    ],
)
def test_placeholders_are_lower_case_names(template: str, names: list[str]) -> None:
    assert PLACEHOLDER.findall(template) == names


@pytest.mark.parametrize("state", ["unverified", "conflicting"])
def test_only_a_verified_fact_needs_a_source(state: str) -> None:
    Fact.model_validate({"id": "x", "state": state})
    with pytest.raises(ValidationError, match="source"):
        Fact.model_validate({"id": "x", "state": "verified"})
    Fact.model_validate({"id": "x", "state": "verified", "sources": ["page"]})


@pytest.mark.parametrize(
    "missing", [{"last_verified": None}, {"amount": None}], ids=["date", "amount"]
)
def test_a_verified_cost_needs_an_amount_and_a_date(missing: dict[str, None]) -> None:
    cost = {
        "id": "fee",
        "amount": 0,
        "state": "verified",
        "sources": ["page"],
        "last_verified": "2024",
    }
    assert Cost.model_validate(cost).amount == 0
    with pytest.raises(ValidationError):
        Cost.model_validate({**cost, **missing})
    Cost.model_validate({**cost, **missing, "state": "unverified"})


@pytest.mark.parametrize(
    "bad",
    [
        {"amount": -1},
        {"currency": "USD"},
        {"per": "week"},
        {"channel": "In person"},
        {"last_verified": "yesterday"},
        {"state": "sure"},
        {"values": {"age": []}},
    ],
    ids=lambda bad: next(iter(bad)),
)
def test_a_cost_with_a_bad_value_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as error:
        Cost.model_validate({"id": "fee", "state": "unverified", **bad})
    assert places(error) == set(bad)


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "fax"},
        {"url": "kk.dk/pas"},
        {"phone": "33 66 33 66"},
        {"email": "borgerservice"},
        {"login": ["password"]},
        {"appointment": "maybe"},
        {"hours": ""},
        {"place": "Valby!"},
    ],
    ids=lambda bad: next(iter(bad)),
)
def test_a_channel_with_a_bad_value_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as error:
        ServiceChannel.model_validate(
            {"id": "online", "kind": "online", "state": "unverified", **bad}
        )
    assert places(error) == set(bad)


@pytest.mark.parametrize(
    "bad",
    [
        {"life_events": []},
        {"channels": []},
        {"kle": ["23.01"]},
        {"level": "planet"},
        {"review_by": "soon"},
        {"check_url": "kk.dk"},
        {"sources": {"page": {"url": "https://example.dk/", "date": "maj 2024"}}},
    ],
    ids=lambda bad: next(iter(bad)),
)
def test_a_service_with_a_bad_value_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as error:
        ServiceFacts.model_validate({**toy.service("hund"), **bad})
    assert places(error) == set(bad)


SECTIONS = ["channels", "costs", "deadlines", "processing_times", "requirements", "evidence"]
SECTIONS.append("outputs")
EXAMPLES: dict[str, dict[str, object]] = {"channels": {"kind": "online"}}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_fact_may_only_name_sources_of_its_service(section: str) -> None:
    fact = {"id": "x", "state": "unverified", **EXAMPLES.get(section, {})}
    content = {**toy.service("hund"), "costs": [], section: [{**fact, "sources": ["page"]}]}
    ServiceFacts.model_validate(content)
    content[section] = [{**fact, "sources": ["page", "gone"]}]
    with pytest.raises(ValidationError, match=rf"{section}\.x.*gone"):
        ServiceFacts.model_validate(content)


@pytest.mark.parametrize("section", SECTIONS)
def test_an_id_stands_once_in_a_section(section: str) -> None:
    fact = {"id": "x", "state": "unverified", **EXAMPLES.get(section, {})}
    with pytest.raises(ValidationError, match=section):
        ServiceFacts.model_validate({**toy.service("hund"), "costs": [], section: [fact, fact]})


def test_one_id_may_stand_in_two_sections() -> None:
    fact = {"id": "x", "state": "unverified"}
    facts = ServiceFacts.model_validate(
        {**toy.service("hund"), "evidence": [fact], "outputs": [fact]}
    )
    assert [f.id for f in facts.facts()["evidence"] + facts.facts()["outputs"]] == ["x", "x"]


def test_a_cost_may_only_name_a_channel_of_its_service() -> None:
    def with_channel(channel: str) -> dict[str, Any]:
        content = toy.service("hund")
        content["costs"][0]["channel"] = channel
        return content

    ServiceFacts.model_validate(with_channel("online"))
    with pytest.raises(ValidationError, match="fax"):
        ServiceFacts.model_validate(with_channel("fax"))


def test_every_section_of_facts_has_prose_of_the_same_name() -> None:
    facts = ServiceFacts.model_validate(toy.service("hund"))
    assert set(facts.facts()) == set(SECTIONS)
    assert set(SECTIONS) <= set(ServiceText.model_fields)


@pytest.mark.parametrize("bad", [{"postal_code": "250"}, {"kind": "café"}, {"source": "kk"}])
def test_a_place_with_a_bad_value_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as error:
        Place.model_validate({**PLACE, **bad})
    assert places(error) == set(bad)
