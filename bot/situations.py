"""``python -m bot.situations FOLDER``: examples of "a city matter", from the knowledge base.

The intents are learned from ``bot/data/nlu``; the citizens' phrasings of the knowledge base add
the vocabulary of the services, so that a story about a lost passport is not taken for small talk.
Those that ask for an aspect (price, deadline ...) are left out: they belong to other intents.

A new service needs no training: what is not here is still found by search.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from bot.actions.answering import ASPECTS
from bot.examples import NLU, examples
from knowledge.catalogue import Catalogue, load
from knowledge.folding import fold

INTENT = "ask_service"
_ASPECTS = frozenset(ASPECTS) | {"ask_status", "ask_complain"}
_SYNTAX = str.maketrans("", "", "[](){}")
"""Rasa reads these as annotations."""
_LEAST = 0.35
"""How likely a phrasing must be to ask for no aspect. Few of the doubtful ones do, and without them
service questions are taken for small talk."""


def situations(catalogue: Catalogue, language: str) -> list[str]:
    """The phrasings that ask for no aspect, as far as the training examples tell."""
    told = [item for item in examples(NLU / language) if item[0] in _ASPECTS or item[0] == INTENT]
    features = make_union(
        TfidfVectorizer(preprocessor=fold, ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(preprocessor=fold, analyzer="char_wb", ngram_range=(2, 4)),
    )
    model = make_pipeline(features, LogisticRegression(C=10, max_iter=300, class_weight="balanced"))
    model.fit([text for _, text in told], [intent == INTENT for intent, _ in told])
    known = {text.casefold() for _, text in told}
    told_by = [
        event.texts[language].phrasings
        for event in catalogue.life_events.values()
        if language in event.texts
    ]
    told_by += [
        service.texts[language].phrasings
        for service in catalogue.services.values()
        if language in service.texts
    ]
    phrasings = [text.translate(_SYNTAX).lstrip("/") for texts in told_by for text in texts]
    fresh = [text for text in dict.fromkeys(phrasings) if text.casefold() not in known]
    told_so = model.predict_proba(fresh)[:, list(model.classes_).index(True)]
    return [text for text, chance in zip(fresh, told_so, strict=True) if chance > _LEAST]


def write(folder: Path, catalogue: Catalogue) -> None:
    """One Rasa training file per language."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in catalogue.language_codes:
        lines = "".join(f"      - {text}\n" for text in situations(catalogue, language))
        head = f'version: "3.1"\nnlu:\n  - intent: {INTENT}\n    examples: |\n'
        (folder / f"{language}.yml").write_text(head + lines, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), load())
