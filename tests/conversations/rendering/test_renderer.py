"""Replies in words, with all that any channel can show."""

from __future__ import annotations

import pytest

from conversations.models import Reply
from conversations.rendering.renderer import Renderer
from knowledge.catalogue import Catalogue

SENSITIVE = "kontanthjaelp"
HARMLESS = "pas-voksen"


def test_an_answer_about_a_service_has_a_card(renderer: Renderer) -> None:
    rendered = renderer.render(Reply("service", service=HARMLESS, aspect="cost"), "da")
    assert rendered.card is not None
    assert (rendered.reply, rendered.service) == ("service_cost", HARMLESS)
    assert rendered.text


def test_choices_have_titles_and_are_no_part_of_the_text(renderer: Renderer) -> None:
    reply = Reply("candidates", choices=("service:pas-voksen", "human"))
    rendered = renderer.render(reply, "en")
    assert tuple(choice.choice for choice in rendered.choices) == reply.choices
    assert not any(choice.title in rendered.text for choice in rendered.choices)


@pytest.mark.parametrize(
    "reply",
    [
        Reply("service", service=SENSITIVE, aspect="cost"),
        Reply("candidates", candidates=(HARMLESS, SENSITIVE)),
        Reply("candidates", choices=(f"service:{HARMLESS}", f"service:{SENSITIVE}")),
        Reply("greet", choices=(f"ask:{SENSITIVE}:how",)),
        Reply("greet", service=SENSITIVE),
    ],
    ids=["answer", "candidate", "choice", "question", "service"],
)
def test_what_says_too_much_has_something_neutral_beside_it(
    renderer: Renderer, catalogue: Catalogue, reply: Reply
) -> None:
    for language in catalogue.language_codes:
        rendered = renderer.render(reply, language)
        assert rendered.neutral == renderer.sentence("neutral", language)
        assert catalogue.text(SENSITIVE, language)[1].title not in rendered.neutral


@pytest.mark.parametrize(
    "reply",
    [
        Reply("greet"),
        Reply("service", service=HARMLESS, aspect="cost"),
        Reply("candidates", candidates=(HARMLESS,), choices=(f"service:{HARMLESS}", "human")),
    ],
    ids=["greeting", "answer", "candidates"],
)
def test_what_is_harmless_has_nothing_neutral_beside_it(renderer: Renderer, reply: Reply) -> None:
    assert renderer.render(reply, "da").neutral is None


def test_every_sensitive_service_and_no_other_is_held_back(
    renderer: Renderer, catalogue: Catalogue
) -> None:
    for service, known in catalogue.services.items():
        rendered = renderer.render(Reply("service", service=service), "da")
        assert (rendered.neutral is not None) == known.facts.sensitive, service


def test_every_reply_says_what_stands_before_a_link(
    renderer: Renderer, catalogue: Catalogue
) -> None:
    for language in catalogue.language_codes:
        more = renderer.render(Reply("greet"), language).more
        assert more == renderer.sentence("more", language) != ""


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
        assert title in renderer.render(reply, language).text


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
        renderer.render(reply, "da")
