"""The held-out data must not have been learned from, and must cover everything."""

from __future__ import annotations

import pytest
import yaml

from bot.examples import NLU, examples
from knowledge.catalogue import Catalogue
from knowledge.search import KnowledgeSearch
from settings import ROOT
from tests.eval.data import LANGUAGES, key, questions, read


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_reaches_its_goal(search: KnowledgeSearch, language: str) -> None:
    """R@1 at least 75 %, R@3 at least 90 %; `make eval` prints what was missed."""
    asked = questions(language)
    found = [[hit.service for hit in search.find(text, language).ranked] for text, _ in asked]
    first = sum(hits[:1] == [service] for hits, (_, service) in zip(found, asked, strict=True))
    third = sum(service in hits[:3] for hits, (_, service) in zip(found, asked, strict=True))
    assert first / len(asked) >= 0.75
    assert third / len(asked) >= 0.90
