"""The entity extractor's patterns are all of the knowledge base, in every language."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import entity_patterns
from bot.entity_patterns import load_lexicon, patterns, write
from knowledge.areas import area_of
from knowledge.catalogue import Catalogue, Service
from knowledge.folding import fold
from settings import ROOT

_ENTITIES = {"service", "district", "place", "ordinal", "language"}
LANGUAGES = ("da", "en", "de", "pl", "uk", "ro", "ar", "tr")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def renamed(catalogue: Catalogue, name: str) -> Catalogue:
    service = catalogue.services["rotter"]
    texts = {
        code: text.model_copy(update={"names": (*text.names, name)})
        for code, text in service.texts.items()
    }
    changed = Service(service.facts, texts)
    return replace(catalogue, services={**catalogue.services, "rotter": changed})


def test_every_language_has_a_lexicon(catalogue: Catalogue) -> None:
    assert catalogue.language_codes == LANGUAGES
    for code in catalogue.language_codes:
        assert load_lexicon(code).age_units


def test_a_language_without_a_lexicon_is_an_error(catalogue: Catalogue) -> None:
    with pytest.raises(FileNotFoundError):
        load_lexicon("xx")
    with pytest.raises(FileNotFoundError):
        patterns(catalogue, "xx")


@pytest.mark.parametrize("content", ["ordinals: {}", "ages: [year]", "[]"])
def test_a_lexicon_with_other_keys_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    (tmp_path / "da.yml").write_text(content, encoding="utf-8")
    monkeypatch.setattr(entity_patterns, "LEXICON", tmp_path)
    with pytest.raises(ValueError, match="Lexicon"):
        load_lexicon("da")


def test_the_phrases_are_of_the_entities_in_the_domain(catalogue: Catalogue, language: str) -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    phrases = patterns(catalogue, language)["phrases"]
    assert set(phrases) == _ENTITIES
    assert set(phrases) <= set(domain["entities"])


def test_every_service_is_there_with_its_title_and_names(
    catalogue: Catalogue, language: str
) -> None:
    services = patterns(catalogue, language)["phrases"]["service"]
    assert set(services) == set(catalogue.services)
    for identifier, names in services.items():
        text = catalogue.services[identifier].texts[language]
        given = {text.title, *text.names}
        assert set(names) == given | {name.replace("ü", "ue") for name in given}


def test_a_service_without_text_in_a_language_is_left_out(catalogue: Catalogue) -> None:
    service = catalogue.services["rotter"]
    danish_only = Service(service.facts, {"da": service.texts["da"]})
    changed = replace(catalogue, services={**catalogue.services, "rotter": danish_only})
    assert "rotter" in patterns(changed, "da")["phrases"]["service"]
    assert "rotter" not in patterns(changed, "en")["phrases"]["service"]


def test_the_districts_are_the_official_ten(catalogue: Catalogue, language: str) -> None:
    named = patterns(catalogue, language)["phrases"]["district"]
    assert {area for area in named if not area.isdecimal()} == set(catalogue.districts)


def test_amager_is_two_districts(catalogue: Catalogue, language: str) -> None:
    """Its name stands for its postal code."""
    named = patterns(catalogue, language)["phrases"]["district"]
    [code] = [area for area in named if area.isdecimal()]
    area = area_of(catalogue, code)
    assert area is not None
    assert area.districts == ("amager-oest", "amager-vest")


def test_every_word_of_a_districts_name_leads_to_it(catalogue: Catalogue, language: str) -> None:
    phrases = patterns(catalogue, language)["phrases"]["district"]
    for district in catalogue.districts.values():
        known = {fold(name) for name in phrases[district.id]}
        parts = fold(district.name).replace("-", "/").split("/")
        assert set(parts) <= known, district.name


def test_every_place_is_there(catalogue: Catalogue, language: str) -> None:
    places = patterns(catalogue, language)["phrases"]["place"]
    assert places == {place.id: [place.name] for place in catalogue.places.values()}


def test_the_ordinals_are_those_that_a_choice_understands(
    catalogue: Catalogue, language: str
) -> None:
    ordinals = patterns(catalogue, language)["phrases"]["ordinal"]
    assert set(ordinals) == {"1", "2", "3", "4", "last"}
    assert all(names for names in ordinals.values())


def test_every_language_is_known_by_its_own_name_and_in_the_others(
    catalogue: Catalogue, language: str
) -> None:
    languages = patterns(catalogue, language)["phrases"]["language"]
    assert set(languages) == set(catalogue.language_codes)
    for item in catalogue.languages:
        assert item.name in languages[item.code]


@pytest.mark.parametrize(
    ("code", "names"), [("da", {"Engelsk", "Dansk"}), ("en", {"English", "Danish"})]
)
def test_the_languages_have_the_names_of_the_speakers(
    catalogue: Catalogue, code: str, names: set[str]
) -> None:
    known = patterns(catalogue, code)["phrases"]["language"].values()
    assert {fold(name) for name in names} <= {fold(name) for group in known for name in group}


@pytest.mark.parametrize(
    ("code", "some"),
    [("da", {"januar", "maj", "okt", "december"}), ("en", {"january", "may", "oct", "december"})],
)
def test_the_months_are_those_of_the_language_folded_and_without_full_stops(
    catalogue: Catalogue, code: str, some: set[str]
) -> None:
    months = patterns(catalogue, code)["months"]
    assert some <= set(months)
    assert months == sorted({fold(month) for month in months})
    assert not any("." in month for month in months)


def test_no_two_values_of_an_entity_share_a_name(catalogue: Catalogue, language: str) -> None:
    phrases = patterns(catalogue, language)["phrases"]
    for entity in _ENTITIES - {"service"}:
        folded = [
            name for names in phrases[entity].values() for name in {fold(name) for name in names}
        ]
        assert len(folded) == len(set(folded)), entity


def test_the_file_has_every_language_and_the_default(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "made" / "patterns.json"
    assert write(path, catalogue)
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert content["default"] == catalogue.languages[0].code
    assert content["languages"] == {
        code: patterns(catalogue, code) for code in catalogue.language_codes
    }
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def unchanged(catalogue: Catalogue) -> Catalogue:
    return catalogue


@pytest.mark.parametrize(
    ("change", "written"),
    [
        (unchanged, False),
        (lambda catalogue: renamed(catalogue, "gnaverplage"), True),
    ],
    ids=["nothing new", "a new name"],
)  # fmt: skip
def test_the_file_is_written_again_only_for_something_new(
    catalogue: Catalogue,
    tmp_path: Path,
    change: Callable[[Catalogue], Catalogue],
    written: bool,
) -> None:
    path = tmp_path / "patterns.json"
    write(path, catalogue)
    before = path.stat().st_mtime_ns
    assert write(path, change(catalogue)) is written
    assert (path.stat().st_mtime_ns != before) is written
