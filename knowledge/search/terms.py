"""The words that search compares: folded and stemmed."""

from __future__ import annotations

from collections.abc import Callable

import snowballstemmer

from knowledge.folding import words

Stem = Callable[[str], list[str]]


def stemmer(algorithm: str | None) -> Stem:
    """Text to folded, stemmed words. ``algorithm`` is Snowball's name; None: words as they are.

    Folding comes first, so that "koerekort" and "kørekort" have one stem.
    """
    if algorithm is None:
        return words
    stems = snowballstemmer.stemmer(algorithm)

    def stem(text: str) -> list[str]:
        return list(stems.stemWords(words(text)))

    return stem
