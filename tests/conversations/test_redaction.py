"""What is taken out of a citizen's text before it is stored."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conversations.redaction import MASK, clean, mask_cpr

CPR_NUMBERS = [
    "0101901234",
    "010190-1234",
    "010190 1234",
    "010190 - 1234",
    "010190–1234",
    "010190—1234",
    "010190/1234",
    "01 01 90 1234",
    "01.01.90-1234",
    "01-01-90-1234",
    "01/01/90 1234",
    "010190-12 34",
    "01 01 90 12 34",
    "290200-1234",
    "311299-9999",
    "610190-1234",
    "910190-1234",
]

NOT_CPR = [
    pytest.param("33663366", id="phone"),
    pytest.param("33 66 33 66", id="phone in pairs"),
    pytest.param("+45 33 66 33 66", id="phone with country code"),
    pytest.param("+4512013456", id="phone in E.164"),
    pytest.param("004533663366", id="phone with 00"),
    pytest.param("+491512345678", id="foreign phone"),
    pytest.param("01.01.1990", id="date"),
    pytest.param("1990-01-01", id="ISO date"),
    pytest.param("01-01-90", id="short date"),
    pytest.param("12345678", id="eight digits"),
    pytest.param("12 34 56 78", id="eight digits in pairs"),
    pytest.param("3201901234", id="no such day"),
    pytest.param("0113901234", id="no such month"),
    pytest.param("300290-1234", id="30 February"),
    pytest.param("600190-1234", id="day 60"),
    pytest.param("920190-1234", id="day 92"),
    pytest.param("01019012345", id="eleven digits"),
    pytest.param("10101901234", id="eleven digits, a number at the end"),
    pytest.param("DK5000400440116243", id="IBAN"),
    pytest.param("DK50 0040 0440 1162 43", id="IBAN in fours"),
    pytest.param("0400 0012345678", id="account"),
    pytest.param("123456789", id="nine digits"),
    pytest.param("", id="nothing"),
]

words = st.text(st.characters(categories=["L", "P", "Zs", "So"], exclude_characters="+"))
births = st.dates(dt.date(1900, 1, 1), dt.date(2057, 12, 31))


@pytest.mark.parametrize("number", CPR_NUMBERS)
@pytest.mark.parametrize(
    "around", ["{}", "mit cpr er {}.", "cpr:{},", "({})", "nr{}og så", "{}\n{}"]
)
def test_a_cpr_number_is_masked_wherever_it_stands(number: str, around: str) -> None:
    masked, found = mask_cpr(around.format(number, number))
    assert found
    assert masked == around.format(MASK, MASK)


@pytest.mark.parametrize("text", NOT_CPR)
def test_other_numbers_stay(text: str) -> None:
    assert mask_cpr(text) == (text, False)


@pytest.mark.parametrize("text", ["010190-1234 og 020291-4321", "010190-1234 020291-4321"])
def test_every_number_in_a_message_is_masked(text: str) -> None:
    masked, _ = mask_cpr(text)
    assert masked.count(MASK) == 2
    assert not any(character.isdigit() for character in masked)


@pytest.mark.parametrize(
    "text",
    ["jeg bor i 2200 010190-1234", "2450 010190 1234", "i 2023 010190-1234", "99 99 010190-1234"],
)
def test_a_number_behind_other_digits_is_masked(text: str) -> None:
    masked, found = mask_cpr(text)
    assert found
    assert "1234" not in masked


@pytest.mark.parametrize("separator", ["\u00a0", "\u2011", "\u202f", "\u2212"], ids=ascii)
def test_separators_of_copied_text_are_seen_through(separator: str) -> None:
    assert mask_cpr(clean(f"010190{separator}1234")) == (MASK, True)


@pytest.mark.parametrize(
    "text", ["min tid er 12-05-2024 14:30", "12.05.2024 10.30", "den 01.08.2024 12 kasser"]
)
def test_a_date_with_a_time_stays(text: str) -> None:
    assert mask_cpr(text) == (text, False)


def test_an_iban_that_begins_like_a_date_stays() -> None:
    assert mask_cpr("DK12 0400 4401 1624 3") == ("DK12 0400 4401 1624 3", False)


@given(words, births, st.integers(0, 9999), st.sampled_from(["", "-", " ", " - "]), words)
def test_any_birth_date_with_any_serial_number_is_masked(
    before: str, born: dt.date, serial: int, separator: str, behind: str
) -> None:
    text = f"{before}{born:%d%m%y}{separator}{serial:04d}{behind}"
    assert mask_cpr(text) == (f"{before}{MASK}{behind}", True)


@given(st.text(st.sampled_from("0123456789 -./+a\n")))
@example("0101901234 0101901234")
def test_masking_twice_is_masking_once(text: str) -> None:
    once, _ = mask_cpr(text)
    assert mask_cpr(once) == (once, False)


@given(st.text())
def test_text_without_a_number_is_left_as_it_is(text: str) -> None:
    masked, found = mask_cpr(text)
    assert found or masked == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("a\x00b\x07c\x1b[31m", "abc[31m", id="control"),
        pytest.param("a\x7fb\x85c", "abc", id="C1 control"),
        pytest.param("a\ud800b\udfffc", "abc", id="surrogates"),
        pytest.param("a\u202eb\u2066c\u2069\u200e\u200f", "abc", id="bidi"),
        pytest.param("a\u200bb\ufeffc\u00add", "abcd", id="invisible"),
        pytest.param("a\ue000b", "ab", id="private use"),
        pytest.param(
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            id="Persian non-joiner",
        ),
        pytest.param("👨‍👩‍👧", "👨‍👩‍👧", id="emoji joiner"),
        pytest.param("👍🏽 ❤️", "👍🏽 ❤️", id="skin tone and variation"),
        pytest.param("a\r\nb\tc", "a\nb\tc", id="line breaks"),
        pytest.param("  a \n", "a", id="ends"),
        pytest.param("København", "København", id="Danish"),
        pytest.param("a\u030a", "å", id="composed"),
        pytest.param("\x00\u200b\ud83d \n", "", id="nothing left"),
    ],
)
def test_clean_keeps_what_can_be_read(text: str, kept: str) -> None:
    assert clean(text) == kept


@given(st.text(st.characters()))
def test_clean_text_has_nothing_that_cannot_be_shown(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    bad = {c for c in cleaned if unicodedata.category(c)[0] == "C"} - set("\n\t\u200c\u200d")
    assert not bad
    assert cleaned == cleaned.strip()


@pytest.mark.parametrize("text", ["a\u200b\u030a", "e\x00\u0301"], ids=ascii)
def test_clean_text_is_composed(text: str) -> None:
    assert unicodedata.is_normalized("NFC", clean(text))
