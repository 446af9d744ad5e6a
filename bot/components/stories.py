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
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from knowledge.folding import words


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class StoryGuard(GraphComponent):
    """``short_intents`` told in more than ``max_words`` words, or doubtful, become ``instead``.

    ``max_words_of`` and ``min_confidence_of`` are the limits of single intents.
    """

    def __init__(self, config: Dict[Text, Any]) -> None:
        self._short = frozenset(config["short_intents"])
        self._max_words = int(config["max_words"])
        self._min_confidence = float(config["min_confidence"])
        self._instead = config["instead"]
        self._words_of: Mapping[Text, int] = config["max_words_of"]
        self._confidence_of: Mapping[Text, float] = config["min_confidence_of"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "short_intents": [],
            "max_words": 9,
            "min_confidence": 0.3,
            "instead": "ask_service",
            "max_words_of": {},
            "min_confidence_of": {},
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
            text = message.get(TEXT) or ""
            name = intent.get("name")
            least = self._confidence_of.get(name, self._min_confidence)
            doubtful = intent.get("confidence", 1.0) < least
            long = len(words(text)) > self._words_of.get(name, self._max_words)
            if name in self._short and (long or doubtful):
                changed = {**intent, "name": self._instead}
                message.set(INTENT, changed, add_to_output=True)
        return messages
