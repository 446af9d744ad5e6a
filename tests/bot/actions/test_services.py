"""Picking from what was offered, and what a choice leads to."""

from __future__ import annotations

import pytest

from bot.actions.services import chosen, human, pick
from conversations.models import Reply
from knowledge.catalogue import Catalogue
from tests.bot.conftest import Act

_OFFERED = ("service:pas-voksen", "service:pas-boern", "service:pas-mistet", "human")


@pytest.mark.parametrize(
    ("ordinal", "offered", "expected"),
    [
        ("1", _OFFERED, "service:pas-voksen"),
        ("3", _OFFERED, "service:pas-mistet"),
        ("last", _OFFERED, "service:pas-mistet"),
        ("4", _OFFERED, None),
        (None, _OFFERED, None),
        ("1", (), None),
        ("last", (), None),
        ("1", ("human",), "human"),
        ("last", ("human", "ask:pas-voksen:how"), "ask:pas-voksen:how"),
        ("2", ("ask:pas-voksen:how", "human"), None),
    ],
)
def test_a_place_in_the_list_is_its_choice(
    ordinal: str | None, offered: tuple[str, ...], expected: str | None
) -> None:
    assert pick(ordinal, offered) == expected


@pytest.mark.parametrize(
    ("code", "service", "expected"),
    [
        ("service:pas-voksen", None, ("service", "pas-voksen", "overview")),
        ("ask:pas-voksen:cost", None, ("service", "pas-voksen", "cost")),
        ("ask:pas-voksen:simple", None, ("service", "pas-voksen", "simple")),
        ("life_event:divorce", None, ("life_event", None, None)),
        ("human", None, ("human", None, None)),
        ("human", "vielse", ("human_service", "vielse", None)),
        ("service:abolished", None, ("choice_gone", None, None)),
        ("ask:abolished:cost", None, ("choice_gone", None, None)),
        ("ask:pas-voksen:colour", None, ("choice_gone", None, None)),
        ("ask:pas-voksen", None, ("choice_gone", None, None)),
        ("life_event:abolished", None, ("choice_gone", None, None)),
        ("teleport", None, ("choice_gone", None, None)),
        ("", None, ("choice_gone", None, None)),
    ],
)
def test_a_choice_leads_to(
    catalogue: Catalogue,
    code: str,
    service: str | None,
    expected: tuple[str, str | None, str | None],
) -> None:
    reply = chosen(code, service, catalogue)
    assert (reply.key, reply.service, reply.aspect) == expected


def test_every_service_and_life_event_can_be_chosen(catalogue: Catalogue) -> None:
    for service in catalogue.services:
        assert chosen(f"service:{service}", None, catalogue).service == service
    for event in catalogue.life_events:
        assert chosen(f"life_event:{event}", None, catalogue).values == {"life_event": event}


def test_a_person_is_the_city_until_a_service_is_at_hand() -> None:
    assert human(None) == Reply("human")
    assert human("vielse").service == "vielse"


def test_a_code_from_the_gateway_goes_before_any_words(act: Act) -> None:
    entities = {"choice": "service:vielse", "ordinal": "1"}
    [reply] = act("action_choose", "/choose", entities=entities, offered=_OFFERED)
    assert reply.service == "vielse"


def test_an_ordinal_picks_from_what_was_offered(act: Act) -> None:
    [reply] = act("action_choose", "den anden", entities={"ordinal": "2"}, offered=_OFFERED)
    assert reply.service == "pas-boern"


def test_a_place_beyond_the_list_is_said_so(act: Act) -> None:
    [reply] = act("action_choose", "den fjerde", entities={"ordinal": "4"}, offered=_OFFERED)
    assert (reply.key, reply.service) == ("choice_gone", None)


def test_a_choice_of_nothing_is_a_question(act: Act) -> None:
    [reply] = act("action_choose", "jeg vælger et pas til en voksen", entities={"ordinal": "1"})
    assert reply.service == "pas-voksen"


@pytest.mark.parametrize("action", ["status", "complain"])
def test_what_only_the_authority_knows_is_about_the_service_at_hand(act: Act, action: str) -> None:
    [about] = act(f"action_{action}", "xqzw", service="boligstoette")
    [unknown] = act(f"action_{action}", "xqzw")
    assert (about.key, about.service) == (action, "boligstoette")
    assert (unknown.key, unknown.service) == (f"{action}_any", None)
    assert "human" in about.choices
    assert "human" in unknown.choices


@pytest.mark.parametrize("service", [None, "pas-voksen"])
def test_a_case_that_names_its_service_is_about_that(act: Act, service: str | None) -> None:
    text = "hvor langt er min sag om boligstøtte?"
    [reply] = act("action_status", text, intent="ask_status", service=service)
    assert (reply.key, reply.service) == ("status", "boligstoette")


def test_an_answer_uses_the_intent_and_the_context(act: Act) -> None:
    [first] = act("action_answer", "hvad koster et pas til en voksen?", intent="ask_cost")
    [then] = act("action_answer", "hvor lang tid tager det?", intent="ask_time", service="vielse")
    assert (first.service, first.aspect) == ("pas-voksen", "cost")
    assert (then.service, then.aspect) == ("vielse", "time")


def test_a_message_far_from_the_city_is_not_looked_up(act: Act) -> None:
    [reply] = act("action_answer", "hvem vandt fodboldkampen?", intent="out_of_scope")
    assert (reply.key, reply.service) == ("out_of_scope", None)
