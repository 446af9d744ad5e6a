"""Rasa's way back in, and nobody else's."""

from __future__ import annotations

import dataclasses
from typing import Any

import httpx
import pytest

from conversations.assistant.port import Context

URL = "/internal/actions"
TOKEN = {"Authorization": "Bearer test"}
CONTEXT = Context(
    language="da",
    channel="web",
    service=None,
    aspect=None,
    offered=(),
    last_reply=None,
    failures=0,
)


def call(action: str, text: str = "forny pas voksen", **context: Any) -> dict[str, Any]:
    """What Rasa sends: the smallest tracker that an action can work on."""
    metadata = dataclasses.asdict(dataclasses.replace(CONTEXT, **context))
    message = {
        "text": text,
        "intent": {"name": "ask_service", "confidence": 0.9},
        "intent_ranking": [{"name": "ask_service", "confidence": 0.9}],
        "entities": [],
        "metadata": metadata,
    }
    tracker = {
        "sender_id": "c1",
        "slots": {},
        "latest_message": message,
        "events": [{"event": "user", "text": text, "parse_data": message, "metadata": metadata}],
        "paused": False,
        "latest_input_channel": "rest",
        "active_loop": {},
        "latest_action_name": "action_listen",
    }
    return {
        "next_action": action,
        "sender_id": "c1",
        "tracker": tracker,
        "domain": {"intents": ["ask_service"], "actions": [action]},
        "version": "3.6.21",
    }


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer testx"},
        {"Authorization": "Basic test"},
        {"Authorization": "test"},
    ],
)
async def test_without_the_token_there_is_nothing_there(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.post(URL, json=call("action_answer"), headers=headers)
    nothing = await client.get("/internal/nothing", headers=headers)
    assert (answer.status_code, answer.json()) == (404, nothing.json())


async def test_a_token_beyond_ascii_is_only_wrong(client: httpx.AsyncClient) -> None:
    answer = await client.post(URL, headers={b"authorization": b"Bearer t\xe6st"})
    assert answer.status_code == 404


async def test_with_the_token_an_action_answers(client: httpx.AsyncClient) -> None:
    answer = await client.post(URL, json=call("action_answer"), headers=TOKEN)
    assert answer.status_code == 200
    body = answer.json()
    assert body["events"] == []
    (response,) = body["responses"]
    said = response["custom"]
    assert said["reply"] in {"service", "candidates"}
    assert "pas-voksen" in {said["service"], *said["candidates"]}


async def test_the_answer_holds_no_words_of_the_citizen(client: httpx.AsyncClient) -> None:
    text = "forny pas voksen zebrafinken"
    answer = await client.post(URL, json=call("action_answer", text), headers=TOKEN)
    assert "zebrafinken" not in answer.text


async def test_a_long_tracker_is_not_too_large(client: httpx.AsyncClient) -> None:
    body = call("action_answer")
    body["tracker"]["events"] *= 1000
    answer = await client.post(URL, json=body, headers=TOKEN)
    assert len(answer.request.content) > 64 * 1024
    assert answer.status_code == 200


async def test_an_unknown_action_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.post(URL, json=call("action_nothing"), headers=TOKEN)
    assert answer.status_code == 404


async def test_it_is_not_in_the_public_description(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert "/api/web/conversations" in paths
    assert not any(path.startswith("/internal") for path in paths)
