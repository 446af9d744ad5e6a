"""The action server with the real knowledge, called as Rasa calls it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from pydantic import SecretStr
from rasa_sdk.executor import ActionExecutor

from app import build_renderer
from bot.actions.answering import Answering
from bot.actions.executor import build_executor
from conversations.assistant.port import Context
from conversations.assistant.rasa import to_reply
from conversations.models import Reply
from conversations.rendering.renderer import Renderer
from knowledge.live import LiveKnowledge
from knowledge.scope import Scope
from settings import Settings

Act = Callable[..., list[Reply]]


def context(**changes: Any) -> Context:
    """A conversation in Danish in which nothing has been said, but for ``changes``."""
    fresh: dict[str, Any] = {
        "language": "da",
        "channel": "web",
        "service": None,
        "aspect": None,
        "offered": (),
        "last_reply": None,
        "failures": 0,
    }
    return Context(**{**fresh, **changes})


@pytest.fixture(scope="session")
def answers(live: LiveKnowledge, scope: Scope) -> Answering:
    return Answering(live.catalogue, live.search, scope)


@pytest.fixture(scope="session")
def executor(live: LiveKnowledge, scope: Scope) -> ActionExecutor:
    return build_executor(live.catalogue, live.search, scope)


@pytest.fixture(scope="session")
def renderer(live: LiveKnowledge) -> Renderer:
    return build_renderer(Settings(internal_token=SecretStr("test")), live)


@pytest.fixture(scope="session")
def sayable(renderer: Renderer, live: LiveKnowledge) -> Callable[[Reply], Reply]:
    """Checks that the gateway can put a reply into words, in every language."""

    def check(reply: Reply) -> Reply:
        for language in live.catalogue().language_codes:
            assert renderer.render(reply, language).text
        return reply

    return check


@pytest.fixture
def act(executor: ActionExecutor, sayable: Callable[[Reply], Reply]) -> Act:
    """Runs an action by name; its replies, each of which can be said in every language."""

    def run(
        action: str,
        text: str = "",
        *,
        intent: str = "ask_service",
        entities: dict[str, str] | None = None,
        slots: dict[str, Any] | None = None,
        **changes: Any,
    ) -> list[Reply]:
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": 0.9},
            "intent_ranking": [{"name": intent, "confidence": 0.9}],
            "entities": [{"entity": k, "value": v} for k, v in (entities or {}).items()],
            # JSON has no tuples: what Rasa sends back is a list.
            "metadata": {**asdict(context(**changes)), "offered": list(changes.get("offered", ()))},
        }
        tracker = {
            "sender_id": "citizen",
            "slots": slots or {},
            "latest_message": message,
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": None,
        }
        call = {"next_action": action, "sender_id": "citizen", "tracker": tracker, "domain": {}}
        result = asyncio.run(_run(executor, call))
        replies = [to_reply(response["custom"]) for response in result["responses"]]
        return [sayable(reply) for reply in replies if reply is not None]

    return run


async def _run(executor: ActionExecutor, call: dict[str, Any]) -> dict[str, Any]:
    result = await executor.run(call)
    assert result is not None
    return dict(result.model_dump() if hasattr(result, "model_dump") else result)
