"""Hears danger in words that no phrase list foresees.

A logistic regression over folded words, pairs and character n-grams, one for all languages,
fitted at the start to ``knowledge/crisis/examples/`` against everyday questions. It is
deterministic, runs in this process and sees the message before any other model does.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from knowledge.catalogue import Catalogue
from knowledge.crisis.kinds import Danger
from knowledge.folding import fold, words
from knowledge.schema import Strict, Text

_LOOK_ALIKE_WEIGHT = 2.0
"""A harmless look-alike teaches more than a question about a parking permit."""
_DANGEROUS_EVENT = "violence_or_danger"
"""Services of this life event are asked about in words of danger: no example of harmlessness."""


class CrisisExamples(Strict):
    """``knowledge/crisis/examples/<lang>.yml``: messages as people write them."""

    danger: tuple[Text, ...]
    self_harm: tuple[Text, ...]
    violence: tuple[Text, ...]
    child: tuple[Text, ...]
    harmless: tuple[Text, ...]


def load_examples(folder: Path) -> list[CrisisExamples]:
    """The examples of every language in ``folder``."""
    return [
        CrisisExamples.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.yml"))
    ]


def everyday(catalogue: Catalogue) -> list[str]:
    """What citizens write when nobody is in danger: the catalogue's own phrasings."""
    texts: list[str] = []
    for service in catalogue.services.values():
        if _DANGEROUS_EVENT not in service.facts.life_events:
            for text in service.texts.values():
                texts += text.phrasings
    for event in catalogue.life_events.values():
        if event.id != _DANGEROUS_EVENT:
            for words_of_event in event.texts.values():
                texts += words_of_event.phrasings
    return texts


def _features(text: str) -> list[str]:
    """Words, pairs, and pairs with one word between ("took _ pills")."""
    said = words(text)
    pairs = [f"{a} {b}" for a, b in pairwise(said)]
    gaps = [f"{a} _ {b}" for a, b in zip(said, said[2:], strict=False)]
    return said + pairs + gaps


class CrisisClassifier:
    """How likely a message tells of danger, and of which kind."""

    def __init__(self, examples: Sequence[CrisisExamples], harmless: Sequence[str]) -> None:
        told = [
            (text, kind) for item in examples for kind in Danger for text in getattr(item, kind)
        ]
        look_alikes = [text for item in examples for text in item.harmless]
        texts = [text for text, _ in told] + look_alikes + list(harmless)
        self._words = TfidfVectorizer(analyzer=_features, sublinear_tf=True)
        self._characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), preprocessor=fold, sublinear_tf=True, min_df=2
        )
        matrix = self._join(self._words.fit_transform(texts), self._characters.fit_transform(texts))
        labels = np.zeros(len(texts), dtype=bool)
        labels[: len(told)] = True
        weights = np.ones(len(texts))
        weights[len(told) : len(told) + len(look_alikes)] = _LOOK_ALIKE_WEIGHT
        settings: dict[str, Any] = {"C": 10, "solver": "liblinear"}
        self._danger = LogisticRegression(**settings).fit(matrix, labels, sample_weight=weights)
        # The kind is asked only of dangerous messages, so only those teach it.
        self._kinds = {
            kind: LogisticRegression(**settings).fit(
                matrix[: len(told)], np.array([label is kind for _, label in told])
            )
            for kind in Danger
        }

    @staticmethod
    def _join(words_part: Any, characters_part: Any) -> csr_matrix:
        return csr_matrix(hstack([words_part, characters_part], format="csr"))

    def judge(self, text: str) -> tuple[float, Danger]:
        """The probability of danger, 0 to 1, and its likeliest kind."""
        row = self._join(self._words.transform([text]), self._characters.transform([text]))
        probability = float(self._danger.predict_proba(row)[0, 1])
        scores = {kind: float(m.decision_function(row)[0]) for kind, m in self._kinds.items()}
        return probability, max(Danger, key=lambda kind: scores[kind])
