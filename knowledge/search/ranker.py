"""A ranker that learns from the phrasings which words tell services apart.

A linear support vector machine, one service against the rest, over stemmed words, word pairs
and character n-grams (these forgive typing mistakes). It fits in about a second for 94 services.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
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
        return stems + [f"{a} {b}" for a, b in zip(stems, stems[1:], strict=False)]


class LearnedRanker:
    """Scores every owner for a question."""

    def __init__(self, passages: Sequence[Passage], owners: Sequence[str], stem: Stem) -> None:
        position = {owner: index for index, owner in enumerate(owners)}
        texts = [passage.text for passage in passages]
        self._labels = np.array([position[passage.owner] for passage in passages])
        self._words = TfidfVectorizer(analyzer=_Words(stem), sublinear_tf=True, dtype=np.float32)
        self._characters = TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(2, 4),
            preprocessor=fold,
            sublinear_tf=True,
            min_df=2,
            dtype=np.float32,
        )
        self._matrix = self._join(
            self._words.fit_transform(texts), self._characters.fit_transform(texts)
        )
        weights = [_FIELD_WEIGHTS[passage.field] for passage in passages]
        machine = LinearSVC(C=0.3).fit(self._matrix, self._labels, sample_weight=weights)
        # Two owners make one decision function; the general form is one row per owner.
        coefficients = machine.coef_ if len(owners) > 2 else np.vstack([-machine.coef_, machine.coef_])
        intercepts = (
            machine.intercept_
            if len(owners) > 2
            else np.array([-machine.intercept_[0], machine.intercept_[0]])
        )
        # Columns first: a question touches some hundred features of tens of thousands.
        self._weights = np.ascontiguousarray(coefficients.T, dtype=np.float32)
        self._bias = intercepts.astype(np.float32)

    @staticmethod
    def _join(words: Any, characters: Any) -> csr_matrix:
        return csr_matrix(hstack([words, characters], format="csr"))

    def vector(self, text: str) -> csr_matrix:
        """The question's features, one row."""
        return self._join(self._words.transform([text]), self._characters.transform([text]))

    def scores(self, vector: csr_matrix) -> npt.NDArray[np.float64]:
        """Signed distance per owner: above 0 means "this one", around -1 "not this one"."""
        touched = self._weights[vector.indices]
        return np.asarray(vector.data @ touched + self._bias, dtype=np.float64)

    def similarity(self, vector: csr_matrix) -> float:
        """Cosine with the nearest passage, 0 to 1: has anybody said something like this?"""
        if vector.nnz == 0:
            return 0.0
        # Both halves of a row have length 1, so two whole rows have length 2 together.
        return float((self._matrix @ vector.T).max()) / 2
