"""The editors' notation, sign by sign."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.crisis.patterns import compile_phrases, spaced

WORD = st.from_regex(r"(?:[bdfgklmnprstv][aeiouyæøå]){1,3}[dgklnrst]?", fullmatch=True)
"""Like a Danish word: no two vowels meet, so that no digraph arises by chance."""


def matches(phrase: str, text: str) -> bool:
    pattern = compile_phrases([phrase])
    assert pattern is not None
    return pattern.search(spaced(text)) is not None


NOTATION: dict[str, tuple[list[str], list[str]]] = {
    # phrase: texts that it stands in, texts that it does not
    "vold": (
        ["vold", "Der er vold!", "VOLD", "vold."],
        ["volden", "overvold", "voldsom", "v old", ""],
    ),
    "på vej": (["på vej", "På, vej", "paa vej", "pa vej"], ["vej på", "på en vej", "på"]),
    "brænd*": (["brænd", "det brænder", "BRAENDER", "brændt af"], ["forbrænder", "bræn", "brand"]),
    "slår|slog": (["han slår", "han slog"], ["han slås", "slået"]),
    "slår|slog* mig": (
        ["slår mig", "slog mig", "slogs mig"],
        ["slårs mig", "slog dig", "mig slog"],
    ),
    "vil bare? dø": (["vil bare dø", "vil dø"], ["vil ikke dø", "vil bare bare dø", "bare dø"]),
    "vil gerne|bare? dø": (
        ["vil gerne dø", "vil bare dø", "vil dø"],
        ["vil gerne bare dø", "vil snart dø"],
    ),
    "slår .. mig": (
        ["slår mig", "slår hele tiden mig", "slår a b c mig"],
        ["slår a b c d mig", "mig slår", "slår dig"],
    ),
    ".. mig": (["mig", "a mig"], ["migræne", "dig"]),
    "er død|ikke_i_live": (
        ["er død", "er ikke i live", "ER IKKE I LIVE"],
        ["er ikke", "er i live", "er ikke i"],
    ),
    "mit_liv": (["tage mit liv"], ["mit eget liv", "mitliv"]),
    "can't breathe": (["I can't breathe", "i can t breathe"], ["i cant breathe", "can breathe"]),
    "112": (["ring 112 nu"], ["1123", "1 1 2"]),
    "a.c*": (["a c", "a cd"], ["abc", "a", "ac"]),
}
HITS = [
    pytest.param(phrase, text, id=f"{phrase}:{text}")
    for phrase, (hits, _) in NOTATION.items()
    for text in hits
]
MISSES = [
    pytest.param(phrase, text, id=f"{phrase}:{text}")
    for phrase, (_, misses) in NOTATION.items()
    for text in misses
]


@pytest.mark.parametrize(("phrase", "text"), HITS)
def test_a_phrase_stands_in_a_text(phrase: str, text: str) -> None:
    assert matches(phrase, text)


@pytest.mark.parametrize(("phrase", "text"), MISSES)
def test_a_phrase_does_not_stand_in_a_text(phrase: str, text: str) -> None:
    assert not matches(phrase, text)


def test_any_of_several_phrases_will_do() -> None:
    pattern = compile_phrases(["det brænder", "slår mig"])
    assert pattern is not None
    assert pattern.search(spaced("han slår mig"))
    assert pattern.search(spaced("hjælp, det brænder"))
    assert not pattern.search(spaced("det slår"))


def test_no_phrases_are_no_pattern() -> None:
    assert compile_phrases([]) is None


@given(st.lists(WORD, min_size=1, max_size=4))
def test_plain_words_stand_in_themselves_however_written(said: list[str]) -> None:
    phrase = " ".join(said)
    assert matches(phrase, phrase)
    assert matches(phrase, phrase.upper())
    assert matches(phrase, f"... {', '.join(said)}!")
    assert matches(phrase, phrase.replace("æ", "ae").replace("ø", "oe").replace("å", "aa"))


@pytest.mark.parametrize("word", ["hjaaalp", "oeens"])
def test_a_word_with_a_run_of_vowels_stands_in_itself(word: str) -> None:
    assert matches(word, word)


@given(st.lists(st.text(), max_size=5))
def test_any_phrase_is_a_pattern(phrases: list[str]) -> None:
    pattern = compile_phrases(phrases)
    assert pattern is None or isinstance(pattern, re.Pattern)


@given(st.text())
def test_any_text_is_words_with_one_space_on_each_side(text: str) -> None:
    result = spaced(text)
    assert result.startswith(" ")
    assert result.endswith(" ")
    assert "  " not in result.strip()
    assert not any(c.isupper() for c in result if c.isascii())


def test_a_long_text_is_searched_in_no_time() -> None:
    assert not matches("vil .. ikke .. leve", "vil ikke " * 20_000)
