"""langdetect's n-gram profiles, scored exactly.

langdetect samples n-grams at random and gives up on capitals; its profiles are good all the
same. Here each n-gram of the lower-cased text counts once, so a text always gets the same answer.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import langdetect

_PROFILES = Path(langdetect.__file__).parent / "profiles"
_LONGEST = 3
_FLOOR = 1e-5
"""Probability of an n-gram that a profile has never seen; also damps the rare ones."""
_WORD = re.compile(r"[^\W\d_]+")


def ngrams(text: str) -> set[str]:
    """The different n-grams (1 to 3 characters) of a text's words, spaces marking their ends."""
    found: set[str] = set()
    for word in _WORD.findall(text.lower()):
        padded = f" {word} "
        for length in range(1, _LONGEST + 1):
            found.update(padded[i : i + length] for i in range(len(padded) - length + 1))
    found.discard(" ")
    return found


class Profiles:
    """The profiles of a set of languages (ISO 639-1 codes that langdetect knows)."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = tuple(codes)
        self._weights: dict[str, tuple[float, ...]] = {}
        tables = []
        for code in self.codes:
            data = json.loads((_PROFILES / code).read_text(encoding="utf-8"))
            totals = data["n_words"]
            tables.append({g: n / totals[len(g) - 1] for g, n in data["freq"].items()})
        for gram in set().union(*tables):
            self._weights[gram] = tuple(math.log(table.get(gram, 0.0) + _FLOOR) for table in tables)

    def scores(self, text: str) -> Mapping[str, float] | None:
        """Log-likelihood per language; None where no language can tell (no known n-grams)."""
        rows = [self._weights[gram] for gram in ngrams(text) if gram in self._weights]
        if not rows:
            return None
        sums = [sum(column) for column in zip(*rows, strict=True)]
        return dict(zip(self.codes, sums, strict=True))
