"""What every action has in common: its context comes with the message, its reply is data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from conversations.assistant.port import Context
from conversations.models import Reply


def context_of(tracker: Tracker) -> Context:
    """What the gateway sent along with the message.

    Raises ``KeyError`` if it did not: nothing else may talk to the dialogue.
    """
    sent = dict(tracker.latest_message["metadata"])
    sent["offered"] = tuple(sent["offered"])
    return Context(**{name: sent[name] for name in Context.__dataclass_fields__})


def text_of(tracker: Tracker) -> str:
    """The citizen's words."""
    return str(tracker.latest_message.get("text") or "")


def intent_of(tracker: Tracker) -> tuple[str, float]:
    """The intent and its probability."""
    intent = tracker.latest_message.get("intent") or {}
    return str(intent.get("name") or ""), float(intent.get("confidence") or 0.0)


def entity_of(tracker: Tracker, name: str) -> str | None:
    """The first value of an entity in the message."""
    value = next(tracker.get_latest_entity_values(name), None)
    return str(value) if value is not None else None


def say(dispatcher: CollectingDispatcher, *replies: Reply) -> list[dict[str, Any]]:
    """Put the replies in the answer; an action returns the (empty) list of events."""
    for reply in replies:
        data = {name: value for name, value in asdict(reply).items() if name != "key"}
        dispatcher.utter_message(json_message={"reply": reply.key, **data})
    return []
