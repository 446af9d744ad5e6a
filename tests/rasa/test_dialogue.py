"""The trained policies, over test stories and turn by turn."""
# ruff: noqa: E402

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

assert sys.version_info < (3, 11)  # Rasa's Python; the gateway's type checker stops here

import pytest
import yaml
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.tracker_store import ShortTrackerStore
from tests.rasa.conftest import ROOT

MODEL = ROOT / "models" / "borgerguide.tar.gz"
STORIES = Path(__file__).parent / "test_stories.yml"
MAX_TURNS = 4


def stories() -> list[dict[str, Any]]:
    return list(yaml.safe_load(STORIES.read_text(encoding="utf-8"))["stories"])


def steps(kind: str) -> set[str]:
    return {step[kind] for story in stories() for step in story["steps"] if kind in step}


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    """The model with the tracker store in use, cut very short."""
    domain = Domain.load(str(ROOT / "domain.yml"))
    store = ShortTrackerStore(domain, max_turns=MAX_TURNS)
    remote = RemoteAction.run

    async def run(self: RemoteAction, *args: Any, **kwargs: Any) -> list[Event]:
        # There is no action server here; without this one a conversation never begins.
        if self.name() == "action_session_start":
            return [SessionStarted(), ActionExecuted("action_listen")]
        return list(await remote(self, *args, **kwargs))

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(RemoteAction, "run", run)
        yield Agent.load(str(MODEL), tracker_store=store)


def say(agent: Agent, sender: str, text: str) -> list[str]:
    """The keys of the replies."""
    answers = asyncio.run(agent.handle_message(UserMessage(text, sender_id=sender)))
    return [answer["custom"]["reply"] for answer in answers or []]


def tracker_of(agent: Agent, sender: str) -> DialogueStateTracker:
    tracker = asyncio.run(agent.tracker_store.retrieve(sender))
    assert tracker is not None
    return tracker


@pytest.mark.parametrize("flags", [(), ("--e2e",)], ids=["policies alone", "with understanding"])
def test_every_story_goes_as_written(
    rasa_command: Callable[..., int], tmp_path: Path, flags: tuple[str, ...]
) -> None:
    code = rasa_command(
        "test", "core", "--model", MODEL, "--stories", STORIES, "--out", tmp_path,
        "--no-plot", "--fail-on-prediction-errors", *flags,
    )  # fmt: skip
    report = json.loads((tmp_path / "story_report.json").read_text())
    assert code == 0
    assert report["conversation_accuracy"]["correct"] == len(stories())


def test_a_story_that_goes_otherwise_fails(
    rasa_command: Callable[..., int], tmp_path: Path
) -> None:
    wrong = tmp_path / "test_wrong.yml"
    story = {"story": "wrong", "steps": [{"intent": "greet"}, {"action": "utter_bye"}]}
    wrong.write_text(yaml.safe_dump({"version": "3.1", "stories": [story]}))
    assert rasa_command(
        "test", "core", "--model", MODEL, "--stories", wrong, "--out", tmp_path / "out",
        "--no-plot", "--fail-on-prediction-errors",
    )  # fmt: skip


def test_the_stories_take_every_path() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    # What asks for a slot is said by the form itself, and so is what checks one; a session starts
    # by itself.
    slots = [slot for form in domain["forms"].values() for slot in form["required_slots"]]
    asked_by_form = {f"{kind}_ask_{slot}" for kind in ("utter", "action") for slot in slots}
    asked_by_form |= {f"validate_{form}" for form in domain["forms"]} | {"action_session_start"}
    actions = {*domain["actions"], *domain["responses"], *domain["forms"]} - asked_by_form
    assert steps("intent") == set(domain["intents"])
    assert steps("action") == actions | {"action_deactivate_loop"}


def test_every_response_is_a_key_and_no_words(agent: Agent) -> None:
    assert agent.domain is not None
    for name, variations in agent.domain.responses.items():
        assert len(variations) == 1, name
        assert variations[0]["custom"]["reply"], name
        assert "text" not in variations[0], name


@pytest.mark.parametrize("intent", [None, "teleport"], ids=["none", "one without a rule"])
def test_what_no_rule_answers_is_a_question_to_the_knowledge_base(
    agent: Agent, intent: str | None
) -> None:
    assert agent.domain is not None
    assert agent.processor is not None
    said = UserUttered("?!", intent={"name": intent, "confidence": 0.2})
    tracker = DialogueStateTracker.from_events(
        "fallback", [ActionExecuted("action_listen"), said], slots=agent.domain.slots
    )
    prediction = agent.processor._predict_next_with_tracker(tracker)
    name = agent.domain.action_names_or_texts[prediction.max_confidence_index]
    assert name == "action_answer"


def test_an_open_form_outlives_the_cut_and_asks_again(agent: Agent) -> None:
    assert say(agent, "form", "/which_district") == ["ask_area"]
    for _ in range(3 * MAX_TURNS):
        assert say(agent, "form", "/privacy") == ["privacy", "ask_area"]
    assert tracker_of(agent, "form").active_loop_name == "area_form"
    assert tracker_of(agent, "form").get_slot("area_question") == "district"
    assert say(agent, "form", "/cancel") == ["cancelled"]
    assert tracker_of(agent, "form").active_loop_name is None
    assert say(agent, "form", "/privacy") == ["privacy"]


def test_a_long_conversation_is_understood_as_a_new_one(agent: Agent) -> None:
    for _ in range(5 * MAX_TURNS):
        assert say(agent, "long", "/greet") == ["greet"]
        assert say(agent, "long", "/bye") == ["bye"]
    said = [e for e in tracker_of(agent, "long").events if isinstance(e, UserUttered)]
    assert len(said) == MAX_TURNS
