"""How sure search is: a probability that the first hit is what the citizen means."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Signs:
    """What the ranker saw."""

    best: float
    """The first hit's distance from "not this one" (see ``LearnedRanker.scores``)."""
    margin: float
    """How far the second hit is behind it."""
    similarity: float
    """Cosine with the nearest passage of any service."""


_BIAS, _BEST, _MARGIN, _SIMILARITY = 0.0, 3.7, 1.0, 2.1
"""Logistic weights from ``python -m tests.eval.calibrate``: phrasings that the ranker was not
fitted to, against the dialogue's out-of-scope examples. They hold for every language."""


def probability(signs: Signs) -> float:
    """0 to 1."""
    total = _BIAS + _BEST * signs.best + _MARGIN * signs.margin + _SIMILARITY * signs.similarity
    return 1 / (1 + math.exp(-total))
