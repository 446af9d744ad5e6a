"""What is said, in at most three segments, over the whole knowledge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from app import build_renderer
from bot.actions.answering import answer, life_event, offer
from channels.sms.render import MAX_LENGTH, MAX_SEGMENTS, render
from channels.sms.segments import fold, segments
from conversations.models import Card, CardItem, CardRow, Choice, Rendered, Reply
from conversations.rendering.answers import ASPECTS
from conversations.rendering.renderer import Renderer
from knowledge.catalogue import Catalogue
from knowledge.live import LiveKnowledge
from settings import Settings

LINK = "https://borgerguide.example.dk/s/abcdefgh12345678"
LANGUAGES = ("da", "en")
_ADDRESS = re.compile(r"https?://[^\s;]+")
_PHONE = re.compile(r"\b\d\d \d\d \d\d \d\d\b|\b\d{3}\b")


@pytest.fixture(scope="module")
def renderer(live: LiveKnowledge) -> Renderer:
    return build_renderer(Settings(internal_token=SecretStr("test")), live)


def body(rendered: Rendered, link: str | None = LINK) -> str:
    (payload,) = render(rendered, link)
    assert payload.keys() == {"body"}
    assert isinstance(payload["body"], str)
    return payload["body"]


def plain(text: str, *titles: str, reply: str = "fallback_1", **more: object) -> Rendered:
    choices = tuple(Choice(title, f"service:{n}") for n, title in enumerate(titles))
    rendered = Rendered(text, "da", reply, choices=choices, more="Hele svaret:")
    return replace(rendered, **more)  # type: ignore[arg-type]


def card(title: str = "Nyt pas", /, **rows: tuple[str, ...]) -> Card:
    return Card(
        service="pas",
        title=title,
        summary="",
        authority={"name": "Borgerservice", "own": True, "note": None},
        rows=tuple(
            CardRow(kind, kind.title(), tuple(CardItem(text) for text in texts))
            for kind, texts in rows.items()
        ),
        links=(),
        source=None,
        checked="",
    )


def shown_choices(text: str, rendered: Rendered) -> list[int]:
    """The numbers of the choices that the text offers, each checked for its title."""
    titles = {
        n: fold(choice.title, rendered.language) for n, choice in enumerate(rendered.choices, 1)
    }
    lines = text.split("\n")
    return [n for n, title in titles.items() if f"{n}. {title}" in lines]


# The whole knowledge.


def every_answer(renderer: Renderer, catalogue: Catalogue) -> Iterator[Rendered]:
    for service in catalogue.services:
        for aspect in ASPECTS:
            for language in LANGUAGES:
                yield renderer.render(answer(service, aspect, catalogue), language)


def check(rendered: Rendered, text: str) -> None:
    assert 0 < segments(text) <= MAX_SEGMENTS
    source = fold(rendered.text, rendered.language)
    assert rendered.card is not None
    said = fold(
        "\n".join(item.text for row in rendered.card.rows for item in row.items),
        rendered.language,
    )
    whole = f"{source}\n{said}\n{LINK}"
    for found in (*_ADDRESS.findall(text), *_PHONE.findall(text)):
        assert re.search(rf"(?<![\w]){re.escape(found)}(?![\w/])", whole), found
    numbers = shown_choices(text, rendered)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(re.findall(r"^\d+\. ", text, re.MULTILINE)) == len(numbers)


def test_every_answer_fits_and_nothing_in_it_is_broken(
    renderer: Renderer, catalogue: Catalogue
) -> None:
    count = 0
    for found in every_answer(renderer, catalogue):
        rendered = replace(found, neutral=None)
        text = body(rendered)
        assert rendered.card is not None
        lines = text.split("\n")
        check(rendered, text)
        assert lines[-1] == f"{rendered.more} {LINK}"
        assert lines[0].rstrip(".") == fold(rendered.card.title, rendered.language).rstrip(".")
        if rendered.card.rows:
            # Never the title alone; and the first row is what must be known first.
            first = fold(rendered.card.rows[0].label, rendered.language)
            assert lines[1].startswith(f"{first}: ")
        count += 1
    assert count == len(catalogue.services) * len(ASPECTS) * len(LANGUAGES)


def test_deadline_and_price_come_before_all_else(renderer: Renderer, catalogue: Catalogue) -> None:
    for service in catalogue.services:
        for language in LANGUAGES:
            found = renderer.render(answer(service, "overview", catalogue), language)
            rendered = replace(found, neutral=None)
            assert rendered.card is not None
            must = [row for row in rendered.card.rows if row.kind in {"deadline", "cost"}]
            lines = body(rendered).split("\n")
            labels = [line.partition(":")[0] for line in lines[1:]]
            told = [row for row in must if fold(row.label, language) in labels]
            assert labels[: len(told)] == [fold(row.label, language) for row in told], service
            # What gives way is only that something is not confirmed.
            known = [row for row in must if row.items[0].verified]
            assert all(row in told for row in known), service


def test_without_a_link_it_fits_as_well(renderer: Renderer, catalogue: Catalogue) -> None:
    for found in every_answer(renderer, catalogue):
        rendered = replace(found, neutral=None)
        text = body(rendered, None)
        check(rendered, text)
        assert rendered.more not in text


def test_sensitive_answers_say_nothing(renderer: Renderer, catalogue: Catalogue) -> None:
    seen = 0
    for rendered in every_answer(renderer, catalogue):
        if rendered.neutral is None:
            continue
        seen += 1
        assert rendered.card is not None
        text = body(rendered)
        assert text == f"{fold(rendered.neutral, rendered.language)}\n{rendered.more} {LINK}"
        assert rendered.card.title not in text
        assert not shown_choices(text, rendered)
    assert seen


def test_every_choice_of_services_fits(renderer: Renderer, catalogue: Catalogue) -> None:
    services = list(catalogue.services)
    offers = [offer(tuple(services[n : n + 4])) for n in range(0, len(services), 4)]
    events = [life_event(item, catalogue) for item in catalogue.life_events]
    for reply in (*offers, *events):
        for language in LANGUAGES:
            rendered = replace(renderer.render(reply, language), neutral=None)
            text = body(rendered)
            assert segments(text) <= MAX_SEGMENTS
            numbers = shown_choices(text, rendered)
            assert numbers == list(range(1, len(numbers) + 1))
            assert numbers
            whole = len(numbers) == len(rendered.choices)
            assert text.endswith(LINK) != whole, "a link exactly where choices are missing"


@pytest.mark.parametrize(
    "key", ["welcome_short", "channel_help", "stopped", "started", "slow_down", "joined"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_about_the_channel_is_said_whole(
    renderer: Renderer, key: str, language: str
) -> None:
    rendered = renderer.render(Reply(key), language)
    assert body(rendered) == fold(rendered.text, language)
    assert segments(body(rendered)) <= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_is_said_whole(renderer: Renderer, language: str) -> None:
    rendered = renderer.render(Reply("one_time_code", {"code": "012345", "minutes": 10}), language)
    assert body(rendered) == fold(rendered.text, language)
    assert "012345" in body(rendered)
    assert segments(body(rendered)) == 1


# Danger.


@pytest.mark.parametrize("kind", ["danger", "violence", "self_harm", "child"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_is_said_whole_with_its_numbers(
    renderer: Renderer, kind: str, language: str
) -> None:
    reply = Reply(f"crisis_{kind}", choices=("service:bekymring-barn", "human"))
    rendered = replace(renderer.render(reply, language), neutral="Det siger jeg ikke her.")
    text = body(rendered)
    assert text.startswith(fold(rendered.text, language))
    assert "112" in text
    assert LINK not in text
    assert segments(text) <= MAX_SEGMENTS
    assert shown_choices(text, rendered) == [1, 2]


def test_danger_in_many_words_is_not_cut() -> None:
    text = "Ring 112 nu.\n" + "\n".join(f"Linje {n}: 70 20 12 {n % 100:02}." for n in range(30))
    rendered = plain(text, "Tal med et menneske", reply="crisis_danger")
    assert MAX_LENGTH > len(text) > 3 * 153
    assert body(rendered) == text


def test_danger_in_more_than_one_message_can_hold_is_sent_in_several() -> None:
    lines = ["Ring 112 nu.", *(f"Linje {n}: 70 20 12 {n % 100:02}." for n in range(120))]
    payloads = render(plain("\n".join(lines), reply="crisis_danger"), None)
    assert len(payloads) == 2
    assert all(len(payload["body"]) <= MAX_LENGTH for payload in payloads)
    assert "\n".join(payload["body"] for payload in payloads).split("\n") == lines


# Shapes.


def test_a_short_text_needs_no_link() -> None:
    assert body(plain("Hej. Hvad kan jeg hjælpe med?")) == "Hej. Hvad kan jeg hjælpe med?"


def test_choices_are_numbered_lines() -> None:
    assert body(plain("Er det en af disse?", "Nyt pas", "Tal med et menneske")) == (
        "Er det en af disse?\n1. Nyt pas\n2. Tal med et menneske"
    )


def test_what_is_left_out_is_behind_the_link() -> None:
    text = body(plain("Først. Så.\n" + "\n".join(f"Linje nummer {n}." for n in range(60))))
    assert text.startswith("Først. Så.\nLinje nummer 0.\n")
    assert text.endswith(f"\nHele svaret: {LINK}")
    assert segments(text) == MAX_SEGMENTS


def test_a_staff_members_long_text_is_cut_between_sentences() -> None:
    text = body(plain("Du kan komme på tirsdag. " * 30, reply=""))
    answer_, link = text.split("\n")
    assert answer_.endswith("tirsdag.")
    assert link == f"Hele svaret: {LINK}"


def test_typography_costs_nothing() -> None:
    text = body(plain("Ring “nu” – helst før kl. 12…"))
    assert text == 'Ring "nu" - helst før kl. 12...'


def test_a_row_is_a_line() -> None:
    rendered = plain(
        "", card=card(deadline=("1. maj",), cost=("100 kr.", "gratis under 18", "sen"))
    )
    assert body(rendered) == (
        f"Nyt pas.\nDeadline: 1. maj\nCost: 100 kr. gratis under 18; sen\nHele svaret: {LINK}"
    )


def test_a_title_that_ends_by_itself_gets_no_stop() -> None:
    assert body(plain("", card=card("Skal du flytte?", cost=("0 kr.",)))).startswith(
        "Skal du flytte?\n"
    )


LONG = tuple(f"{n}: " + "en meget lang linje med mange ord, " * 3 + "slut" for n in range(6))


def test_of_a_long_first_list_the_beginning_is_told() -> None:
    lines = body(plain("", card=card(step=LONG))).split("\n")
    assert lines == [
        "Nyt pas.",
        f"Step: {LONG[0]}; {LONG[1]}; {LONG[2]} ...",
        f"Hele svaret: {LINK}",
    ]


def test_many_deadlines_leave_room_for_the_price() -> None:
    price = "Pas: 100 kr. for børn, 200 kr. for unge og 893 kr. for voksne, og gratis for ingen."
    lines = body(plain("", card=card(deadline=LONG, cost=(price,), step=("Gå",)))).split("\n")
    assert lines[1].startswith(f"Deadline: {LONG[0]}")
    assert lines[1].endswith(" ...")
    assert lines[2] == f"Cost: {price}"
    assert len(lines) == 4


def test_another_long_list_is_left_for_asking() -> None:
    rows = {"deadline": ("1. maj",), "step": LONG, "evidence": ("Et pas",)}
    assert body(plain("", "Sådan gør du", card=card(**rows))).split("\n") == [
        "Nyt pas.",
        "Deadline: 1. maj",
        "1. Sådan gør du",
        f"Hele svaret: {LINK}",
    ]


def test_nothing_is_sent_where_nothing_is_said() -> None:
    assert render(plain(""), None) == []
