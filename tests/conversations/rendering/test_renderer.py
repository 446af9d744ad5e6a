"""Replies in words, as the channel can show them."""

from __future__ import annotations

import pytest

from conversations.models import Capabilities, Reply
from conversations.rendering.renderer import Renderer
from knowledge.catalogue import Catalogue

WEB = Capabilities()
SMS = Capabilities(buttons=False, cards=False)


def test_an_answer_about_a_service_has_a_card_where_the_channel_shows_cards(
    renderer: Renderer,
) -> None:
    reply = Reply("service", service="pas-voksen", aspect="cost")
    on_web, by_sms = (renderer.render(reply, "da", can) for can in (WEB, SMS))
    assert on_web.card is not None
    assert by_sms.card is None
    assert on_web.text == by_sms.text
    assert on_web.reply == by_sms.reply == "service_cost"


def test_choices_are_numbered_where_there_are_no_buttons(renderer: Renderer) -> None:
    reply = Reply("candidates", choices=("service:pas-voksen", "human"))
    on_web, by_sms = (renderer.render(reply, "en", can) for can in (WEB, SMS))
    assert on_web.choices == by_sms.choices
    titles = [choice.title for choice in on_web.choices]
    assert not any(title in on_web.text for title in titles)
    lines = by_sms.text.splitlines()[-2:]
    assert lines == [f"{n}. {title}" for n, title in enumerate(titles, 1)]


def test_the_choices_under_an_answer_are_numbered_too(renderer: Renderer) -> None:
    reply = Reply("service", service="pas-voksen", choices=("ask:pas-voksen:how", "human"))
    by_sms = renderer.render(reply, "da", SMS)
    assert all(choice.title in by_sms.text for choice in by_sms.choices)


def test_every_choice_that_can_be_offered_has_a_title(
    renderer: Renderer, catalogue: Catalogue
) -> None:
    codes = [f"service:{item}" for item in catalogue.services]
    codes += [f"life_event:{item}" for item in catalogue.life_events]
    codes += [f"language:{item}" for item in catalogue.language_codes]
    aspects = ("cost", "time", "deadline", "documents", "how", "eligibility", "where", "overview")
    codes += [f"ask:pas-voksen:{aspect}" for aspect in aspects]
    codes += ["human", *catalogue.suggestions]
    for language in catalogue.language_codes:
        assert all(renderer.title(code, language) for code in codes)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "nothing",
        "service:",
        "service:nothing",
        "life_event:nothing",
        "language:xx",
        "ask:nothing:cost",
        "ask:pas-voksen:nothing",
        "ask:pas-voksen",
        "<script>",
    ],
)
def test_a_code_that_means_nothing_is_a_key_error(renderer: Renderer, code: str) -> None:
    with pytest.raises(KeyError):
        renderer.title(code, "da")


@pytest.mark.parametrize("code", ["cost", "human:anything", "ask:pas-voksen:human"])
def test_a_code_that_nobody_offers_is_a_key_error(renderer: Renderer, code: str) -> None:
    with pytest.raises(KeyError):
        renderer.title(code, "da")


def test_ids_become_names_in_the_citizens_language(
    renderer: Renderer, catalogue: Catalogue
) -> None:
    reply = Reply("life_event", {"life_event": "moving"})
    for language in catalogue.language_codes:
        title = catalogue.life_event_text("moving", language).title.rstrip(".")
        assert title in renderer.render(reply, language, WEB).text


@pytest.mark.parametrize(
    "reply",
    [
        Reply("no_such_reply"),
        Reply("service", service="nothing"),
        Reply("service", service="pas-voksen", aspect="nothing"),
        Reply("greet", choices=("nothing",)),
        Reply("district_one", {"code": "2200"}),
    ],
    ids=["key", "service", "aspect", "choice", "value"],
)
def test_what_cannot_be_said_is_a_key_error(renderer: Renderer, reply: Reply) -> None:
    with pytest.raises(KeyError):
        renderer.render(reply, "da", WEB)
