"""Which dialogue acts the story guard hands to the knowledge base, with the limits in use."""
# ruff: noqa: E402

from __future__ import annotations

import sys
from typing import Any

assert sys.version_info < (3, 11)  # Rasa's Python; the gateway's type checker stops here

import pytest
import yaml
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.stories import StoryGuard
from tests.rasa.conftest import ROOT

PIPELINE = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
STORY = "ask_service"


@pytest.fixture(scope="module")
def guard() -> StoryGuard:
    (used,) = (part for part in PIPELINE if part["name"].endswith("StoryGuard"))
    return StoryGuard({**StoryGuard.get_default_config(), **used})


def heard(guard: StoryGuard, text: str, intent: str, confidence: float, *named: str) -> Any:
    message = Message(
        data={
            TEXT: text,
            INTENT: {"name": intent, "confidence": confidence},
            ENTITIES: [{"entity": entity} for entity in named],
        }
    )
    guard.process([message])
    return message.get(INTENT)


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("en to tre fire fem seks syv otte ni ti", "affirm", 0.99),
        ("hej jeg har et lille spørgsmål", "greet", 0.99),
        ("måske", "thanks", 0.29),
        ("flyt den", "booking_move", 0.59),
        ("hvem ved hvad de gør", "privacy", 0.59),
        ("hvem ved hvad de gør ved min bil", "human", 0.59),
    ],
)
def test_a_long_or_doubtful_act_is_a_story(
    guard: StoryGuard, text: str, intent: str, confidence: float
) -> None:
    assert heard(guard, text, intent, confidence) == {"name": STORY, "confidence": confidence}


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("en to tre fire fem seks syv otte ni", "affirm", 0.99),
        ("hej med dig du gode", "greet", 0.61),
        ("hvem er du", "who_are_you", 0.46),
        ("jeg vil tale med et menneske nu", "human", 0.61),
        ("hvem ved hvad de gør", "out_of_scope", 0.2),
        ("hvad koster det så i alt for mig og min kone og vores to børn", "ask_cost", 0.2),
    ],
)
def test_a_short_and_sure_act_stays_and_so_does_any_question(
    guard: StoryGuard, text: str, intent: str, confidence: float
) -> None:
    assert heard(guard, text, intent, confidence)["name"] == intent


def test_small_talk_that_names_a_service_must_be_very_sure(guard: StoryGuard) -> None:
    text = "super med pas"
    assert heard(guard, text, "feedback_positive", 0.8)["name"] == "feedback_positive"
    assert heard(guard, text, "feedback_positive", 0.8, "service")["name"] == STORY
    assert heard(guard, text, "feedback_positive", 0.9, "service")["name"] == "feedback_positive"
    # A person is asked for about something.
    assert heard(guard, text, "human", 0.8, "service")["name"] == "human"
    # A place or a language is no service, and a correction names one as a rule.
    assert heard(guard, text, "feedback_positive", 0.8, "language")["name"] == "feedback_positive"
    assert heard(guard, text, "correct", 0.8, "service")["name"] == "correct"


def test_a_message_without_an_intent_passes(guard: StoryGuard) -> None:
    message = Message(data={TEXT: "", INTENT: None})
    assert guard.process([message]) == [message]
    assert message.get(INTENT) is None
