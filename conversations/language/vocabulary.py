"""Words that say nothing of the language that a message is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from conversations.language.spelling import tokens
from knowledge.catalogue import Catalogue

_ANYWHERE = (
    "ok",
    "okay",
    "mitid",
    "nemid",
    "cpr",
    "e-boks",
    "eboks",
    "sms",
    "su",
    "eu",
    "kk",
    "nr",
    "tak",
    "hej",
)
"""With greetings and thanks that everybody in Denmark learns first."""
_SHARE = 0.6
"""Share of the languages whose texts have a word, from which on it is a name and not a word."""
_LEAST = 4
"""Languages from which on that share says anything."""
_SHORTEST = 4
"""Letters of a name: shorter ones are mostly small words of a name in several, "og" say."""


def _prose(catalogue: Catalogue, language: str) -> Iterator[str]:
    for service in catalogue.services.values():
        text = service.texts.get(language)
        if text is not None:
            yield from (text.title, text.summary, *text.steps)


def shared_words(catalogue: Catalogue) -> frozenset[str]:
    """Names that people use in any language: places, districts, authorities, forms."""
    names = [place.name for place in catalogue.places.values()]
    names += [district.name for district in catalogue.districts.values()]
    shared = {word for name in (*names, *_ANYWHERE) for word in tokens(name)}
    codes = catalogue.language_codes
    if len(codes) >= _LEAST:
        used: Counter[str] = Counter()
        for code in codes:
            used.update({word for text in _prose(catalogue, code) for word in tokens(text)})
        shared |= {
            word
            for word, count in used.items()
            if count >= _SHARE * len(codes) and len(word) >= _SHORTEST
        }
    return frozenset(shared)
