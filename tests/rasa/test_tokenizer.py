"""Tokens compare folded and keep their place in the citizen's own text."""
# ruff: noqa: E402

from __future__ import annotations

import sys

assert sys.version_info < (3, 11)  # Rasa's Python; the gateway's type checker stops here

import pytest
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.tokenizer import FoldingTokenizer

TEXTS = [
    "Jeg skal forny mit kørekort, tak!",
    "  Hvor   ligger\tØrestad  Bibliotek?  ",
    "ÅRSOPGØRELSE og ÆBLER",
    "cafe\u0301 \u0301 é",
    "👋 hej 👩‍👩‍👧",
    "2200 København N.",
    "straße İstanbul",
    "https://www.kk.dk/bestiltid",
]


def tokens(text: str, kind: type[WhitespaceTokenizer] = FoldingTokenizer) -> list[Token]:
    tokenizer = kind(kind.get_default_config())
    return tokenizer.tokenize(Message(data={TEXT: text}), TEXT)


@pytest.mark.parametrize(
    "spellings",
    [
        ("kørekort", "koerekort", "korekort", "KØREKORT", "Kørekort"),
        ("årsopgørelse", "aarsopgoerelse", "ÅRSOPGØRELSE"),
        ("æble", "aeble", "Æble"),
        ("boligstøtte", "boligstötte", "boligstoette"),
        ("café", "cafe", "cafe\u0301"),
    ],
    ids=lambda spellings: spellings[0],
)
def test_spellings_of_a_word_have_one_lemma(spellings: tuple[str, ...]) -> None:
    assert len({token.lemma for word in spellings for token in tokens(word)}) == 1


def test_different_words_keep_different_lemmas() -> None:
    assert len({token.lemma for token in tokens("pas kørekort vielse flytning")}) == 4


@pytest.mark.parametrize("text", TEXTS)
def test_words_and_offsets_are_those_of_the_text(text: str) -> None:
    found = tokens(text)
    assert found
    assert [text[token.start : token.end] for token in found] == [token.text for token in found]


@pytest.mark.parametrize("text", TEXTS)
def test_it_splits_as_rasa_does(text: str) -> None:
    expected = [(t.text, t.start, t.end) for t in tokens(text, WhitespaceTokenizer)]
    assert [(t.text, t.start, t.end) for t in tokens(text)] == expected


@pytest.mark.parametrize("text", TEXTS)
def test_no_lemma_is_empty(text: str) -> None:
    assert all(token.lemma for token in tokens(text))
