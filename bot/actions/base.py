"""What every action has in common: it hears a message with its context and replies with data."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from conversations.assistant.port import Context
from conversations.models import Reply

_OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Heard:
    """A citizen's message as Rasa understood it."""

    text: str
    intent: str
    """The likeliest intent, before the story guard's change."""
    asked: str
    """The same if it is about the city at all, which the knowledge base knows better than Rasa."""
    confidence: float
    """The probability of ``asked``, then."""
    entities: Mapping[str, str]
    """The first value of each entity."""
    slots: Mapping[str, Any]
    context: Context
    conversation_id: str = ""
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """All values of each entity, in the order of the text."""

    @classmethod
    def of(cls, tracker: Tracker) -> Heard:
        """Raises ``KeyError`` if the gateway's context is missing: nothing else may talk here."""
        message = tracker.latest_message
        sent = dict(message["metadata"])
        sent["offered"] = tuple(sent["offered"])
        named: dict[str, tuple[str, ...]] = {}
        for entity in message.get("entities") or []:
            known = named.get(entity["entity"], ())
            named[entity["entity"]] = (*known, str(entity["value"]))
        intent = message.get("intent") or {}
        ranked = message.get("intent_ranking") or [intent]
        ranking = {item["name"]: item["confidence"] for item in ranked if item.get("name")}
        first = next(iter(ranking), "")
        outside = float(ranking.get(_OUT_OF_SCOPE, 0.0)) if first == _OUT_OF_SCOPE else 0.0
        asked = next((name for name in ranking if name != _OUT_OF_SCOPE), first)
        asked = asked if outside else first
        rest = 1.0 - outside
        return cls(
            text=str(message.get("text") or ""),
            intent=first,
            asked=asked,
            confidence=float(ranking.get(asked, 0.0)) / rest if rest > 0 else 0.0,
            entities={name: values[0] for name, values in named.items()},
            slots=tracker.slots,
            context=Context(**{name: sent[name] for name in Context.__dataclass_fields__}),
            conversation_id=str(tracker.sender_id or ""),
            named=named,
        )


def utter(dispatcher: CollectingDispatcher, replies: Iterable[Reply]) -> None:
    """The replies go out as ``custom`` payloads."""
    for reply in replies:
        data = {name: value for name, value in asdict(reply).items() if name != "key"}
        dispatcher.utter_message(json_message={"reply": reply.key, **data})


class ReplyAction(Action):
    """An action that says something and changes no slot."""

    action: ClassVar[str]
    """Its name in ``domain.yml``."""

    def name(self) -> str:
        return self.action

    @abstractmethod
    def reply(self, heard: Heard) -> Reply | list[Reply]:
        """What to say."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Rasa's interface."""
        replies = self.reply(Heard.of(tracker))
        utter(dispatcher, replies if isinstance(replies, list) else [replies])
        return []
