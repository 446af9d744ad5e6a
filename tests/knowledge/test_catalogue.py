"""Reading the files: the project's own, and broken ones with one line per fault."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from knowledge.catalogue import Catalogue, KnowledgeError, load, read
from settings import ROOT
from tests.knowledge.toy import LANGUAGES, Toy

DOMAIN = ROOT.parent / "shared" / "domain" / "services.json"


def test_the_project_reads_without_a_fault() -> None:
    catalogue, problems = read(ROOT / "knowledge")
    assert problems == []
    assert len(catalogue.services) == 94
    assert catalogue.language_codes[0] == "da"


@pytest.mark.skipif(not DOMAIN.exists(), reason="the domain's own list is not here")
def test_the_project_has_exactly_the_services_of_the_domain(catalogue: Catalogue) -> None:
    domain = json.loads(DOMAIN.read_text(encoding="utf-8"))
    assert set(catalogue.services) == {item["id"] for item in domain}


def test_every_service_life_event_and_organisation_has_a_text_in_every_language(
    catalogue: Catalogue,
) -> None:
    for code in catalogue.language_codes:
        assert {s.id for s in catalogue.services.values() if code not in s.texts} == set()
        assert {e.id for e in catalogue.life_events.values() if code not in e.texts} == set()
        assert set(catalogue.organisations) == set(catalogue.organisation_texts[code])


def test_every_life_event_of_the_project_names_a_service_once(catalogue: Catalogue) -> None:
    for event in catalogue.life_events.values():
        assert len(set(event.facts.services)) == len(event.facts.services)


def test_the_suggestions_of_the_project_lead_somewhere(catalogue: Catalogue) -> None:
    known = {"service": catalogue.services, "life_event": catalogue.life_events}
    for code in catalogue.suggestions:
        kind, _, identifier = code.partition(":")
        assert identifier in known[kind] if identifier else kind not in known


def test_the_toy_reads_without_a_fault(toy: Toy) -> None:
    assert read(toy.root)[1] == []


Break = Callable[[Toy], object]


def set_in(name: str, key: str, value: object) -> Break:
    return lambda toy: toy.edit(name, lambda content: content.update({key: value}))


def set_in_first(name: str, key: str, value: object) -> Break:
    return lambda toy: toy.edit(name, lambda content: content[0].update({key: value}))


HUND = "services/hund/service.yml"
FAULTS: dict[str, tuple[Break, tuple[str, ...]]] = {
    "bad YAML": (lambda toy: toy.put("services/hund/da.yml", "title: [x"), ("hund/da.yml",)),
    "bad encoding": (
        lambda toy: toy.path("services/hund/da.yml").write_bytes(b"title: bl\xf8d"),
        ("hund/da.yml",),
    ),
    "empty file": (lambda toy: toy.put("services/hund/da.yml", ""), ("hund/da.yml",)),
    "no facts": (lambda toy: toy.path("services/affald/service.yml").unlink(), ("affald",)),
    "unknown key in facts": (
        set_in("services/affald/service.yml", "titel", "x"),
        ("services/affald/service.yml", "titel"),
    ),
    "unknown key in prose": (set_in("services/hund/en.yml", "sumary", "x"), ("en.yml", "sumary")),
    "unknown key in a place": (set_in_first("places/places.yml", "x", 1), ("places.yml", "0.x")),
    "unknown key in a language": (set_in_first("languages.yml", "x", 1), ("languages.yml", "0.x")),
    "related": (set_in(HUND, "related", ["kat"]), ("hund", "related", "kat")),
    "requires": (set_in(HUND, "requires", ["kat"]), ("hund", "requires", "kat")),
    "life event": (set_in(HUND, "life_events", ["war"]), ("hund", "life_events", "war")),
    "authority": (set_in(HUND, "competent_authority", "nasa"), ("hund", "nasa")),
    "place of a channel": (
        lambda toy: toy.edit(HUND, lambda c: c["channels"][0].update(place="moon")),
        ("hund", "place", "moon"),
    ),
    "service of a life event": (
        set_in("life_events/moving/event.yml", "services", ["hund", "kat"]),
        ("moving", "kat"),
    ),
    "part_of": (
        set_in_first("organisations/organisations.yml", "part_of", "eu"),
        ("kk", "part_of", "eu"),
    ),
    "district of a place": (
        set_in_first("places/places.yml", "district", "oz"),
        ("library", "district", "oz"),
    ),
    "organisation of a place": (
        set_in_first("places/places.yml", "organisation", "nasa"),
        ("library", "organisation", "nasa"),
    ),
    "service of a place": (
        set_in_first("places/places.yml", "services", ["kat"]),
        ("library", "services", "kat"),
    ),
    "name of a folder": (
        lambda toy: toy.path("services/hund").rename(toy.path("services/dog")),
        ("dog", "hund"),
    ),
    "no suggestions": (lambda toy: toy.path("suggestions.yml").unlink(), ("suggestions.yml",)),
}


def only_problem(toy: Toy) -> str:
    _, problems = read(toy.root)
    assert len(problems) == 1, problems
    return problems[0]


@pytest.mark.parametrize(("broken", "named"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_one_line_that_says_where(
    toy: Toy, broken: Break, named: tuple[str, ...]
) -> None:
    broken(toy)
    problem = only_problem(toy)
    assert all(name in problem for name in named)
    with pytest.raises(KnowledgeError) as error:
        load(toy.root)
    assert error.value.problems == [problem]


def fault(what: str, broken: Break, *named: str) -> Any:
    return pytest.param(broken, named, id=what.partition(":")[0])


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        fault(
            "neighbour: districts' neighbours are not checked",
            set_in_first("places/districts.yml", "neighbours", ["oz"]),
            "valby",
            "oz",
        ),
        fault(
            "postal area: its districts are not checked, places_near raises KeyError",
            set_in_first("places/postal_codes.yml", "districts", ["oz"]),
            "Valby",
            "oz",
        ),
        fault(
            "fallback: a language's is not checked, KnowledgeSearch raises KeyError",
            set_in_first("languages.yml", "fallback", "xx"),
            "xx",
        ),
        fault(
            "stemmer: a language's is not checked, KnowledgeSearch raises KeyError",
            set_in_first("languages.yml", "stemmer", "klingon"),
            "klingon",
        ),
        fault(
            "languages: no languages.yml is no fault, and nothing is ever found",
            lambda toy: toy.path("languages.yml").unlink(),
            "languages.yml",
        ),
        fault(
            "life event folder: only services' folders are compared with their identifiers",
            lambda toy: toy.path("life_events/moving").rename(toy.path("life_events/home")),
            "home",
            "moving",
        ),
        fault(
            "suggestion: choice codes are not checked",
            lambda toy: toy.put("suggestions.yml", ["service:kat"]),
            "kat",
        ),
        fault(
            "cycle: organisations may be part of each other, administration() never returns",
            lambda toy: toy.edit(
                "organisations/organisations.yml", lambda c: c[1].update(part_of="borgerservice")
            ),
            "part_of",
        ),
    ],
)
def test_a_fault_that_would_fail_later_is_found_when_reading(
    toy: Toy, broken: Break, named: tuple[str, ...]
) -> None:
    broken(toy)
    _, problems = read(toy.root)
    assert any(all(name in problem for name in named) for problem in problems)


def test_all_faults_are_told_at_once(toy: Toy) -> None:
    set_in(HUND, "titel", "x")(toy)
    toy.put("services/pas/en.yml", "title: [x")
    set_in("services/affald/service.yml", "related", ["kat", "ko"])(toy)
    _, problems = read(toy.root)
    named = sorted(
        name for line in problems for name in ("titel", "pas/en.yml", "kat", "ko ") if name in line
    )
    assert named == sorted(["titel", "pas/en.yml", "kat", "ko "])


def test_what_can_be_read_is_read_beside_a_fault(toy: Toy) -> None:
    toy.put("services/hund/en.yml", "title: [x")
    catalogue, _ = read(toy.root)
    assert set(catalogue.services) == {"hund", "pas", "affald"}
    assert set(catalogue.services["hund"].texts) == {"da"}


@pytest.mark.parametrize(
    ("language", "chain"),
    [
        ("da", ("da",)),
        ("en", ("en", "da")),
        ("de", ("de", "en", "da")),
        ("xx", ("da",)),
    ],
)
def test_a_language_falls_back_along_its_chain(
    toy: Toy, language: str, chain: tuple[str, ...]
) -> None:
    assert load(toy.root).fallbacks(language) == chain


def test_a_circle_of_fallbacks_ends(toy: Toy) -> None:
    toy.put("languages.yml", [{**LANGUAGES[0], "fallback": "de"}, *LANGUAGES[1:]])
    catalogue = load(toy.root)
    assert catalogue.fallbacks("en") == ("en", "da", "de")


@pytest.mark.parametrize(
    ("service", "language", "written"),
    [
        ("hund", "da", "da"),
        ("hund", "en", "en"),
        ("hund", "de", "en"),
        ("affald", "en", "da"),
        ("affald", "de", "da"),
        ("affald", "xx", "da"),
    ],
)
def test_a_text_is_read_in_the_nearest_language(
    toy: Toy, service: str, language: str, written: str
) -> None:
    catalogue = load(toy.root)
    found, text = catalogue.text(service, language)
    assert found == written
    assert text is catalogue.services[service].texts[written]


def test_a_text_in_the_language_itself_comes_first(toy: Toy) -> None:
    toy.put("services/hund/de.yml", {**toy.get("services/hund/en.yml"), "title": "Hund anmelden"})
    assert load(toy.root).text("hund", "de")[1].title == "Hund anmelden"


def test_life_events_and_organisations_fall_back_too(toy: Toy) -> None:
    toy.edit("organisations/de.yml", lambda texts: texts.pop("politiet"))
    catalogue = load(toy.root)
    assert catalogue.life_event_text("moving", "de").title == "Du flytter"
    assert catalogue.organisation_text("politiet", "de").name == "politiet en"
    assert catalogue.organisation_text("kk", "de").name == "kk de"


def test_no_text_in_any_fallback_is_a_key_error(toy: Toy) -> None:
    toy.path("services/affald/da.yml").unlink()
    toy.path("life_events/moving/da.yml").unlink()
    for code in ("da", "en", "de"):
        toy.edit(f"organisations/{code}.yml", lambda texts: texts.pop("politiet"))
    catalogue = load(toy.root)
    with pytest.raises(KeyError):
        catalogue.text("affald", "de")
    with pytest.raises(KeyError):
        catalogue.text("kat", "da")
    with pytest.raises(KeyError):
        catalogue.life_event_text("moving", "de")
    with pytest.raises(KeyError):
        catalogue.organisation_text("politiet", "de")


@pytest.mark.parametrize(
    ("organisation", "administration"),
    [
        ("borgerservice", "kff"),
        ("kff", "kff"),
        ("kk", None),
        ("politiet", None),
        ("nasa", None),
    ],
)
def test_an_organisation_lies_under_an_administration(
    toy: Toy, organisation: str, administration: str | None
) -> None:
    assert load(toy.root).administration(organisation) == administration


def test_every_municipal_authority_of_the_project_lies_under_an_administration(
    catalogue: Catalogue,
) -> None:
    for service in catalogue.services.values():
        authority = catalogue.organisations[service.facts.competent_authority]
        if authority.level == "municipality" and authority.id != "kk":
            assert catalogue.administration(authority.id) is not None
        elif authority.level != "municipality":
            assert catalogue.administration(authority.id) is None


@pytest.mark.parametrize(
    "name",
    [
        "languages.yml",
        "suggestions.yml",
        "services/hund/service.yml",
        "services/hund/en.yml",
        "life_events/moving/da.yml",
        "organisations/da.yml",
        "places/districts.yml",
    ],
)
def test_the_version_is_that_of_the_content(toy: Toy, name: str) -> None:
    before = load(toy.root)
    assert load(toy.root).version == before.version
    toy.path(name).write_text(toy.path(name).read_text(encoding="utf-8") + "\n# x\n", "utf-8")
    assert load(toy.root).version != before.version


def test_a_catalogue_cannot_be_changed(catalogue: Catalogue) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        catalogue.version = "x"  # type: ignore[misc]
