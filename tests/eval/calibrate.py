"""``python -m tests.eval.calibrate``: the weights of ``knowledge/search/confidence.py``.

Phrasings that the ranker was not fitted to (half of them, in two folds of a quarter) against the
dialogue's out-of-scope examples. The held-out questions are not touched.
"""

from __future__ import annotations

import random

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.examples import NLU, examples
from knowledge.catalogue import load
from knowledge.search.documents import service_passages
from knowledge.search.search import LanguageSearch

_FOLDS = 4


def main() -> None:
    """Print the intercept and the weights of best, margin and similarity."""
    catalogue = load()
    signs: list[tuple[float, float, float]] = []
    right: list[bool] = []
    for language in catalogue.languages:
        passages = list(service_passages(catalogue, language.code))
        phrasings = [i for i, item in enumerate(passages) if item.field == "phrasings"]
        random.Random(7).shuffle(phrasings)
        for fold in range(_FOLDS // 2):
            left_out = set(phrasings[fold::_FOLDS])
            kept = [item for i, item in enumerate(passages) if i not in left_out]
            search = LanguageSearch(kept, [], language.stemmer)
            for i in sorted(left_out):
                hits = search.find(passages[i].text, None)
                if hits.signs is not None:
                    signs.append((hits.signs.best, hits.signs.margin, hits.signs.similarity))
                    right.append(hits.ranked[0].service == passages[i].owner)
        search = LanguageSearch(passages, [], language.stemmer)
        for intent, text in examples(NLU / language.code):
            hits = search.find(text, None)
            if intent == "out_of_scope" and hits.signs is not None:
                signs.append((hits.signs.best, hits.signs.margin, hits.signs.similarity))
                right.append(False)
    model = LogisticRegression(C=100).fit(np.array(signs), np.array(right))
    weights = ", ".join(f"{value:.2f}" for value in (model.intercept_[0], *model.coef_[0]))
    print(f"{len(right)} questions; bias, best, margin, similarity: {weights}")


if __name__ == "__main__":
    main()
