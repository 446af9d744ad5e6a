"""Finds what the knowledge base names in a message: services, districts, places, codes, dates.

One blank spaCy pipeline per language; the patterns are generated from the knowledge base
(``python -m bot.entity_patterns``) and read again when that file changes, without training.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Text, Tuple

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.language import Language
from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import compile_infix_regex, compile_suffix_regex, filter_spans

from knowledge.folding import fold

_NUMERIC_DATE = re.compile(
    r"(?<!\d)(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?)(?!\d)"
)
_APOSTROPHES = str.maketrans("’ʼ‘", "'''")
_VALUE = "\x1f"
"""Between label and value in a match id: spaCy's ids are plain strings."""


class LanguageExtractor:
    """The matchers of one language, over folded tokens."""

    def __init__(self, code: Text, patterns: Dict[Text, Any]) -> None:
        self._nlp = _blank(code)
        # "7-årig" is a number and a unit, "Brønshøj-Husum" two places: split at these and slashes.
        # Turkish puts endings behind an apostrophe: "Valby'de". And a full stop is one behind a
        # number and an abbreviation too, where spaCy's own rules differ by language.
        tokenizer = self._nlp.tokenizer
        infixes = [*self._nlp.Defaults.infixes, r"(?<=\w)[-'](?=\w)", r"(?<=[^\W\d])/(?=[^\W\d])"]
        tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
        suffixes = [*self._nlp.Defaults.suffixes, r"(?<=\w)\."]
        tokenizer.suffix_search = compile_suffix_regex(suffixes).search
        tokenizer.token_match = None
        tokenizer.rules = {}
        self._phrases = PhraseMatcher(self._nlp.vocab, attr="NORM")
        for label, values in patterns["phrases"].items():
            for value, names in values.items():
                docs = [self._doc(name) for name in names]
                self._phrases.add(f"{label}{_VALUE}{value}", docs)
        self._capitals = frozenset(patterns["capitals"])
        self._tokens = Matcher(self._nlp.vocab)
        # Denmark's begin with 1 to 9; \d takes Eastern Arabic digits too.
        postal_code = r"^(?![0\u0660\u06f0])\d{4}$"
        self._tokens.add("postal_code", [[{"TEXT": {"REGEX": postal_code}}]])
        number = {"TEXT": {"REGEX": r"^\d{1,3}$"}}
        units = {"NORM": {"IN": patterns["age_units"]}}
        # "7-årig"; Romanian counts years with "de" from twenty on.
        between = {"LOWER": {"IN": ["-", "de"]}, "OP": "?"}
        self._tokens.add("age", [[number, between, units]])
        months = {"NORM": {"IN": patterns["months"]}}
        day = {"TEXT": {"REGEX": r"^\d{1,2}(\.|st|nd|rd|th)?$"}}
        year = {"TEXT": {"REGEX": r"^\d{4}$"}, "OP": "?"}
        dot = {"TEXT": {"IN": [".", ","]}, "OP": "?"}
        self._tokens.add("date", [[day, dot, months, dot, year], [months, day, dot, year]])

    def _doc(self, text: Text) -> Doc:
        doc = self._nlp.make_doc(text.translate(_APOSTROPHES))
        for token in doc:
            token.norm_ = fold(token.text)
        return doc

    def extract(self, text: Text) -> Iterable[Tuple[Text, Text, Span]]:
        """``(entity, value, span)`` for each longest match, in the order of the text."""
        doc = self._doc(text)
        spans = []
        for matcher in (self._phrases, self._tokens):
            for match_id, start, end in matcher(doc):
                span = Span(doc, start, end, label=match_id)
                if span.text.isupper() or fold(span.text) not in self._capitals:
                    spans.append(span)
        for match in _NUMERIC_DATE.finditer(text):
            span = doc.char_span(*match.span(), label="date", alignment_mode="expand")
            if span is not None:
                spans.append(span)
        for span in filter_spans(spans):
            label, _, value = span.label_.partition(_VALUE)
            yield label, value or span.text, span


def _blank(code: Text) -> Language:
    try:
        return spacy.blank(code)
    except ImportError:
        return spacy.blank("xx")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class KnowledgeEntityExtractor(GraphComponent):
    """Rasa's face of the extractors. ``patterns`` is the path of the generated file."""

    def __init__(self, config: Dict[Text, Any]) -> None:
        self._path = Path(config["patterns"])
        self._read: Optional[float] = None
        self._languages: Dict[Text, LanguageExtractor] = {}
        self._default = ""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"patterns": "var/entity_patterns.json"}

    @staticmethod
    def required_packages() -> List[Text]:
        return ["spacy"]

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> KnowledgeEntityExtractor:
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing is learned from entities, so training needs none."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the entities of each message, in the language of its metadata."""
        self._refresh()
        for message in messages:
            text = message.get(TEXT)
            # A finished understanding ("/choose{...}") carries its own entities.
            if not text or text.startswith("/"):
                continue
            language = (message.get(METADATA) or {}).get("language", self._default)
            extractor = self._languages.get(language) or self._languages[self._default]
            found = [
                {
                    "entity": label,
                    "value": value,
                    "start": span.start_char,
                    "end": span.end_char,
                    "extractor": type(self).__name__,
                }
                for label, value, span in extractor.extract(text)
            ]
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def _refresh(self) -> None:
        stamp = self._path.stat().st_mtime
        if stamp == self._read:
            return
        content = json.loads(self._path.read_text(encoding="utf-8"))
        self._languages = {
            code: LanguageExtractor(code, patterns)
            for code, patterns in content["languages"].items()
        }
        self._default = content["default"]
        self._read = stamp
