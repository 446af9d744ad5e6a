"""Values as people write them: Danish, English and languages that the guide may learn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import formatting
from knowledge.schema import Value

LANGUAGES = ["da", "en", "de", "pl", "uk", "ro", "ar", "tr"]


def plain(text: str) -> str:
    """Without the difference between kinds of spaces, which CLDR changes now and then."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("language", "iso", "expected"),
    [
        ("da", "P4W", "4 uger"),
        ("da", "P1D", "1 dag"),
        ("da", "P1Y6M", "1 år 6 måneder"),
        ("da", "PT30M", "30 minutter"),
        ("da", "P1DT2H", "1 dag 2 timer"),
        ("en", "P1W", "1 week"),
        ("en", "P11D", "11 days"),
        ("de", "P1M", "1 Monat"),
        ("de", "P4W", "4 Wochen"),
        ("pl", "P4W", "4 tygodnie"),
        ("pl", "P5W", "5 tygodni"),
        ("ar", "P4W", "4 أسابيع"),
        ("ar", "PT30M", "30 دقيقة"),
    ],
)
def test_a_duration_is_in_words(language: str, iso: str, expected: str) -> None:
    assert plain(formatting.duration(iso, language)) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_duration_shows_the_name_of_its_unit(language: str) -> None:
    for iso in ("P1Y", "P3M", "P2W", "P14D", "PT1H", "PT5M"):
        assert "duration" not in formatting.duration(iso, language)


@pytest.mark.parametrize("text", ["", "P", "4W", "P4", "P1.5D", "-P1D", "P4W ", "PT", "4 uger"])
def test_what_is_no_duration_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        formatting.duration(text, "da")


@pytest.mark.parametrize(
    ("language", "amount", "currency", "expected"),
    [
        ("da", 4264, "DKK", "4.264 kr."),
        ("da", 0, "DKK", "0 kr."),
        ("da", 12.5, "DKK", "12,50 kr."),
        ("da", 1250000, "DKK", "1.250.000 kr."),
        ("da", 10, "EUR", "10 €"),
        ("en", 4264, "DKK", "4,264 DKK"),
        ("en", 12.5, "EUR", "12.50 €"),
        ("de", 4264, "DKK", "4.264 DKK"),
        ("pl", 12345, "DKK", "12 345 DKK"),
        ("ar", 4264, "DKK", "4,264 DKK"),
        ("da", 10, "USD", "10 USD"),
    ],
)
def test_money_is_written_the_language_s_way(
    language: str, amount: float, currency: str, expected: str
) -> None:
    assert plain(formatting.money(amount, currency, language)) == expected


@pytest.mark.parametrize(
    ("language", "date", "expected"),
    [
        ("da", "2024-05-15", "15. maj 2024"),
        ("da", "2024-05", "maj 2024"),
        ("da", "2024", "2024"),
        ("en", "2024-05-15", "15 May 2024"),
        ("en", "2024-05", "May 2024"),
        ("de", "2024-03-01", "1. März 2024"),
        ("de", "2024-03", "März 2024"),
        ("ar", "2024-05-15", "15 مايو 2024"),
        ("ar", "2024-05", "مايو 2024"),
    ],
)
def test_a_date_is_as_exact_as_its_source(language: str, date: str, expected: str) -> None:
    assert plain(formatting.partial_date(date, language)) == expected


@pytest.mark.parametrize("text", ["", "maj", "2024-5", "15-05-2024", "2024-13", "2024-02-30"])
def test_what_is_no_date_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|month|day"):
        formatting.partial_date(text, "da")


@pytest.mark.parametrize(
    ("item", "language", "expected"),
    [
        ("P4W", "da", "4 uger"),
        ("1000 DKK", "da", "1.000 kr."),
        ("1000.50 DKK", "da", "1.000,50 kr."),
        ("2025-07-01", "da", "1. juli 2025"),
        ("2025-07", "en", "July 2025"),
        (18, "da", "18"),
        (1990, "da", "1990"),
        (1990, "en", "1990"),
        (12345, "da", "12.345"),
        (12345, "en", "12,345"),
        (0.5, "da", "0,5"),
        (2.0, "da", "2"),
        (-5, "da", "-5"),
        ("kk.dk/pas", "da", "kk.dk/pas"),
        ("P", "da", "P"),
        ("2025", "da", "2025"),
        ("08:00", "da", "08:00"),
        ("1000 dkk", "da", "1000 dkk"),
    ],
)
def test_a_value_is_read_by_its_form(item: Value, language: str, expected: str) -> None:
    assert plain(formatting.value(item, language)) == expected


@given(st.text(min_size=1).filter(lambda text: not text[0].isdigit() and text[0] != "P"))
def test_any_other_text_stands_as_it_is(text: str) -> None:
    assert formatting.value(text, "da") == text


def test_a_text_that_only_looks_like_a_duration_stands_as_it_is() -> None:
    assert formatting.value("PT", "da") == "PT"


def test_a_template_is_filled_in_the_language() -> None:
    values: dict[str, Value] = {"fee": "1000 DKK", "wait": "P2W", "unused": 1}
    template = "{fee}, {wait}, {fee}; {Other} {}"
    assert formatting.fill(template, values, "da") == "1.000 kr., 2 uger, 1.000 kr.; {Other} {}"
    assert formatting.fill(template, values, "en") == "1,000 DKK, 2 weeks, 1,000 DKK; {Other} {}"


def test_a_value_is_not_filled_again() -> None:
    assert formatting.fill("{a}", {"a": "{b}", "b": "x"}, "da") == "{b}"


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="wait"):
        formatting.fill("{wait}", {}, "da")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+4533663366", "33 66 33 66"),
        ("+4570201201", "70 20 12 01"),
        ("112", "112"),
        ("1813", "1813"),
        ("+46812345678", "+46812345678"),
        ("+451234567", "+451234567"),
    ],
)
def test_a_danish_number_is_in_pairs(number: str, expected: str) -> None:
    assert formatting.phone(number) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_own_locale(language: str) -> None:
    assert formatting.locale(language).language == language


@pytest.mark.parametrize("language", ["", "x-y-z-w"])
def test_a_code_that_is_no_locale_is_read_as_english(language: str) -> None:
    assert formatting.locale(language).language == "en"


@pytest.mark.parametrize("language", ["xx", "tlh"])
def test_a_language_that_babel_does_not_know_is_read_as_english(language: str) -> None:
    assert formatting.locale(language).language == "en"
