"""The trained model on messages that it was not trained with."""
# ruff: noqa: E402

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

assert sys.version_info < (3, 11)  # Rasa's Python; the gateway's type checker stops here

import pytest
import yaml
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from tests.rasa import nlu_report
from tests.rasa.conftest import ROOT

MACRO_F1 = 0.80
MESSAGES = {"da": 401, "en": 401}
"""The least to measure on; 300 in the other languages."""
TABLE = yaml.safe_load((Path(__file__).parent / "utterances.yml").read_text(encoding="utf-8"))
CASES = [
    pytest.param(
        language,
        text,
        expected["intent"] if isinstance(expected, dict) else expected,
        id=f"{language}: {text}",
        marks=[pytest.mark.xfail(reason=expected["bug"], strict=True)]
        if isinstance(expected, dict)
        else [],
    )
    for language, utterances in TABLE.items()
    for text, expected in utterances.items()
]


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield Agent.load(str(nlu_report.MODEL))


@pytest.fixture(scope="module")
def measured() -> dict[str, nlu_report.Result]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        results = nlu_report.report(ROOT / "results" / "nlu")
    return {result.language: result for result in results}


def parse(agent: Agent, text: str, language: str) -> dict[str, Any]:
    assert agent.processor is not None
    message = UserMessage(text, metadata={"language": language})
    return dict(asyncio.run(agent.processor.parse_message(message)))


@pytest.mark.parametrize(("language", "text", "intent"), CASES)
def test_a_clear_message_is_understood(agent: Agent, language: str, text: str, intent: str) -> None:
    assert parse(agent, text, language)["intent"]["name"] == intent


@pytest.mark.parametrize(
    ("text", "language", "entity", "value"),
    [
        ("jeg bor i 2300", "da", "postal_code", "2300"),
        ("near noerrebro", "en", "district", "noerrebro"),
        ("den anden", "da", "ordinal", "2"),
        ("the second one", "en", "ordinal", "2"),
        ("på engelsk tak", "da", "language", "en"),
        ("jeg skal have nyt pas", "da", "service", "pas-voksen"),
    ],
)
def test_the_model_extracts(
    agent: Agent, text: str, language: str, entity: str, value: str
) -> None:
    found = parse(agent, text, language)["entities"]
    assert (entity, value) in [(item["entity"], item["value"]) for item in found]


def test_the_spelling_of_danish_letters_does_not_matter(agent: Agent) -> None:
    spellings = ["hvad koster et kørekort", "hvad koster et koerekort", "HVAD KOSTER ET KØREKORT"]
    parsed = [parse(agent, text, "da")["intent"] for text in spellings]
    assert len({(item["name"], round(item["confidence"], 6)) for item in parsed}) == 1


def test_a_choice_from_the_gateway_carries_its_code(agent: Agent) -> None:
    parsed = parse(agent, '/choose{"choice": "service:pas-voksen"}', "da")
    assert parsed["intent"]["name"] == "choose"
    assert [(e["entity"], e["value"]) for e in parsed["entities"]] == [
        ("choice", "service:pas-voksen")
    ]


@pytest.mark.parametrize("text", ["?", "👋", "....", "1", "𝔥𝔢𝔧", "x" * 2000])
def test_any_message_gets_an_intent(agent: Agent, text: str) -> None:
    parsed = parse(agent, text, "da")
    assert agent.domain is not None
    assert parsed["intent"]["name"] in agent.domain.intents
    assert 0 <= parsed["intent"]["confidence"] <= 1


@pytest.mark.parametrize("language", nlu_report.LANGUAGES)
def test_held_out_messages_are_understood(
    measured: dict[str, nlu_report.Result], language: str
) -> None:
    result = measured[language]
    print(f"{language}: macro F1 {result.macro_f1:.3f}", result.confusions.most_common(8))
    assert result.messages >= MESSAGES.get(language, 300)
    assert result.macro_f1 >= MACRO_F1


def test_the_report_counts_every_error(measured: dict[str, nlu_report.Result]) -> None:
    text = (ROOT / "results" / "nlu" / "confusions.md").read_text(encoding="utf-8")
    for result in measured.values():
        assert result.confusions.total() == len(result.errors)
        assert f"{result.language}: macro F1 {result.macro_f1:.3f}" in text
