"""A ranker that learns from the phrasings which words tell services apart.

A linear support vector machine, one service against the rest, over stemmed words, word pairs
and parts of words. It fits in a second or two for 94 services.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_matrix, csr_matrix
from sklearn.svm import LinearSVC

from knowledge.features import Features, Recipe, Vectors
from knowledge.fitted import Arrays
from knowledge.search.documents import Passage
from knowledge.search.terms import Stem

_FIELD_WEIGHTS = {"title": 3.0, "names": 2.0, "phrasings": 1.0, "prose": 0.75}


def _recipe(stem: Stem) -> Recipe:
    """Stemmed words and pairs of neighbours."""

    def words(text: str) -> list[str]:
        stems = stem(text)
        return stems + [f"{a} {b}" for a, b in pairwise(stems)]

    return Recipe(words, parts=(2, 4), dtype=np.float32)


def learn(passages: Sequence[Passage], owners: Sequence[str], stem: Stem) -> Arrays:
    """What a :class:`LearnedRanker` needs to know. The same passages give the same numbers."""
    position = {owner: index for index, owner in enumerate(owners)}
    labels = np.array([position[passage.owner] for passage in passages])
    features, vectors = Features.fit(_recipe(stem), [passage.text for passage in passages])
    weights = np.array([_FIELD_WEIGHTS[passage.field] for passage in passages])
    coefficients, intercepts = _fit(vectors.whole, labels, weights, len(owners))
    # By column: a question has a dozen words, so only a dozen columns are read.
    said = csc_matrix(vectors.words)
    return {
        **features.learned(),
        # Columns first: a question touches some hundred features of tens of thousands.
        "weights": np.ascontiguousarray(coefficients.T, dtype=np.float32),
        "bias": intercepts.astype(np.float32),
        "passages_data": said.data,
        "passages_indices": said.indices,
        "passages_indptr": said.indptr,
        "passages_shape": np.array(said.shape),
    }


class LearnedRanker:
    """Scores every owner for a question."""

    def __init__(self, learned: Arrays, stem: Stem) -> None:
        """``learned`` comes from :func:`learn` with the same ``stem``."""
        self._features = Features.restore(_recipe(stem), learned)
        self._weights = learned["weights"]
        self._bias = learned["bias"]
        self._passages = csc_matrix(
            tuple(learned[f"passages_{part}"] for part in ("data", "indices", "indptr")),
            shape=tuple(learned["passages_shape"]),
        )

    def words(self, texts: Sequence[str]) -> csr_matrix:
        """Word features alone, one row per text."""
        return self._features.words(texts)

    def knows(self, stem: str) -> bool:
        """Whether any passage has this stem."""
        return self._features.knows(stem)

    def vectors(self, text: str) -> Vectors:
        """The question's features, one row."""
        return self._features.vectors([text])

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
    machine = LinearSVC(C=0.3, random_state=0).fit(matrix, labels, sample_weight=weights)
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
