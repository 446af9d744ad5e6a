"""What search and the crisis classifier see of a text: its words, and parts of its words.

Both are weighted by how few of the texts learned from have them (TF-IDF). What was learned is a
vocabulary and one weight per entry of it, so it can be kept as plain arrays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from knowledge.fitted import Arrays
from knowledge.folding import fold


@dataclass(frozen=True)
class Recipe:
    """Which features a text has."""

    words: Callable[[str], list[str]]
    """The word features of a text, in order."""
    parts: tuple[int, int]
    """Characters of the shortest and the longest part of a word. Parts forgive typing mistakes."""
    dtype: type[np.floating[Any]]


@dataclass(frozen=True)
class Vectors:
    """The features of texts, one row each: their words alone, and with the parts of words."""

    words: csr_matrix
    whole: csr_matrix


class Features:
    """Turns texts into vectors. Make it with :meth:`fit` or :meth:`restore`."""

    def __init__(self, words: TfidfVectorizer, parts: TfidfVectorizer) -> None:
        self._words = words
        self._parts = parts

    @classmethod
    def fit(cls, recipe: Recipe, texts: Sequence[str]) -> tuple[Self, Vectors]:
        """Learn from ``texts``; their own vectors come for free.

        Raises ``ValueError`` where the texts have no words.
        """
        words, parts = _vectorizers(recipe)
        found = csr_matrix(words.fit_transform(texts))
        return cls(words, parts), _joined(found, parts.fit_transform(texts))

    @classmethod
    def restore(cls, recipe: Recipe, learned: Arrays) -> Self:
        """The same features again, from :meth:`learned`. Raises ``KeyError`` for other arrays."""
        words, parts = _vectorizers(recipe)
        for name, vectorizer in (("words", words), ("parts", parts)):
            vectorizer.vocabulary = _from_bytes(learned[f"{name}_vocabulary"])
            vectorizer.idf_ = learned[f"{name}_idf"]
        return cls(words, parts)

    def learned(self) -> Arrays:
        """Everything that :meth:`fit` found out."""
        return {
            "words_vocabulary": _to_bytes(self._words.vocabulary_),
            "words_idf": self._words.idf_,
            "parts_vocabulary": _to_bytes(self._parts.vocabulary_),
            "parts_idf": self._parts.idf_,
        }

    def words(self, texts: Sequence[str]) -> csr_matrix:
        """Word features alone, one row per text."""
        return csr_matrix(self._words.transform(texts))

    def knows(self, word: str) -> bool:
        """Whether a text that was learned from has this word feature."""
        return word in self._words.vocabulary

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """All features, one row per text."""
        return _joined(self.words(texts), self._parts.transform(texts))


def _vectorizers(recipe: Recipe) -> tuple[TfidfVectorizer, TfidfVectorizer]:
    settings: dict[str, Any] = {"sublinear_tf": True, "dtype": recipe.dtype}
    words = TfidfVectorizer(analyzer=recipe.words, **settings)
    parts = TfidfVectorizer(
        analyzer="char_wb", ngram_range=recipe.parts, preprocessor=fold, min_df=2, **settings
    )
    return words, parts


def _joined(words: csr_matrix, parts: Any) -> Vectors:
    return Vectors(words, csr_matrix(hstack([words, parts], format="csr")))


def _to_bytes(vocabulary: Mapping[str, int]) -> npt.NDArray[np.uint8]:
    """The entries in the order of their columns; as JSON, since they are of any length."""
    entries = json.dumps(sorted(vocabulary, key=lambda entry: vocabulary[entry]))
    return np.frombuffer(entries.encode("ascii"), dtype=np.uint8)


def _from_bytes(entries: npt.NDArray[np.uint8]) -> dict[str, int]:
    return {entry: column for column, entry in enumerate(json.loads(entries.tobytes()))}
