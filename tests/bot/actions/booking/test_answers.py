"""Short answers: yes, a number of people, a name, a way to be reached."""

from __future__ import annotations

from functools import cache

import pytest

from bot.actions.booking.answers import Answers, email, phone


@cache
def answers(language: str) -> Answers:
    return Answers(language)


@pytest.mark.parametrize(
    ("language", "text", "persons"),
    [
        ("da", "til mig og mine to børn", 3),
        ("da", "for to børn", 2),
        ("da", "til os begge", 2),
        ("da", "40 personer", 40),
        ("da", "min søn", None),
        ("da", "postnummer 2200", None),
        ("en", "for me and my two kids", 3),
        ("en", "a party of 40", 40),
        ("en", "for two adults and one child", 3),
        ("en", "both of us", 2),
        ("en", "a passport", None),
    ],
)
def test_for_how_many(language: str, text: str, persons: int | None) -> None:
    assert answers(language).persons(text) == persons


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("da", "jeg hedder Mette Hansen", "Mette Hansen"),
        ("da", "Søren Åge Ø. Jensen", "Søren Åge Ø. Jensen"),
        ("en", "My name is Seán O'Neill", "Seán O'Neill"),
        ("en", "Fatima al-Zahra.", "Fatima al-Zahra"),
        ("en", "李小龙", "李小龙"),
        ("en", "20 12 34 56", None),
        ("en", "x", None),
        ("en", "I do not want to tell you my name because it is private", None),
    ],
)
def test_a_name(language: str, text: str, name: str | None) -> None:
    assert answers(language).name(text) == name


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("20 12 34 56", "+4520123456"),
        ("ring på 20123456 tak", "+4520123456"),
        ("+46 70 123 45 67", "+46701234567"),
        ("12345", None),
        ("00 00 00 00", None),
    ],
)
def test_a_phone_number(text: str, number: str | None) -> None:
    assert phone(text) == number


@pytest.mark.parametrize(
    ("text", "address"),
    [("skriv til mette@example.dk.", "mette@example.dk"), ("a@b", None), ("mette(at)x.dk", None)],
)
def test_an_email_address(text: str, address: str | None) -> None:
    assert email(text) == address


@pytest.mark.parametrize(("language", "yes", "no"), [("da", "ja tak", "nej"), ("en", "ok", "nope")])
def test_yes_and_no(language: str, yes: str, no: str) -> None:
    words = answers(language)
    assert words.yes(yes)
    assert not words.yes(no)
    assert words.no(no)
    assert not words.no(yes)
    assert not words.yes(f"{yes}, but what does it cost")
