"""Spellings of one word look the same once folded."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.folding import fold, words

WORD = st.from_regex(r"(?:[bdfgklmnprstv][aeiouyæøå]){1,4}[dgklnrst]?", fullmatch=True)
"""Like a Danish word: no two vowels meet, so that no digraph arises by chance."""
VARIANTS = [("æ", "ae"), ("æ", "ä"), ("ø", "oe"), ("ø", "o"), ("ø", "ö"), ("å", "aa"), ("å", "a")]

SPELLINGS = [
    ("kørekort", "koerekort", "korekort", "KØREKORT", "Koerekort"),
    ("få", "faa", "fa", "FÅ"),
    ("lægeskift", "laegeskift", "LÆGESKIFT", "lägeskift"),
    ("børn", "born", "boern", "börn"),
    ("Århus", "Aarhus", "arhus", "ÅRHUS"),
    ("Straße", "strasse", "STRASSE"),
    ("café", "cafe"),
    ("Łódź", "lodz"),
    ("ﬁrma", "firma"),
]


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda spellings: spellings[0])
def test_spellings_of_a_word_are_one(spellings: tuple[str, ...]) -> None:
    assert len({fold(word) for word in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("pas", "pæs"), ("hun", "hund"), ("skole", "skål"), ("bord", "byrd")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(("letter", "variant"), VARIANTS, ids="-".join)
@given(word=WORD)
def test_a_letter_and_its_variant_are_one(letter: str, variant: str, word: str) -> None:
    assert fold(word.replace(letter, variant)) == fold(word)
    assert fold(word.replace(letter, variant).upper()) == fold(word)


@given(WORD)
def test_folding_a_word_twice_is_folding_it_once(word: str) -> None:
    assert fold(fold(word)) == fold(word)


@given(st.text())
def test_case_does_not_count(text: str) -> None:
    assert fold(text.casefold()) == fold(text)


@given(st.text(alphabet="aoeæøåǿǽＡ㎬"))
def test_folding_any_text_twice_is_folding_it_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("letter", "åøæöüéàçñłş")
def test_composed_and_decomposed_letters_are_one(letter: str) -> None:
    assert fold(unicodedata.normalize("NFD", letter)) == fold(unicodedata.normalize("NFC", letter))


def test_a_decomposed_umlaut_is_the_composed_one() -> None:
    assert fold(unicodedata.normalize("NFD", "ä")) == fold("ä")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mit pas, er udløbet!", ["mit", "pas", "er", "udlobet"]),
        ("112", ["112"]),
        ("", []),
        ("😀 ?!", []),
        ("kk.dk/pas", ["kk", "dk", "pas"]),
        ("جواز سفر", ["جواز", "سفر"]),
    ],
)
def test_words_are_folded_and_in_order(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text())
def test_any_text_has_words_without_spaces(text: str) -> None:
    assert all(word and not any(c.isspace() for c in word) for word in words(text))
