"""The words that search compares: folded and stemmed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from threading import Lock

import snowballstemmer

from knowledge.folding import words

Stem = Callable[[str], list[str]]

_REMEMBERED = 8192
"""Words whose stem is remembered: a language's texts have about half as many."""


def stemmer(algorithm: str | None) -> Stem:
    """Text to folded, stemmed words. ``algorithm`` is Snowball's name; None: words as they are.

    Folding comes first, so that "koerekort" and "kørekort" have one stem.
    """
    if algorithm is None:
        return words
    stems = snowballstemmer.stemmer(algorithm)
    # A stemmer works on one word that it holds itself, and questions come from many threads.
    alone = Lock()

    @lru_cache(_REMEMBERED)
    def stem_word(word: str) -> str:
        with alone:
            return str(stems.stemWord(word))

    def stem(text: str) -> list[str]:
        return [stem_word(word) for word in words(text)]

    return stem
