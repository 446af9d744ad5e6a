"""What the entity extractor finds, in each language, with the real knowledge base."""
# ruff: noqa: E402

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

assert sys.version_info < (3, 11)  # Rasa's Python; the gateway's type checker stops here

import pytest
import yaml
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.entities import KnowledgeEntityExtractor
from knowledge.folding import fold
from tests.rasa.conftest import ROOT

PATTERNS = ROOT / "var" / "entity_patterns.json"
GENERATED: dict[str, Any] = json.loads(PATTERNS.read_text(encoding="utf-8"))
TABLE = yaml.safe_load((Path(__file__).parent / "entities.yml").read_text(encoding="utf-8"))
CASES = [
    pytest.param(
        language,
        case["text"],
        [tuple(found) for found in case["finds"]],
        id=f"{language}: {case['text']}",
        marks=[pytest.mark.xfail(reason=case["bug"], strict=True)] if "bug" in case else [],
    )
    for language, cases in TABLE.items()
    for case in cases
]


@pytest.fixture(scope="module")
def extractor() -> KnowledgeEntityExtractor:
    return KnowledgeEntityExtractor({"patterns": str(PATTERNS)})


def entities(
    extractor: KnowledgeEntityExtractor, text: str, metadata: dict[str, Any] | None
) -> list[dict[str, Any]]:
    message = Message(data={TEXT: text, METADATA: metadata})
    extractor.process([message])
    return list(message.get(ENTITIES, []))


def found(
    extractor: KnowledgeEntityExtractor, text: str, language: str
) -> list[tuple[str, str, str]]:
    return [
        (item["entity"], item["value"], text[item["start"] : item["end"]])
        for item in entities(extractor, text, {"language": language})
    ]


@pytest.mark.parametrize(("language", "text", "finds"), CASES)
def test_it_finds(
    extractor: KnowledgeEntityExtractor,
    language: str,
    text: str,
    finds: list[tuple[str, str, str]],
) -> None:
    assert found(extractor, text, language) == finds


def test_every_language_has_a_table() -> None:
    assert set(TABLE) == set(GENERATED["languages"])


@pytest.mark.parametrize("entity", ["service", "place", "district", "language"])
@pytest.mark.parametrize("language", TABLE)
def test_every_name_in_the_knowledge_base_is_found_as_itself(
    extractor: KnowledgeEntityExtractor, language: str, entity: str
) -> None:
    phrases = GENERATED["languages"][language]["phrases"]
    # One name may be that of several services, or of a place and a service.
    owners: dict[str, set[tuple[str, str]]] = {}
    for label, values in phrases.items():
        for value, names in values.items():
            for name in names:
                owners.setdefault(fold(name), set()).add((label, value))
    missed = [
        name
        for names in phrases[entity].values()
        for name in names
        if not owners[fold(name)]
        & {
            (label, value)
            for label, value, words in found(extractor, name, language)
            if words == name
        }
    ]
    assert phrases[entity]
    assert missed == []


@pytest.mark.parametrize("language", TABLE)
def test_every_official_district_is_found(
    extractor: KnowledgeEntityExtractor, language: str
) -> None:
    path = ROOT / "knowledge" / "places" / "districts.yml"
    missed = []
    for district in yaml.safe_load(path.read_text(encoding="utf-8")):
        values = {value for _, value, _ in found(extractor, district["name"], language)}
        if district["id"] not in values:
            missed.append(district["name"])
    assert missed == []


@pytest.mark.parametrize("metadata", [None, {}, {"language": "xx"}, {"language": "tlh"}], ids=str)
def test_an_unknown_language_falls_back_to_the_first(
    extractor: KnowledgeEntityExtractor, metadata: dict[str, Any] | None
) -> None:
    text = "på engelsk, kørekort"
    expected = entities(extractor, text, {"language": GENERATED["default"]})
    assert expected
    assert entities(extractor, text, metadata) == expected


def test_the_language_decides_what_is_found(extractor: KnowledgeEntityExtractor) -> None:
    assert found(extractor, "den anden", "en") == []
    assert found(extractor, "the second", "da") == []


@pytest.mark.parametrize(
    "text", ['/choose{"choice": "service:kørekort"}', "/inform_area 2200", "/2200"]
)
def test_a_finished_understanding_keeps_its_own_entities(
    extractor: KnowledgeEntityExtractor, text: str
) -> None:
    given = [{"entity": "choice", "value": "service:pas-voksen", "start": 0, "end": 1}]
    message = Message(data={TEXT: text, ENTITIES: list(given), METADATA: {"language": "da"}})
    extractor.process([message])
    assert message.get(ENTITIES) == given


def test_entities_of_others_stay(extractor: KnowledgeEntityExtractor) -> None:
    other = {"entity": "choice", "value": "human", "start": 0, "end": 4}
    message = Message(data={TEXT: "2200", ENTITIES: [other], METADATA: {"language": "da"}})
    extractor.process([message])
    assert [item["entity"] for item in message.get(ENTITIES)] == ["choice", "postal_code"]


@pytest.mark.parametrize("text", ["", None], ids=["empty", "no text"])
def test_a_message_without_words_has_none(
    extractor: KnowledgeEntityExtractor, text: str | None
) -> None:
    message = Message(data={TEXT: text})
    extractor.process([message])
    assert message.get(ENTITIES) is None


def test_messages_of_several_languages_go_side_by_side(
    extractor: KnowledgeEntityExtractor,
) -> None:
    pairs = [("da", "den anden"), ("en", "the second"), ("da", "den sidste")]
    messages = [Message(data={TEXT: text, METADATA: {"language": code}}) for code, text in pairs]
    extractor.process(messages)
    assert [message.get(ENTITIES)[0]["value"] for message in messages] == ["2", "2", "last"]


def test_a_changed_file_is_read_without_training(tmp_path: Path) -> None:
    path = tmp_path / "patterns.json"
    path.write_text(json.dumps(GENERATED), encoding="utf-8")
    extractor = KnowledgeEntityExtractor({"patterns": str(path)})
    assert found(extractor, "drømmebolig", "da") == []
    changed = json.loads(path.read_text(encoding="utf-8"))
    changed["languages"]["da"]["phrases"]["service"]["drommebolig"] = ["drømmebolig"]
    draft = tmp_path / "draft.json"
    draft.write_text(json.dumps(changed), encoding="utf-8")
    os.utime(draft, ns=(0, path.stat().st_mtime_ns + 1_000_000_000))
    draft.replace(path)
    assert found(extractor, "drømmebolig", "da") == [("service", "drommebolig", "drømmebolig")]
    assert found(extractor, "2200", "en") == [("postal_code", "2200", "2200")]
