"""Hears danger in words that no phrase list foresees.

A logistic regression over folded words, pairs and parts of words, one for all languages,
fitted to ``knowledge/crisis/examples/`` against everyday questions. It is
deterministic, runs in this process and sees the message before any other model does.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from knowledge.catalogue import Catalogue
from knowledge.crisis.files import read
from knowledge.crisis.kinds import Danger
from knowledge.features import Features, Recipe
from knowledge.fitted import Arrays
from knowledge.folding import words
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
    return [CrisisExamples.model_validate(read(path)) for path in sorted(folder.glob("*.yml"))]


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


def _word_features(text: str) -> list[str]:
    """Words, pairs, and pairs with one word between ("took _ pills")."""
    said = words(text)
    pairs = [f"{a} {b}" for a, b in pairwise(said)]
    gaps = [f"{a} _ {b}" for a, b in zip(said, said[2:], strict=False)]
    return said + pairs + gaps


_RECIPE = Recipe(_word_features, parts=(3, 5), dtype=np.float64)


def learn(examples: Sequence[CrisisExamples], harmless: Sequence[str]) -> Arrays:
    """What a :class:`CrisisClassifier` needs to know: one judge of danger, one of each kind."""
    told = [(text, kind) for item in examples for kind in Danger for text in getattr(item, kind)]
    look_alikes = [text for item in examples for text in item.harmless]
    texts = [text for text, _ in told] + look_alikes + list(harmless)
    features, vectors = Features.fit(_RECIPE, texts)
    labels = np.zeros(len(texts), dtype=bool)
    labels[: len(told)] = True
    weights = np.ones(len(texts))
    weights[len(told) : len(told) + len(look_alikes)] = _LOOK_ALIKE_WEIGHT
    settings: dict[str, Any] = {"C": 10, "solver": "liblinear"}
    judges = [LogisticRegression(**settings).fit(vectors.whole, labels, sample_weight=weights)]
    # The kind is asked only of dangerous messages, so only those teach it.
    dangerous = vectors.whole[: len(told)]
    for kind in Danger:
        is_kind = np.array([label is kind for _, label in told])
        judges.append(LogisticRegression(**settings).fit(dangerous, is_kind))
    return {
        **features.learned(),
        "weights": np.column_stack([judge.coef_[0] for judge in judges]),
        "bias": np.concatenate([judge.intercept_ for judge in judges]),
    }


class CrisisClassifier:
    """How likely a message tells of danger, and of which kind."""

    def __init__(self, learned: Arrays) -> None:
        """``learned`` comes from :func:`learn`."""
        self._features = Features.restore(_RECIPE, learned)
        self._weights = learned["weights"]
        self._bias = learned["bias"]

    def judge(self, text: str) -> tuple[float, Danger]:
        """The probability of danger, 0 to 1, and its likeliest kind."""
        scores = (self._features.vectors([text]).whole @ self._weights + self._bias)[0]
        kinds = dict(zip(Danger, scores[1:], strict=True))
        return float(expit(scores[0])), max(Danger, key=lambda kind: float(kinds[kind]))
