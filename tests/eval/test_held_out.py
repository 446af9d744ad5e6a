"""The held-out data must not have been learned from, and must cover everything."""

from __future__ import annotations

import pytest
import yaml

from bot.examples import NLU, examples
from knowledge.catalogue import Catalogue
from settings import ROOT
from tests.eval.data import LANGUAGES, key, read
from tests.eval.report import fallen, recorded, tables_inside


def learned(catalogue: Catalogue, language: str) -> set[str]:
    """Every text that something is fitted to."""
    texts = [text for _, text in examples(NLU / language)]
    for service in catalogue.services.values():
        texts += service.texts[language].phrasings
    for event in catalogue.life_events.values():
        texts += event.texts[language].phrasings
    told = yaml.safe_load((ROOT / f"knowledge/crisis/examples/{language}.yml").read_text())
    texts += [text for items in told.values() for text in items]
    return {key(text) for text in texts}


def held_out(kind: str, language: str) -> list[str]:
    content = read(kind, language)
    groups = content.values() if isinstance(content, dict) else [content]
    return [text for group in groups for text in group]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["services", "out_of_scope", "crisis"])
def test_no_held_out_text_was_learned(catalogue: Catalogue, kind: str, language: str) -> None:
    known = learned(catalogue, language)
    stories = [text for text in held_out(kind, language) if len(key(text).split()) > 3]
    assert [text for text in stories if key(text) in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_service_is_asked_for(catalogue: Catalogue, language: str) -> None:
    asked = read("services", language)
    assert asked.keys() == catalogue.services.keys()
    assert all(len(items) >= 5 for items in asked.values())


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    return {name: value for table in tables_inside() for name, value in table.figures.items()}


def test_no_figure_falls_by_more_than_a_point(figures: dict[str, float]) -> None:
    """`make eval` prints what was missed, and measures the rest at a running guide."""
    assert fallen(figures) == []


def test_every_figure_is_recorded(figures: dict[str, float]) -> None:
    assert figures.keys() <= recorded().keys()


@pytest.mark.parametrize(
    ("name", "goal"),
    [
        ("language.word", 91.0),
        ("language.pair", 97.5),
        ("language.sentence", 99.5),
        ("language.word_in_session", 96.0),
        *((f"search.{language}.first", 80.0) for language in LANGUAGES),
        *((f"search.{language}.third", 93.0) for language in LANGUAGES),
    ],
)
def test_the_goals_are_reached(figures: dict[str, float], name: str, goal: float) -> None:
    assert figures[name] >= goal
