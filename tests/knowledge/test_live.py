"""The knowledge in use follows the files: no restart, no training, and never a broken state."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable

import pytest

from knowledge.catalogue import KnowledgeError
from knowledge.live import LiveKnowledge
from tests.knowledge import toy as toys
from tests.knowledge.toy import LANGUAGES, Toy

HUND = "services/hund/da.yml"
QUESTION = "vovse logrer"


@pytest.fixture
def used(toy: Toy) -> LiveKnowledge:
    """The toy in use."""
    return LiveKnowledge(toy.root)


def add_phrasing(toy: Toy, phrasing: str) -> None:
    toy.edit(HUND, lambda text: text["phrasings"].append(phrasing))


def first(used: LiveKnowledge, question: str, language: str = "da") -> str | None:
    ranked = used.search().find(question, language).ranked
    return ranked[0].service if ranked else None


def test_a_changed_phrasing_is_found_without_a_restart(toy: Toy, used: LiveKnowledge) -> None:
    before = used.search().find(QUESTION, "da")
    version = used.version()
    add_phrasing(toy, QUESTION)
    assert used.search().find(QUESTION, "da") == before
    assert used.refresh()
    after = used.search().find(QUESTION, "da")
    assert after.ranked[0].service == "hund"
    assert after.probability > before.probability
    assert used.version() != version
    assert QUESTION in used.catalogue().services["hund"].texts["da"].phrasings


def test_nothing_happens_while_no_file_changes(used: LiveKnowledge) -> None:
    catalogue, search = used.catalogue(), used.search()
    assert not used.refresh()
    assert used.catalogue() is catalogue
    assert used.search() is search


def test_a_new_service_is_a_folder(toy: Toy, used: LiveKnowledge) -> None:
    toy.put("services/kat/service.yml", toys.service("kat"))
    toy.put("services/kat/da.yml", toys.text("Efterlyst kat", ["min kat er blevet væk", "missen"]))
    assert used.refresh()
    assert first(used, "katten er væk") == "kat"


def test_a_service_that_is_taken_away_is_found_no_more(toy: Toy, used: LiveKnowledge) -> None:
    assert first(used, "skraldespanden er fuld") == "affald"
    for path in toy.path("services/affald").iterdir():
        path.unlink()
    toy.path("services/affald").rmdir()
    assert used.refresh()
    assert "affald" not in used.catalogue().services
    assert first(used, "skraldespanden er fuld") != "affald"


def test_a_language_is_a_line_and_its_files(toy: Toy, used: LiveKnowledge) -> None:
    toy.put("languages.yml", [*LANGUAGES, {**LANGUAGES[2], "code": "tr", "stemmer": "turkish"}])
    toy.put("services/hund/tr.yml", toys.text("Köpek kaydı", ["köpeğim yeni geldi"]))
    toy.put("services/pas/tr.yml", toys.text("Yeni pasaport", ["pasaportum bitti"]))
    toy.put("organisations/tr.yml", toy.get("organisations/en.yml"))
    assert used.refresh()
    assert first(used, "pasaportum", "tr") == "pas"
    assert used.catalogue().text("pas", "tr")[0] == "tr"


BROKEN: dict[str, Callable[[Toy], object]] = {
    "bad YAML": lambda toy: toy.put(HUND, "title: [x"),
    "unknown key": lambda toy: toy.edit(HUND, lambda text: text.update(titel="x")),
    "half a file": lambda toy: toy.put(HUND, toy.path(HUND).read_text("utf-8")[:60]),
    "dangling reference": lambda toy: toy.edit(
        "services/hund/service.yml", lambda facts: facts.update(related=["kat"])
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_keeps_the_old_knowledge(
    toy: Toy, used: LiveKnowledge, broken: Callable[[Toy], object]
) -> None:
    catalogue, search = used.catalogue(), used.search()
    original = {
        name: toy.path(name).read_text("utf-8") for name in (HUND, "services/hund/service.yml")
    }
    broken(toy)
    assert not used.refresh()
    assert used.catalogue() is catalogue
    assert used.search() is search
    for name, content in original.items():
        toy.put(name, content)
    add_phrasing(toy, QUESTION)
    assert used.refresh()
    assert first(used, QUESTION) == "hund"


def test_broken_files_stop_the_start(toy: Toy) -> None:
    toy.put(HUND, "title: [x")
    with pytest.raises(KnowledgeError):
        LiveKnowledge(toy.root)


def test_a_new_language_may_begin_with_one_service(toy: Toy, used: LiveKnowledge) -> None:
    toy.put("services/hund/de.yml", toys.text("Hund anmelden", ["mein Welpe ist neu"]))
    assert used.refresh()
    assert first(used, "welpe", "de") == "hund"


@pytest.mark.parametrize("change", [{"stemmer": "klingon"}, {"fallback": "xx"}], ids=str)
def test_a_language_that_cannot_be_used_keeps_the_old_knowledge(
    toy: Toy, used: LiveKnowledge, change: dict[str, str]
) -> None:
    search = used.search()
    toy.put("languages.yml", [{**LANGUAGES[0], **change}, *LANGUAGES[1:]])
    assert not used.refresh()
    assert used.search() is search


def test_a_file_with_an_older_time_is_read_too(toy: Toy, used: LiveKnowledge) -> None:
    add_phrasing(toy, QUESTION)
    os.utime(toy.path(HUND), (1_600_000_000, 1_600_000_000))
    assert used.refresh()


async def test_watching_picks_up_a_change_by_itself(toy: Toy, used: LiveKnowledge) -> None:
    task = asyncio.create_task(used.watch(0.02))
    try:
        version = used.version()
        add_phrasing(toy, QUESTION)
        for _ in range(1000):
            await asyncio.sleep(0.02)
            if used.version() != version:
                break
        toy.put("suggestions.yml", "- [x")
        await asyncio.sleep(0.1)
        assert not task.done()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert first(used, QUESTION) == "hund"
