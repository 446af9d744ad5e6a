"""langdetect's n-gram profiles, scored exactly.

langdetect samples n-grams at random and gives up on capitals; its profiles are good all the
same. Here each n-gram of a word counts once, so a word always gets the same answer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import langdetect
import numpy as np

from conversations.language.frequencies import Row

_PROFILES = Path(langdetect.__file__).parent / "profiles"
_NAMES = {"nb": "no"}
"""What langdetect calls a language otherwise."""
_LONGEST = 3
_FLOOR = 1e-5
"""Probability of an n-gram that a profile has never seen; also damps the rare ones."""


def ngrams(word: str) -> set[str]:
    """The different n-grams (1 to 3 letters) of a word in lower case, with spaces at its ends."""
    padded = f" {word} "
    found = {
        padded[start : start + length]
        for length in range(1, _LONGEST + 1)
        for start in range(len(padded) - length + 1)
    }
    found.discard(" ")
    return found


class Profiles:
    """The profiles of a set of languages (ISO 639-1).

    A language that langdetect does not know is never likely: citizens can still choose it.
    """

    def __init__(self, codes: Sequence[str]) -> None:
        self._size = len(codes)
        tables: list[dict[str, float]] = []
        for code in codes:
            path = _PROFILES / _NAMES.get(code, code)
            if not path.exists():
                tables.append({})
                continue
            data = json.loads(path.read_text(encoding="utf-8"))
            totals = data["n_words"]
            tables.append({g: n / totals[len(g) - 1] for g, n in data["freq"].items()})
        self._weights = {
            gram: np.array([math.log(table.get(gram, 0.0) + _FLOOR) for table in tables])
            for gram in set().union(*tables)
        }

    def row(self, word: str) -> Row | None:
        """Log-likelihood per language; None where no language can tell (no known n-grams)."""
        rows = [self._weights[gram] for gram in ngrams(word) if gram in self._weights]
        return np.sum(rows, axis=0) if rows else None
