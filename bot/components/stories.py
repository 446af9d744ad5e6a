"""A long message is a story about something, however much it sounds like "yes" or "hello".

Dialogue acts are short. When a long message looks like one, it is handed to the knowledge base;
the ranking of intents stays as it was, so that the action can still see what was heard first.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from knowledge.folding import words


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class StoryGuard(GraphComponent):
    """``short_intents`` told in more than ``max_words`` words, or doubtful, become ``instead``.

    ``max_words_of`` and ``min_confidence_of`` are the limits of single intents. The ``talk`` among
    them, which the action can still answer when no service fits, must be surer: than
    ``talk_confidence`` from ``talk_words`` words on, than ``naming_confidence`` when a service is
    named, but for those that ``may_name`` one: a person is asked for about something.
    """

    def __init__(self, config: Dict[Text, Any]) -> None:
        self._short = frozenset(config["short_intents"])
        self._max_words = int(config["max_words"])
        self._min_confidence = float(config["min_confidence"])
        self._instead = config["instead"]
        self._words_of: Mapping[Text, int] = config["max_words_of"]
        self._confidence_of: Mapping[Text, float] = config["min_confidence_of"]
        self._talk = frozenset(config["talk"])
        self._talk_words = int(config["talk_words"])
        self._talk_confidence = float(config["talk_confidence"])
        self._naming_confidence = float(config["naming_confidence"])
        self._may_name = frozenset(config["may_name"])

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "short_intents": [],
            "max_words": 9,
            "min_confidence": 0.3,
            "instead": "ask_service",
            "max_words_of": {},
            "min_confidence_of": {},
            "talk": [],
            "talk_words": 5,
            "talk_confidence": 0.6,
            "naming_confidence": 0.85,
            "may_name": [],
        }

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> StoryGuard:
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        """Change the intent where a long message was taken for a dialogue act."""
        for message in messages:
            intent = message.get(INTENT) or {}
            name = intent.get("name")
            if name in self._short and self._is_story(message, name, intent.get("confidence", 1.0)):
                changed = {**intent, "name": self._instead}
                message.set(INTENT, changed, add_to_output=True)
        return messages

    def _is_story(self, message: Message, intent: Text, confidence: float) -> bool:
        said = len(words(message.get(TEXT) or ""))
        if said > self._words_of.get(intent, self._max_words):
            return True
        if confidence < self._confidence_of.get(intent, self._min_confidence):
            return True
        if intent not in self._talk:
            return False
        if said >= self._talk_words and confidence < self._talk_confidence:
            return True
        named = {entity["entity"] for entity in message.get(ENTITIES) or []}
        wary = "service" in named and intent not in self._may_name
        return wary and confidence < self._naming_confidence
