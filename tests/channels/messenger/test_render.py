"""What leaves fits Meta's limits and loses nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.messenger.render import button_titles, render, split
from conversations.models import Card, Choice, Rendered, Reply
from conversations.rendering.answers import ASPECTS
from conversations.rendering.renderer import Renderer
from knowledge.catalogue import Catalogue
from tests.standins.meta_rules import refusal

LINK = "https://guide.example/s/abc234"
HUMAN = Choice("Tal med et menneske", "human")
WHOLE = re.compile(r"https?://\S+|\b\d\d(?: \d\d){3}\b")
"""Addresses and phone numbers."""


def said(text: str = "Hej", *choices: Choice, **more: Any) -> Rendered:
    return Rendered(text, "da", "greet", choices=choices, more="Hele svaret:", **more)


def titles(payload: dict[str, Any]) -> list[str]:
    return [reply["title"] for reply in payload.get("quick_replies", [])]


def choices(*names: str) -> list[Choice]:
    return [Choice(name, f"service:{number}") for number, name in enumerate(names)]


def acceptable(payload: dict[str, Any]) -> bool:
    body = {"messaging_type": "RESPONSE", "message": payload}
    return refusal(body, silent_for=timedelta(), blocked=False) is None


def test_a_text_is_a_text() -> None:
    assert render(said("Hej\nmed dig"), LINK) == [{"text": "Hej\nmed dig"}]


def test_nothing_said_is_nothing_sent() -> None:
    assert render(said("  \n", HUMAN), LINK) == []


def test_short_choices_are_quick_replies_only() -> None:
    (payload,) = render(said("Hvad nu?", HUMAN, Choice("Flytning", "service:flytning")), LINK)
    assert payload == {
        "text": "Hvad nu?",
        "quick_replies": [
            {"content_type": "text", "title": "Tal med et menneske", "payload": "human"},
            {"content_type": "text", "title": "Flytning", "payload": "service:flytning"},
        ],
    }


def test_a_long_title_is_cut_and_all_titles_are_listed() -> None:
    (payload,) = render(
        said("Hvilket?", *choices("Pas", "Bopælsattest og civilstandsattest"), HUMAN), LINK
    )
    assert titles(payload) == ["Pas", "Bopælsattest og…", "Tal med et menneske"]
    assert payload["text"].splitlines() == [
        "Hvilket?",
        "1. Pas",
        "2. Bopælsattest og civilstandsattest",
        "3. Tal med et menneske",
    ]


@pytest.mark.parametrize(
    ("given_titles", "shown"),
    [
        (["Tyve tegn er i orden"], ["Tyve tegn er i orden"]),
        (["Lån til beboerindskud"], ["Lån til beboerindsk…"]),
        (["Akut syg eller skadet: 112"], ["Akut syg eller…"]),
        (["Lån, indskud: boligstøtte"], ["Lån, indskud…"]),
        (["Arbejdsskadeforsikringsloven"], ["Arbejdsskadeforsikr…"]),
        (["Fx arbejdsskadeforsikring"], ["Fx arbejdsskadefors…"]),
        (
            ["Ansøgning om boligstøtte", "Ansøgning om børnetilskud", "Pas"],
            ["1. Ansøgning om…", "2. Ansøgning om…", "3. Pas"],
        ),
        (["pas", "Pas"], ["1. pas", "2. Pas"]),
    ],
)
def test_titles_for_buttons(given_titles: list[str], shown: list[str]) -> None:
    assert button_titles(given_titles) == shown


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=13))
def test_titles_for_buttons_fit_and_differ(given_titles: list[str]) -> None:
    shown = button_titles(given_titles)
    assert len(set(shown)) == len(given_titles)
    assert all(1 <= len(title) <= 20 for title in shown)


@pytest.mark.parametrize("count", [13, 14, 40])
def test_more_choices_than_buttons_are_a_list(count: int) -> None:
    many = choices(*(f"Valg {number}" for number in range(1, count)))
    (payload,) = render(said("Vælg:", *many, HUMAN), LINK)
    if count <= 13:
        assert payload["text"] == "Vælg:"
        assert len(titles(payload)) == count
    else:
        assert payload["text"].splitlines()[1:] == [
            *(f"{number}. Valg {number}" for number in range(1, count)),
            f"{count}. Tal med et menneske",
        ]
        assert titles(payload) == ["Tal med et menneske"]


def test_a_card_is_its_lines() -> None:
    card = Card("pas", "Pas", "", {}, (), (), None, "")
    assert render(said("Pas.\nPris: 891 kr.", card=card), LINK) == [{"text": "Pas.\nPris: 891 kr."}]


def test_what_is_private_is_not_said() -> None:
    private = said("Kontanthjælp: ...", *choices("Kontanthjælp"), HUMAN, neutral="Læs det selv.")
    (payload,) = render(private, LINK)
    assert payload["text"] == f"Læs det selv.\nHele svaret: {LINK}"
    assert titles(payload) == ["Tal med et menneske"]
    assert "ontanthjælp" not in str(payload)
    (without,) = render(private, None)
    assert without["text"] == "Læs det selv."


def test_a_long_text_is_parted_and_the_buttons_come_last() -> None:
    lines = [f"{number}:" + " ord" * 60 for number in range(30)]
    payloads = render(said("\n".join(lines), HUMAN), LINK)
    assert len(payloads) > 3
    assert [bool(titles(payload)) for payload in payloads] == [False] * (len(payloads) - 1) + [True]
    whole = [line for payload in payloads for line in payload["text"].splitlines()]
    assert whole == lines


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("a" * 2000, "a" * 2000),
        ("a" * 2001, "a" * 2000),
        ("a" * 1500 + "\n\n" + "b" * 400 + "\n" + "c" * 400, "a" * 1500),
        ("a" * 1500 + "\n" + "b" * 300 + ". " + "C" * 400, "a" * 1500),
        ("a" * 100 + "\n" + "b" * 1500 + ". " + "C" * 800, "a" * 100 + "\n" + "b" * 1500 + "."),
        ("a" * 1500 + ". " + "b" * 300 + " " + "c" * 400, "a" * 1500 + ". " + "b" * 300),
        ("a" * 1000 + " " + "b" * 1500, "a" * 1000),
        ("a" * 100 + " " + "b" * 1950, "a" * 100),
        ("a" * 2000 + " b", "a" * 2000),
        ("a" * 1990 + " ring 33 66 33 66", "a" * 1990 + " ring"),
        ("a" * 1986 + " ring 33 66 33 66 nu", "a" * 1986 + " ring"),
        ("😀" * 1200, "😀" * 1000),
    ],
    ids=lambda text: text[:6] + str(len(text)),
)
def test_where_a_text_is_parted(text: str, first: str) -> None:
    parts = split(text)
    assert parts[0] == first
    assert len(parts) == (1 if len(text) == 2000 else 2)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab. \nÆ😀1"), min_size=1900, max_size=4500))
def test_parts_fit_and_lose_nothing(text: str) -> None:
    parts = split(text)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(part and len(part.encode("utf-16-le")) <= 4000 for part in parts)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_answer_fits_and_says_everything(
    renderer: Renderer,
    catalogue: Catalogue,
    aspect: str,
) -> None:
    for language in catalogue.language_codes:
        for service in catalogue.services:
            reply = Reply("service", service=service, aspect=aspect, choices=("human",))
            answer = renderer.render(reply, language)
            payloads = render(answer, LINK)
            assert all(map(acceptable, payloads)), service
            assert titles(payloads[-1])
            shown = "\n".join(payload["text"] for payload in payloads)
            if answer.neutral is not None:
                assert answer.text not in shown
                assert LINK in shown
            else:
                assert shown.split() == answer.text.split()


def test_addresses_and_phone_numbers_stay_whole(renderer: Renderer, catalogue: Catalogue) -> None:
    for language in catalogue.language_codes:
        answers = [
            renderer.render(Reply("service", service=service), language).text
            for service in catalogue.services
        ]
        for start in range(len(answers) - 5):
            text = " ".join(answers[start : start + 5])
            parts = split(text)
            assert len(parts) > 1
            assert [each for part in parts for each in WHOLE.findall(part)] == WHOLE.findall(text)


def test_every_list_of_services_can_be_told_apart(
    renderer: Renderer,
    catalogue: Catalogue,
) -> None:
    services = [item for item, each in catalogue.services.items() if not each.facts.sensitive]
    for language in catalogue.language_codes:
        for start in range(len(services) - 4):
            codes = (*(f"service:{item}" for item in services[start : start + 4]), "human")
            (payload,) = render(renderer.render(Reply("candidates", choices=codes), language), LINK)
            assert acceptable(payload)
            assert len(set(titles(payload))) == 5
            assert [reply["payload"] for reply in payload["quick_replies"]] == list(codes)
