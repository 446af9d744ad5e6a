"""Yes, no, again, simpler, another language, a person: each in what was said before."""

from __future__ import annotations

import pytest

from tests.bot.conftest import Act
from tests.eval.data import LANGUAGES

_TWO = ("service:pas-voksen", "service:pas-boern", "human")


def test_yes_to_one_service_is_that_service(act: Act) -> None:
    [reply] = act("action_affirm", "ja", offered=("service:vielse", "human"))
    assert (reply.key, reply.service) == ("service", "vielse")


def test_yes_to_several_asks_which(act: Act) -> None:
    [reply] = act("action_affirm", "ja", offered=_TWO, last_reply="candidates")
    assert (reply.service, reply.choices) == (None, _TWO)


def test_yes_to_several_names_the_candidates(act: Act) -> None:
    [reply] = act("action_affirm", "ja", offered=_TWO, last_reply="candidates")
    assert reply.candidates == ("pas-voksen", "pas-boern")


@pytest.mark.parametrize(
    ("last", "offered"),
    [("fallback_1", ("human",)), ("fallback_2", ("human",)), ("out_of_scope", ("human",))],
)
def test_yes_to_the_offer_of_a_person_is_the_person(
    act: Act, last: str, offered: tuple[str, ...]
) -> None:
    [reply] = act("action_affirm", "ja", offered=offered, last_reply=last)
    assert reply.key == "human"


def test_yes_to_nothing_in_particular_goes_on(act: Act) -> None:
    [reply] = act("action_affirm", "ja")
    assert (reply.key, reply.service) == ("affirm_open", None)


def test_no_to_a_guess_asks_what_was_meant(act: Act) -> None:
    [guessed] = act("action_deny", "nej", last_reply="candidates")
    [otherwise] = act("action_deny", "nej", last_reply="greet")
    assert (guessed.key, otherwise.key) == ("correct_ask", "deny_open")


def test_a_correction_looks_the_rest_up(act: Act) -> None:
    text = "nej, jeg mente et pas til et barn"
    [reply] = act("action_correct", text, service="pas-voksen")
    assert reply.service == "pas-boern"


def test_once_more_is_the_same_answer(act: Act) -> None:
    [reply] = act("action_repeat", "igen", service="vielse", aspect="cost")
    assert (reply.service, reply.aspect) == ("vielse", "cost")


@pytest.mark.parametrize("aspect", [None, "colour"])
def test_once_more_without_a_known_aspect_is_the_overview(act: Act, aspect: str | None) -> None:
    [reply] = act("action_repeat", "igen", service="vielse", aspect=aspect)
    assert (reply.service, reply.aspect) == ("vielse", "overview")


def test_once_more_repeats_the_list(act: Act) -> None:
    [reply] = act("action_repeat", "igen", offered=_TWO)
    assert (reply.candidates, reply.choices) == (("pas-voksen", "pas-boern"), _TWO)


def test_once_more_of_nothing_says_so(act: Act) -> None:
    [reply] = act("action_repeat", "igen")
    assert (reply.key, reply.service) == ("repeat_nothing", None)


def test_simpler_is_the_current_service_in_fewer_words(act: Act) -> None:
    [reply] = act("action_simpler", "nemmere", service="vielse")
    assert (reply.service, reply.aspect) == ("vielse", "simple")


def test_simpler_without_a_service_asks_which(act: Act) -> None:
    [reply] = act("action_simpler", "nemmere")
    assert (reply.key, reply.service) == ("which_service", None)


@pytest.mark.parametrize(("said", "code"), [("på engelsk", "en"), ("in Danish", "da")])
def test_a_named_language_is_switched_to(act: Act, said: str, code: str) -> None:
    [reply] = act("action_switch_language", said, entities={"language": code})
    assert (reply.key, reply.values) == ("language_switched", {"language": code})


def test_no_language_named_offers_all(act: Act) -> None:
    [reply] = act("action_switch_language", "et andet sprog")
    assert reply.choices == tuple(f"language:{code}" for code in LANGUAGES)


@pytest.mark.parametrize("place", ["1", "2", "last"])
def test_a_language_can_be_picked_by_its_place(act: Act, place: str) -> None:
    offered = ("language:da", "language:en")
    [reply] = act("action_choose", "den anden", entities={"ordinal": place}, offered=offered)
    assert reply.values == {"language": "da" if place == "1" else "en"}


def test_a_person_for_the_service_at_hand(act: Act) -> None:
    [anyone] = act("action_human", "et menneske")
    [someone] = act("action_human", "et menneske", service="vielse")
    assert (anyone.key, anyone.service) == ("human", None)
    assert (someone.key, someone.service) == ("human_service", "vielse")


def test_a_booking_offers_a_person_too(act: Act) -> None:
    [reply] = act("action_booking", "jeg vil bestille tid")
    assert reply.key == "booking"
    assert "human" in reply.choices


@pytest.mark.parametrize("action", ["action_answer", "action_affirm"])
def test_a_service_that_is_gone_does_no_harm(act: Act, action: str) -> None:
    [reply] = act(action, "xqzw", service="abolished", offered=("service:abolished", "human"))
    assert reply.service is None
