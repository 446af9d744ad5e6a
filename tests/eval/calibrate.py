"""``python -m tests.eval.calibrate``: the weights of ``knowledge/search/confidence.py`` and of
``knowledge/scope.py``.

Phrasings that the ranker was not fitted to (half of them, in two folds of a quarter) against the
dialogue's out-of-scope examples. The held-out questions are not touched.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.examples import out_of_scope, within_scope
from knowledge.catalogue import Catalogue, load
from knowledge.scope import Scope, learn
from knowledge.search.documents import Passage, service_passages
from knowledge.search.search import LanguageSearch

_FOLDS = 4


def main() -> None:
    """Print the intercept and the weights: of best, margin and similarity; of both log-odds."""
    catalogue = load()
    confidence(catalogue)
    scope(catalogue)


def confidence(catalogue: Catalogue) -> None:
    """That the first hit is right."""
    signs: list[tuple[float, float, float]] = []
    right: list[bool] = []
    for language in catalogue.languages:
        passages = list(service_passages(catalogue, language.code))
        for fold in range(_FOLDS // 2):
            kept, left_out = divide(passages, fold)
            search = LanguageSearch(kept, [], language.stemmer)
            for passage in left_out:
                hits = search.find(passage.text, None)
                if hits.signs is not None:
                    signs.append((hits.signs.best, hits.signs.margin, hits.signs.similarity))
                    right.append(hits.ranked[0].service == passage.owner)
        search = LanguageSearch(passages, [], language.stemmer)
        for text in out_of_scope([language.code]):
            hits = search.find(text, None)
            if hits.signs is not None:
                signs.append((hits.signs.best, hits.signs.margin, hits.signs.similarity))
                right.append(False)
    report("confidence", signs, right)


def scope(catalogue: Catalogue) -> None:
    """That a question is about something else."""
    signs: list[tuple[float, float]] = []
    elsewhere: list[bool] = []
    for fold in range(_FOLDS // 2):
        inside = within_scope(catalogue.language_codes)
        outside: list[str] = []
        asked: list[tuple[str, LanguageSearch, bool]] = []
        for language in catalogue.languages:
            kept, left_out = divide(list(service_passages(catalogue, language.code)), fold)
            search = LanguageSearch(kept, [], language.stemmer)
            inside += [passage.text for passage in kept if passage.field != "prose"]
            others = out_of_scope([language.code])
            random.Random(7).shuffle(others)
            outside += [text for i, text in enumerate(others) if i % _FOLDS != fold]
            asked += [(passage.text, search, False) for passage in left_out]
            asked += [(text, search, True) for text in others[fold::_FOLDS]]
        judge = Scope(learn(inside, outside))
        for text, search, is_other in asked:
            found = search.find(text, None).probability
            signs.append((log_odds(judge.outside(text)), log_odds(found)))
            elsewhere.append(is_other)
    report("scope", signs, elsewhere)


def divide(passages: list[Passage], fold: int) -> tuple[list[Passage], list[Passage]]:
    """What is learned from, and the quarter of the phrasings that is asked."""
    phrasings = [i for i, item in enumerate(passages) if item.field == "phrasings"]
    random.Random(7).shuffle(phrasings)
    left_out = set(phrasings[fold::_FOLDS])
    kept = [item for i, item in enumerate(passages) if i not in left_out]
    return kept, [passages[i] for i in sorted(left_out)]


def log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))


def report(name: str, signs: Sequence[tuple[float, ...]], truth: list[bool]) -> None:
    """Print the weights of a logistic function of the signs."""
    model = LogisticRegression(C=100).fit(np.array(signs), np.array(truth))
    weights = ", ".join(f"{value:.2f}" for value in (model.intercept_[0], *model.coef_[0]))
    print(f"{name}, {len(truth)} questions; bias and weights: {weights}")


if __name__ == "__main__":
    main()
