"""How often each word is used in each language, from wordfreq's lists.

Learned once, when the guide is set up or first started, and kept as plain arrays: a sorted column
of hashes, and a row of logarithms for each.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import wordfreq

from conversations.language import spelling
from conversations.language.spelling import tokens, typed
from knowledge.fitted import Arrays, Recall, fit_anew

_WORDS = 30_000
"""Words taken of each language: as many as the shortest lists have. With longer lists for some,
a rare word of one would always be taken for a word of another."""
_TYPED = 0.1
"""Share of a word's uses that is typed without its diacritics."""
_NEVER = 1e-8
"""Frequency of a word in a language whose list does not have it."""

Row = npt.NDArray[np.float64]
"""One logarithm of a probability for each language."""


def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")


def _most_frequent(code: str) -> Iterator[tuple[str, float]]:
    left = _WORDS
    try:
        listed = wordfreq.get_frequency_dict(code)
    except LookupError:
        return
    for word, frequency in listed.items():
        # Lists have numbers and joined words as well; a text is cut into words in one way only.
        if tokens(word) == [word]:
            yield word, frequency
            left -= 1
        if not left:
            return


def frequencies(codes: Sequence[str], recall: Recall = fit_anew) -> WordFrequencies:
    """The words of these languages, learned now or at an earlier time."""
    code = [Path(file).read_text(encoding="utf-8") for file in (__file__, spelling.__file__)]
    inputs = [*codes, version("wordfreq"), *code]
    return WordFrequencies(recall("language", inputs, lambda: learn(codes)))


def learn(codes: Sequence[str]) -> Arrays:
    """The words of these languages (ISO 639-1).

    wordfreq knows some forty. A language without a list is told by its letters alone.
    """
    table: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(codes))
    for column, code in enumerate(codes):
        for word, frequency in _most_frequent(code):
            forms = typed(word)
            table[word][column] += frequency * (1 - _TYPED)
            for form in forms:
                table[form][column] += frequency * _TYPED / len(forms)
    hashes = np.array([_hash(word) for word in table], dtype=np.uint64)
    frequencies = np.array(list(table.values()))
    frequencies /= np.maximum(frequencies.sum(axis=0), _NEVER)
    order = np.argsort(hashes)
    return {
        "hashes": hashes[order],
        "logs": np.log(frequencies[order] + _NEVER).astype(np.float32),
    }


class WordFrequencies:
    """Looks words up. ``learned`` comes from :func:`learn`."""

    def __init__(self, learned: Arrays) -> None:
        self._hashes = learned["hashes"]
        self._logs = learned["logs"]

    def row(self, word: str) -> Row | None:
        """The word's logarithms; None for a word that no language's list has."""
        wanted = np.uint64(_hash(word))
        place = int(np.searchsorted(self._hashes, wanted))
        if place == len(self._hashes) or self._hashes[place] != wanted:
            return None
        row: Row = self._logs[place].astype(np.float64)
        return row

    @staticmethod
    def has(row: Row, column: int) -> bool:
        """Whether the language's own list has the word."""
        return bool(row[column] > math.log(2 * _NEVER))
