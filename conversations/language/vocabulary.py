"""What the knowledge base itself tells about the languages that it is written in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from knowledge.catalogue import Catalogue

_EXCLUSIVE = 0.9
"""Share of a word's uses that one language must have for the word to be its own."""
_MINIMUM = 2


def _tokens(text: str) -> list[str]:
    return [word.strip(".,!?:;()\"'").casefold() for word in text.split()]


def _prose(catalogue: Catalogue, language: str) -> Iterator[str]:
    for service in catalogue.services.values():
        text = service.texts.get(language)
        if text is not None:
            yield from (text.summary, *text.steps, *text.phrasings)
    for event in catalogue.life_events.values():
        if language in event.texts:
            yield from event.texts[language].phrasings


def distinctive_words(catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """Per language, the words that its texts use and the others hardly do."""
    counts = {
        code: Counter(word for text in _prose(catalogue, code) for word in _tokens(text))
        for code in catalogue.language_codes
    }
    total: Counter[str] = sum(counts.values(), Counter())
    return {
        code: frozenset(
            word
            for word, count in words.items()
            if count >= _MINIMUM and count / total[word] >= _EXCLUSIVE
        )
        for code, words in counts.items()
    }


def shared_words(catalogue: Catalogue) -> frozenset[str]:
    """Names that people use in any language: places, districts, and words too short to tell."""
    names = [place.name for place in catalogue.places.values()]
    names += [district.name for district in catalogue.districts.values()]
    proper = {word for name in names for word in _tokens(name.replace("/", " "))}
    return frozenset(proper | {"ok", "okay", "mitid", "nemid", "cpr", "e-boks", "eboks", "sms"})
