"""LIX and sentence lengths, against figures counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.readability import Jargon, lix, longest_sentence, sentences

# text, sentences, words, words of more than six letters; LIX = words/sentences + 100*long/words
COUNTED = {
    "short words": ("Du skal have et pas.", 1, 5, 0),
    "six letters are not long": ("Banken lukker.", 1, 2, 0),
    "seven letters are": ("Kommune lukker.", 1, 2, 1),
    "two sentences": ("Du melder din flytning. Det er gratis.", 2, 7, 1),
    "all marks end a sentence": ("Er du flyttet? Ja! Gør sådan: Ring.", 4, 7, 1),
    "no closing mark": ("Du skal bestille tid", 1, 4, 1),
    "a decimal point does not end one": ("Ring kl. 8.30 til os.", 2, 4, 0),
    "a hyphen joins": ("Brug dit NemID-nøglekort.", 1, 3, 1),
    "an apostrophe joins": ("You don't pay.", 1, 3, 0),
    "figures are no words": ("Det koster 150 kr. i 2024.", 2, 4, 0),
    "Danish letters count as one": ("Børnene får ændret æøåæøåæ.", 1, 4, 2),
}


@pytest.mark.parametrize(("text", "count", "words", "long"), COUNTED.values(), ids=COUNTED.keys())
def test_lix_is_as_counted_by_hand(text: str, count: int, words: int, long: int) -> None:
    assert len(sentences(text)) == count
    assert lix(text) == pytest.approx(words / count + 100 * long / words)


def test_lix_of_a_known_text() -> None:
    # 6 + 7 + 12 = 25 words in 3 sentences; long: Kommunen, behandler, ansøgning, boligstøtte,
    # digitale, afgørelsen. 25 / 3 + 100 * 6 / 25 = 8.33 + 24.
    text = (
        "Kommunen behandler din ansøgning om boligstøtte. Du får svar i din digitale post. "
        "Er du uenig i afgørelsen, kan du klage inden for fire uger."
    )
    assert lix(text) == pytest.approx(32.33, abs=0.01)


@pytest.mark.parametrize("text", ["", "   ", "...", "123 456.", "?!"])
def test_a_text_without_words_has_no_lix(text: str) -> None:
    assert lix(text) == 0
    assert longest_sentence(text) == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Et to tre. En to.", 3),
        ("En to. Et to tre fire", 4),
        ("Et-to tre", 2),
        ("Gå til kk.dk og ring", 6),
        ("Frist: fire uger fra i dag", 5),
    ],
)
def test_the_longest_sentence_is_counted_in_words(text: str, words: int) -> None:
    assert longest_sentence(text) == words


@given(st.text())
def test_any_text_can_be_measured(text: str) -> None:
    assert lix(text) >= 0
    assert longest_sentence(text) >= 0


@given(st.lists(st.sampled_from(["du", "skal", "boligstøtte", "kommunen"]), min_size=1))
def test_more_sentences_of_the_same_words_are_never_harder(words: list[str]) -> None:
    assert lix(". ".join(words)) <= lix(" ".join(words))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Du skal såfremt muligt ringe.", [("såfremt", "hvis")]),
        ("SÅFREMT du kan, skal du fremsendes.", [("SÅFREMT", "hvis"), ("fremsendes", "sende")]),
        ("i henhold  til", []),
        ("Efter såfremtiden", []),
        ("Ring i henhold til loven", [("i henhold til", "efter")]),
        ("Ring bare.", []),
    ],
)
def test_words_of_offices_are_found_with_a_plain_one(
    text: str, found: list[tuple[str, str]]
) -> None:
    jargon = Jargon({"såfremt": "hvis", "fremsende*": "sende", "i henhold til": "efter"})
    assert list(jargon.find(text)) == found


def test_an_arabic_question_is_a_sentence() -> None:
    assert longest_sentence("أين أنت؟ أنا هنا في البيت") == 4
