"""A ranker that learns from the phrasings which words tell services apart.

A linear support vector machine, one service against the rest, over stemmed words, word pairs
and character n-grams (these forgive typing mistakes). It fits in about a second for 94 services.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_matrix, csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from knowledge.folding import fold
from knowledge.search.documents import Passage
from knowledge.search.terms import Stem

_FIELD_WEIGHTS = {"title": 3.0, "names": 2.0, "phrasings": 1.0, "prose": 0.75}


class _Words:
    """Stemmed words and pairs of neighbours."""

    def __init__(self, stem: Stem) -> None:
        self._stem = stem

    def __call__(self, text: str) -> list[str]:
        stems = self._stem(text)
        return stems + [f"{a} {b}" for a, b in pairwise(stems)]


@dataclass(frozen=True)
class Vectors:
    """A question's features: its words alone, and with its character n-grams; one row each."""

    words: csr_matrix
    whole: csr_matrix


class LearnedRanker:
    """Scores every owner for a question."""

    def __init__(self, passages: Sequence[Passage], owners: Sequence[str], stem: Stem) -> None:
        position = {owner: index for index, owner in enumerate(owners)}
        texts = [passage.text for passage in passages]
        labels = np.array([position[passage.owner] for passage in passages])
        self._words = TfidfVectorizer(analyzer=_Words(stem), sublinear_tf=True, dtype=np.float32)
        self._characters = TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(2, 4),
            preprocessor=fold,
            sublinear_tf=True,
            min_df=2,
            dtype=np.float32,
        )
        words = self._words.fit_transform(texts)
        matrix = self._join(words, self._characters.fit_transform(texts))
        # By column: a question has a dozen words, so only a dozen columns are read.
        self._passages = csc_matrix(words)
        weights = [_FIELD_WEIGHTS[passage.field] for passage in passages]
        coefficients, intercepts = _fit(matrix, labels, np.array(weights), len(owners))
        # Columns first: a question touches some hundred features of tens of thousands.
        self._weights = np.ascontiguousarray(coefficients.T, dtype=np.float32)
        self._bias = intercepts.astype(np.float32)

    @staticmethod
    def _join(words: Any, characters: Any) -> csr_matrix:
        return csr_matrix(hstack([words, characters], format="csr"))

    def vectors(self, text: str) -> Vectors:
        """The question's features."""
        words = csr_matrix(self._words.transform([text]))
        return Vectors(words, self._join(words, self._characters.transform([text])))

    def scores(self, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Signed distance per owner: above 0 means "this one", around -1 "not this one"."""
        whole = vectors.whole
        touched = self._weights[whole.indices]
        return np.asarray(whole.data @ touched + self._bias, dtype=np.float64)

    def similarity(self, vectors: Vectors) -> float:
        """Word cosine with the nearest passage, 0 to 1: has anybody said something like this?"""
        return nearest(self._passages, vectors.words)[1]


def _fit(
    matrix: csr_matrix,
    labels: npt.NDArray[np.int_],
    weights: npt.NDArray[np.float64],
    owners: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """One row of coefficients and one intercept per owner."""
    if owners < 2:
        # Nothing to tell apart: the first service of a new language is found by its words.
        return np.zeros((owners, matrix.shape[1])), np.zeros(owners)
    machine = LinearSVC(C=0.3).fit(matrix, labels, sample_weight=weights)
    if owners > 2:
        return machine.coef_, machine.intercept_
    # Two owners share one decision function: the second's, and its opposite for the first.
    return np.vstack([-machine.coef_, machine.coef_]), np.hstack(
        [-machine.intercept_, machine.intercept_]
    )


def nearest(passages: csc_matrix, words: csr_matrix) -> tuple[int, float]:
    """The row of ``passages`` closest to one row of words, and the cosine; rows have length 1."""
    spans = [
        slice(passages.indptr[column], passages.indptr[column + 1]) for column in words.indices
    ]
    if not spans:
        return 0, 0.0
    rows = np.concatenate([passages.indices[span] for span in spans])
    shares = np.concatenate(
        [weight * passages.data[span] for weight, span in zip(words.data, spans, strict=True)]
    )
    closeness = np.bincount(rows, weights=shares, minlength=passages.shape[0])
    row = int(closeness.argmax())
    return row, float(closeness[row])
