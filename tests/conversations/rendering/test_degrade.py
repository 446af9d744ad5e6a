"""What is left of a reply on a channel that can do less."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.models import Capabilities, Card, Choice, Rendered, Reply
from conversations.rendering.degrade import degrade
from conversations.rendering.renderer import Renderer

WEB = Capabilities()
SMS = Capabilities(buttons=False, cards=False)
CHOICES = (Choice("Pas til voksne", "service:pas-voksen"), Choice("Menneske", "human"))
OFFER = Rendered(text="Hvad mener du?", language="da", reply="candidates", choices=CHOICES)
CARD = Card(
    service="pas-voksen",
    title="Pas",
    summary="Nyt pas",
    authority={"name": "Borgerservice", "own": True, "note": None},
    rows=(),
    links=(),
    source=None,
    checked="2023",
)


def numbered(rendered: Rendered) -> list[str]:
    return [f"{n}. {choice.title}" for n, choice in enumerate(rendered.choices, 1)]


def test_the_website_shows_everything() -> None:
    rich = replace(OFFER, card=CARD, neutral="privat", more="mere")
    assert degrade(rich, WEB) == rich


def test_a_card_is_left_out_where_there_are_none(renderer: Renderer) -> None:
    rendered = renderer.render(Reply("service", service="pas-voksen", aspect="cost"), "da")
    on_web, by_sms = (degrade(rendered, can) for can in (WEB, SMS))
    assert on_web.card is not None
    assert by_sms.card is None
    assert on_web.text == by_sms.text
    assert on_web.reply == by_sms.reply == "service_cost"


def test_choices_are_numbered_where_there_are_no_buttons(renderer: Renderer) -> None:
    rich = renderer.render(Reply("candidates", choices=("service:pas-voksen", "human")), "en")
    on_web, by_sms = (degrade(rich, can) for can in (WEB, SMS))
    titles = [choice.title for choice in rich.choices]
    assert on_web.choices == rich.choices
    assert not any(title in on_web.text for title in titles)
    assert by_sms.choices == ()
    assert by_sms.text.startswith(rich.text)
    lines = by_sms.text.splitlines()[-2:]
    assert lines == [f"{n}. {title}" for n, title in enumerate(titles, 1)]


def test_the_choices_under_an_answer_are_numbered_too(renderer: Renderer) -> None:
    reply = Reply("service", service="pas-voksen", choices=("ask:pas-voksen:how", "human"))
    rich = renderer.render(reply, "da")
    assert degrade(rich, SMS).text == "\n".join([rich.text, *numbered(rich)])


@pytest.mark.parametrize(
    ("limit", "buttons"),
    [(None, True), (3, True), (2, True), (1, False), (0, False)],
)
def test_too_many_choices_all_become_lines(limit: int | None, *, buttons: bool) -> None:
    shown = degrade(OFFER, Capabilities(max_choices=limit))
    assert shown.choices == (CHOICES if buttons else ())
    assert shown.text.splitlines() == [OFFER.text, *([] if buttons else numbered(OFFER))]


@pytest.mark.parametrize(("limit", "buttons"), [(None, True), (14, True), (13, False), (0, False)])
def test_one_title_that_is_too_long_makes_lines_of_all(limit: int | None, *, buttons: bool) -> None:
    assert max(len(choice.title) for choice in CHOICES) == 14
    shown = degrade(OFFER, Capabilities(max_title=limit))
    assert shown.choices == (CHOICES if buttons else ())
    assert shown.text.splitlines() == [OFFER.text, *([] if buttons else numbered(OFFER))]


@pytest.mark.parametrize("can", [WEB, SMS, Capabilities(max_choices=0), Capabilities(max_title=0)])
def test_without_choices_nothing_is_added(can: Capabilities) -> None:
    plain = replace(OFFER, choices=())
    assert degrade(plain, can).text == plain.text


TITLES = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=30)
LIMITS = st.none() | st.integers(0, 15)


@given(
    titles=st.lists(TITLES, max_size=15),
    buttons=st.booleans(),
    cards=st.booleans(),
    max_choices=LIMITS,
    max_title=LIMITS,
)
def test_no_choice_is_ever_lost_and_no_limit_passed(
    titles: list[str],
    *,
    buttons: bool,
    cards: bool,
    max_choices: int | None,
    max_title: int | None,
) -> None:
    choices = tuple(Choice(title, f"code:{n}") for n, title in enumerate(titles))
    rich = replace(OFFER, choices=choices, card=CARD, service="pas-voksen", neutral="privat")
    can = Capabilities(buttons, cards, max_choices=max_choices, max_title=max_title)
    shown = degrade(rich, can)
    assert shown == degrade(shown, can)
    assert (shown.card is not None) == cards
    assert replace(shown, card=None, text="", choices=()) == replace(
        rich, card=None, text="", choices=()
    )
    assert buttons or not shown.choices
    assert max_choices is None or len(shown.choices) <= max_choices
    assert max_title is None or all(len(choice.title) <= max_title for choice in shown.choices)
    if shown.choices:
        assert (shown.choices, shown.text) == (choices, rich.text)
    else:
        assert shown.text.split("\n") == [rich.text, *numbered(rich)]
