"""Tells what the city can be asked from everything else that people ask a machine.

A logistic regression over folded words, pairs and parts of words, one for all languages: the
phrasings of services and life events, and what the dialogue was taught to understand, against
examples of other subjects. Search alone cannot tell: "renew my passport" is close to a service,
whichever country's passport is meant.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from knowledge.catalogue import Catalogue
from knowledge.features import Features, Recipe
from knowledge.fitted import Arrays, Recall, fit_anew
from knowledge.folding import words

_BIAS, _OUTSIDE, _FOUND = 1.71, 1.07, -0.31
"""Logistic weights from ``python -m tests.eval.calibrate``: of the classifier's log-odds and of
those of the best service, on phrasings and examples that neither was fitted to."""
_LEAST = 1e-4
"""No probability counts as nearer to 0 or 1 than this."""


def _word_features(text: str) -> list[str]:
    said = words(text)
    return said + [f"{a} {b}" for a, b in pairwise(said)]


_RECIPE = Recipe(_word_features, parts=(2, 4), dtype=np.float32)


def phrasings(catalogue: Catalogue) -> Iterator[str]:
    """How citizens ask about the services and situations of a catalogue, in every language."""
    for service in catalogue.services.values():
        for text in service.texts.values():
            yield from (text.title, *text.names, *text.phrasings)
    for event in catalogue.life_events.values():
        for words_of_event in event.texts.values():
            yield from words_of_event.phrasings


def learn(inside: Sequence[str], outside: Sequence[str]) -> Arrays:
    """What a :class:`Scope` needs to know. Neither list may be empty."""
    features, vectors = Features.fit(_RECIPE, [*inside, *outside])
    labels = np.array([False] * len(inside) + [True] * len(outside))
    judge = LogisticRegression(C=10, solver="liblinear").fit(vectors.whole, labels)
    return {
        **features.learned(),
        "weights": judge.coef_[0].astype(np.float32),
        "bias": judge.intercept_,
    }


class Scope:
    """How likely a question is about nothing that the guide knows."""

    def __init__(self, learned: Arrays) -> None:
        """``learned`` comes from :func:`learn`."""
        self._features = Features.restore(_RECIPE, learned)
        self._weights = learned["weights"]
        self._bias = float(learned["bias"][0])

    def knows(self, text: str) -> bool:
        """Whether any of its words was ever seen."""
        return any(self._features.knows(word) for word in words(text))

    def outside(self, text: str) -> float:
        """The words alone: the probability, 0 to 1."""
        vector = self._features.vectors([text]).whole
        return float(expit((vector @ self._weights)[0] + self._bias))

    def unrelated(self, text: str, found: float) -> float:
        """The words, and the probability ``found`` of the best service: 0 to 1.

        So a service that was added since this was fitted is not refused. What has no word that
        was ever seen is not understood, which is something else: 0.
        """
        if not self.knows(text):
            return 0.0
        total = _BIAS + _OUTSIDE * _log_odds(self.outside(text)) + _FOUND * _log_odds(found)
        return float(expit(total))


def load_scope(
    catalogue: Catalogue,
    talk: Sequence[str],
    outside: Sequence[str],
    recall: Recall = fit_anew,
) -> Scope:
    """The scope of a catalogue.

    ``talk`` is what may be said in the dialogue, ``outside`` what is about other subjects;
    ``recall`` may know from an earlier start what was learned.
    """
    inside = [*phrasings(catalogue), *talk]
    return Scope(recall("scope", [inside, list(outside)], lambda: learn(inside, outside)))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(bounded / (1 - bounded))
