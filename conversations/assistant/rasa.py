"""The dialogue engine behind the process wall: Rasa's REST channel on loopback."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import httpx
import structlog

from conversations.assistant.port import AssistantUnavailable, Context
from conversations.models import Reply

log = structlog.get_logger(__name__)

BOOKING = "book:"
"""What the codes of all choices within a booking begin with."""


def escape(text: str) -> str:
    """A citizen's text without the leading slashes that would bypass language understanding.

    Rasa reads ``/intent{"entity": "value"}`` as a finished understanding of the message, so
    that ``/restart`` would undo what the conversation has decided.
    """
    return text.lstrip("/ \t\n") or "?"


def to_reply(payload: dict[str, Any]) -> Reply | None:
    """A Rasa ``custom`` payload as a reply; None for one that is not ours."""
    key = payload.get("reply")
    if not isinstance(key, str):
        return None
    return Reply(
        key=key,
        values=dict(payload.get("values") or {}),
        service=payload.get("service"),
        aspect=payload.get("aspect"),
        candidates=tuple(payload.get("candidates") or ()),
        choices=tuple(payload.get("choices") or ()),
    )


def _command(choice: str) -> str:
    """A picked choice as a finished understanding.

    Those of a booking lead into it wherever the dialogue stands, also when it has forgotten.
    """
    intent = "book" if choice.startswith(BOOKING) else "choose"
    return f"/{intent}{json.dumps({'choice': choice})}"


class RasaAssistant:
    """Talks to ``rasa run``. ``timeout`` is in seconds and covers the whole answer."""

    def __init__(self, client: httpx.AsyncClient, timeout: float) -> None:
        self._client = client
        self._timeout = timeout

    async def respond(
        self, conversation_id: str, text: str, choice: str | None, context: Context
    ) -> list[Reply]:
        message = escape(text) if choice is None else _command(choice)
        body = {"sender": conversation_id, "message": message, "metadata": asdict(context)}
        try:
            answer = await self._client.post(
                "/webhooks/rest/webhook", json=body, timeout=self._timeout
            )
            answer.raise_for_status()
            items = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise AssistantUnavailable(type(error).__name__) from error
        payloads = [item.get("custom") or {} for item in items if isinstance(item, dict)]
        replies = [reply for reply in map(to_reply, payloads) if reply is not None]
        if not replies:
            log.warning("dialogue_said_nothing", conversation=conversation_id)
            raise AssistantUnavailable("no reply")
        return replies

    async def ready(self) -> bool:
        try:
            answer = await self._client.get("/", timeout=2.0)
        except httpx.HTTPError:
            return False
        return answer.is_success
