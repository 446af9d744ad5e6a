"""Which translations are out of date."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.catalogue import Catalogue
from knowledge.schema import ServiceText
from knowledge.translations import out_of_date, source_version, translations
from tests.knowledge.toy import text


def prose(**changes: Any) -> ServiceText:
    return ServiceText.model_validate(text("Nyt pas", ["mit pas er udløbet"]) | changes)


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"summary": "Nyt."}, True),
        ({"deadlines": {"early": "Senest {wait}"}}, True),
        ({"phrasings": ["pas!"]}, False),
        ({"names": ["rejsepas"]}, False),
        ({"source_version": "0123456789"}, False),
    ],
)
def test_what_citizens_read_makes_the_version(changes: dict[str, Any], *, changed: bool) -> None:
    assert (source_version(prose(**changes)) != source_version(prose())) is changed


def test_a_translation_is_out_of_date_when_its_source_has_changed() -> None:
    made_from = source_version(prose())
    translated = prose(title="New passport", source_version=made_from)
    texts = {"da": prose(), "en": translated}
    assert not out_of_date(texts, "en", "da")
    assert out_of_date({**texts, "da": prose(summary="Andet.")}, "en", "da")
    assert out_of_date({**texts, "en": prose()}, "en", "da"), "it does not say what it is from"


@pytest.mark.parametrize("language", ["da", "de"])
def test_a_source_and_a_missing_text_are_not_out_of_date(language: str) -> None:
    assert not out_of_date({"da": prose(), "en": prose()}, language, "da")


def test_every_text_with_facts_is_looked_at(catalogue: Catalogue) -> None:
    places = [where for where, _ in translations(catalogue)]
    assert len(places) == len(set(places)) == len(catalogue.services) + len(catalogue.life_events)
