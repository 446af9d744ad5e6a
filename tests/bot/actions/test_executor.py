"""The action server has exactly the actions that the domain and the rules name."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException

from conversations.rendering.replies import load_replies
from knowledge.catalogue import Catalogue
from settings import ROOT

_DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))


def rule_actions() -> set[str]:
    return {
        step["action"]
        for path in (ROOT / "bot" / "data" / "rules").glob("*.yml")
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
        for step in rule["steps"]
        if "action" in step
    }


def test_every_action_of_the_domain_is_registered_and_no_other(executor: ActionExecutor) -> None:
    assert set(executor.actions) == set(_DOMAIN["actions"])


def test_every_action_is_in_a_rule_or_called_by_a_form() -> None:
    own = {name for name in rule_actions() if name in _DOMAIN["actions"]}
    by_rasa = {"action_session_start"} | {f"validate_{form}" for form in _DOMAIN["forms"]}
    for form in _DOMAIN["forms"].values():
        by_rasa |= {f"action_ask_{slot}" for slot in form["required_slots"]}
    assert own | (by_rasa & set(_DOMAIN["actions"])) == set(_DOMAIN["actions"])


def test_every_response_has_words_in_every_language(catalogue: Catalogue) -> None:
    replies = load_replies(ROOT / "bot" / "replies", catalogue.language_codes)
    for variations in _DOMAIN["responses"].values():
        for variation in variations:
            for language in catalogue.language_codes:
                values = {"services": 1, "days": 1, "phone": "", "booking_url": ""}
                assert replies.text(variation["custom"]["reply"], language, values)


async def test_an_unknown_action_is_refused(executor: ActionExecutor) -> None:
    tracker = {"sender_id": "a", "slots": {}, "latest_message": {}, "events": []}
    call = {"next_action": "action_teleport", "tracker": tracker, "domain": {}, "sender_id": "a"}
    with pytest.raises(ActionNotFoundException):
        await executor.run(call)


async def test_a_message_that_did_not_come_through_the_gateway_is_refused(
    executor: ActionExecutor,
) -> None:
    message = {"text": "hej", "intent": {}, "entities": [], "metadata": {}}
    tracker = {"sender_id": "a", "slots": {}, "latest_message": message, "events": []}
    call = {"next_action": "action_human", "tracker": tracker, "domain": {}, "sender_id": "a"}
    with pytest.raises(KeyError):
        await executor.run(call)
