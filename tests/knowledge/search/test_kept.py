"""Search and danger recognition that were learned at an earlier start are exactly the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.examples import everyday_talk
from knowledge.catalogue import Catalogue, load
from knowledge.crisis.detector import CrisisDetector, load_detector
from knowledge.fitted import Arrays, FittedModels
from knowledge.live import LiveKnowledge
from knowledge.search import KnowledgeSearch
from settings import ROOT
from tests.eval.data import LANGUAGES, questions, read
from tests.knowledge.toy import Toy

_SHARE = 12
"""One in so many phrasings is asked; that all of them have the same features is tested beside
``knowledge/features.py``, in one go."""


class Start:
    """One start of the gateway over a folder of kept models; notes which had to be fitted."""

    def __init__(self, folder: Path) -> None:
        self._models = FittedModels(folder)
        self.fitted: list[str] = []

    def recall(self, name: str, inputs: object, fit: Callable[[], Arrays]) -> Arrays:
        def noted() -> Arrays:
            self.fitted.append(name)
            return fit()

        return self._models.recall(name, inputs, noted)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fitted")


@pytest.fixture(scope="module")
def kept_search(catalogue: Catalogue, folder: Path) -> KnowledgeSearch:
    KnowledgeSearch(catalogue, Start(folder).recall)
    second = Start(folder)
    search = KnowledgeSearch(catalogue, second.recall)
    assert second.fitted == []
    return search


@pytest.fixture(scope="module")
def kept_detector(catalogue: Catalogue, folder: Path) -> CrisisDetector:
    def load_it(start: Start) -> CrisisDetector:
        talk = everyday_talk(catalogue.language_codes)
        return load_detector(ROOT / "knowledge" / "crisis", catalogue, talk, start.recall)

    load_it(Start(folder))
    second = Start(folder)
    detector = load_it(second)
    assert second.fitted == []
    return detector


def phrasings(catalogue: Catalogue, language: str) -> list[str]:
    said: list[str] = []
    for service in catalogue.services.values():
        said += service.texts[language].phrasings
    for event in catalogue.life_events.values():
        said += event.texts[language].phrasings
    return said[::_SHARE]


@pytest.mark.parametrize("language", LANGUAGES)
def test_kept_search_finds_what_fresh_search_finds(
    search: KnowledgeSearch, kept_search: KnowledgeSearch, catalogue: Catalogue, language: str
) -> None:
    """Equal to the last bit, fitted twice: learning does not depend on chance either."""
    asked = [*phrasings(catalogue, language), *(text for text, _ in questions(language)[::4])]
    other = [
        text for text in asked if kept_search.find(text, language) != search.find(text, language)
    ]
    assert other == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kept_detector_hears_what_a_fresh_one_hears(
    crisis: CrisisDetector, kept_detector: CrisisDetector, catalogue: Catalogue, language: str
) -> None:
    held = read("crisis", language)
    said = [*phrasings(catalogue, language), *held["crisis"], *held["harmless"]]
    fresh, kept = crisis.classifier, kept_detector.classifier
    assert [text for text in said if kept.judge(text) != fresh.judge(text)] == []


def test_an_edit_teaches_only_its_own_language(toy: Toy, folder: Path) -> None:
    first = Start(folder)
    LiveKnowledge(toy.root, first.recall)
    assert first.fitted == ["search-da", "search-en"]
    second = Start(folder)
    used = LiveKnowledge(toy.root, second.recall)
    assert second.fitted == []
    toy.edit("services/hund/en.yml", lambda text: text["phrasings"].append("barking fluff"))
    assert used.refresh()
    assert second.fitted == ["search-en"]
    assert used.search().find("barking fluff", "en").ranked[0].service == "hund"


def test_another_stemmer_is_another_model(toy: Toy, folder: Path) -> None:
    languages = toy.get("languages.yml")
    KnowledgeSearch(load(toy.root), Start(folder).recall)
    toy.put("languages.yml", [{**languages[0], "stemmer": "norwegian"}, *languages[1:]])
    second = Start(folder)
    KnowledgeSearch(load(toy.root), second.recall)
    assert second.fitted == ["search-da"]
