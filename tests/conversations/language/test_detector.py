"""Which language a message is in, with the words that the knowledge base tells apart."""

from __future__ import annotations

import pytest

from conversations.language.detector import LanguageDetector
from conversations.language.vocabulary import shared_words
from knowledge.catalogue import Catalogue

NO_LANGUAGE = [
    "ok",
    "OK!",
    "Okay.",
    "tak",
    "ok tak",
    "2",
    "2200",
    "33 66 33 66",
    "12-05-2024",
    "👍",
    "😀 😀",
    "?",
    "...",
    "MitID",
    "CPR",
    "Nørrebro",
    "Østerbro?",
]

CLEAR = {
    "da": [
        "Hvad koster et nyt pas?",
        "jeg er flyttet til en ny lejlighed",
        "Hvordan skriver jeg mit barn op til vuggestue",
        "hvor lang tid tager det",
        "jeg har mistet mit sundhedskort",
    ],
    "en": [
        "How much is a new passport?",
        "I have moved to a new flat",
        "how do I get my child into a nursery",
        "how long does it take",
        "I lost my yellow card, what should I do?",
    ],
}
SENTENCES = [(code, text) for code, texts in CLEAR.items() for text in texts]


@pytest.fixture(scope="module")
def detector(language_detector: LanguageDetector) -> LanguageDetector:
    return language_detector


@pytest.mark.parametrize("text", NO_LANGUAGE)
@pytest.mark.parametrize("session", ["da", "en"])
def test_a_message_without_language_keeps_the_conversations(
    detector: LanguageDetector, session: str, text: str
) -> None:
    assert detector.detect(text, session).code == session


@pytest.mark.parametrize(("language", "text"), SENTENCES)
@pytest.mark.parametrize("session", ["da", "en", None])
def test_a_clear_sentence_is_followed(
    detector: LanguageDetector, session: str | None, language: str, text: str
) -> None:
    assert detector.detect(text, session).code == language


@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_capitals_change_nothing(detector: LanguageDetector, language: str, text: str) -> None:
    session = "en" if language == "da" else "da"
    assert detector.detect(text.upper(), session).code == language


@pytest.mark.parametrize("session", ["da", "en"])
@pytest.mark.parametrize("text", ["pas", "su", "nr 2"])
def test_a_word_of_both_languages_is_the_conversations(
    detector: LanguageDetector, session: str, text: str
) -> None:
    assert detector.detect(text, session).code == session


@pytest.mark.parametrize("session", [None, "xx"])
def test_without_a_known_session_the_first_language_is_the_default(
    detector: LanguageDetector, session: str | None
) -> None:
    assert detector.detect("2200", session).code == detector.codes[0]


@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_the_same_text_always_has_the_same_answer(
    detector: LanguageDetector, language: str, text: str
) -> None:
    first = detector.detect(text, "da")
    assert {detector.detect(text, "da") for _ in range(5)} == {first}
    assert 0 < first.probability <= 1


def test_the_session_weighs(detector: LanguageDetector) -> None:
    text = "pas"
    as_danish = detector.detect(text, "da")
    as_english = detector.detect(text, "en")
    assert (as_danish.code, as_english.code) == ("da", "en")


@pytest.mark.parametrize(
    ("text", "neighbour"),
    [
        ("Где получить новый паспорт в этом городе?", "ru"),
        ("Jag har tappat mitt körkort och behöver ett nytt", "sv"),
        ("Jeg har ikke fått noen beskjed fra dere ennå, hva gjør jeg nå?", "nb"),
        ("Jeg har mistet mit kørekort og skal have et nyt", None),
        ("I have lost my driving licence", None),
        ("паспорт", None),
    ],
)
@pytest.mark.parametrize("session", ["da", None])
def test_a_neighbours_language_is_named(
    detector: LanguageDetector, session: str | None, text: str, neighbour: str | None
) -> None:
    assert detector.detect(text, session).looks_like == neighbour


def test_districts_are_shared_words(catalogue: Catalogue) -> None:
    shared = shared_words(catalogue)
    assert {"nørrebro", "valby", "mitid"} <= shared


@pytest.mark.parametrize("text", ["", " ", "\n", "ß" * 500, "ا" * 50, "你好", "a" * 2000])
def test_any_text_gets_a_supported_language(detector: LanguageDetector, text: str) -> None:
    assert detector.detect(text, "en").code in detector.codes
