"""Features restored from arrays are the features that were fitted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from knowledge.catalogue import Catalogue
from knowledge.features import Features, Recipe
from knowledge.folding import fold, words

RECIPES = {
    "search": Recipe(words, parts=(2, 4), dtype=np.float32),
    "crisis": Recipe(words, parts=(3, 5), dtype=np.float64),
}
STRANGE = ["", " ", "😀", "\ud800 pas", "p\u0301a\u0302s", '"\n\\', "xyzzy", "a" * 3000]


def same(one: csr_matrix, other: csr_matrix) -> bool:
    return (
        one.shape == other.shape
        and one.dtype == other.dtype
        and np.array_equal(one.indptr, other.indptr)
        and np.array_equal(one.indices, other.indices)
        and one.data.tobytes() == other.data.tobytes()
    )


@pytest.fixture(scope="module")
def texts(catalogue: Catalogue) -> list[str]:
    """Every phrasing."""
    return [
        phrasing
        for service in catalogue.services.values()
        for text in service.texts.values()
        for phrasing in text.phrasings
    ]


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
def test_restored_features_are_the_fitted_ones(recipe: Recipe, texts: list[str]) -> None:
    fitted, learned_from = Features.fit(recipe, texts[::2])
    restored = Features.restore(recipe, fitted.learned())
    every = texts + STRANGE
    assert same(restored.vectors(every).whole, fitted.vectors(every).whole)
    assert same(restored.words(every), fitted.vectors(every).words)
    assert restored.words(every).dtype == recipe.dtype
    again = restored.vectors(texts[::2]).whole
    # The library adds up the texts that it learns from in another order.
    assert abs(again - learned_from.whole).max() < 1e-6


def test_parts_of_words_are_those_of_the_library(texts: list[str]) -> None:
    recipe = RECIPES["search"]
    settings: dict[str, Any] = {"sublinear_tf": True, "dtype": np.float32}
    by_word = TfidfVectorizer(analyzer=words, **settings)
    by_part = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), preprocessor=fold, min_df=2, **settings
    )
    expected = [
        csr_matrix(part.fit_transform(texts)).toarray()[:300] for part in (by_word, by_part)
    ]
    restored = Features.restore(recipe, Features.fit(recipe, texts)[0].learned())
    assert np.array_equal(restored.vectors(texts[:300]).whole.toarray(), np.hstack(expected))


def test_what_was_learned_is_plain_data(texts: list[str]) -> None:
    learned = Features.fit(RECIPES["search"], texts[:50])[0].learned()
    assert {array.dtype.kind for array in learned.values()} == {"f", "u"}


def test_other_arrays_are_refused() -> None:
    with pytest.raises(KeyError):
        Features.restore(RECIPES["search"], {"weights": np.zeros(1)})


@pytest.mark.parametrize("said", [[], ["", "😀"]], ids=["no text", "no word"])
def test_from_no_words_nothing_is_learned(said: list[str]) -> None:
    with pytest.raises(ValueError, match="vocabulary"):
        Features.fit(RECIPES["search"], said)
