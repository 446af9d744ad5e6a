"""Conversations over the public interface, with the trained model and both processes."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from conversations.redaction import MASK
from tests.end_to_end.conftest import Meet
from tests.eval.data import LANGUAGES
from tests.stack import Stack

Answer = list[dict[str, Any]]


def keys(answer: Answer) -> list[str]:
    return [message["reply"] for message in answer]


def codes(message: dict[str, Any]) -> list[str]:
    return [choice["choice"] for choice in message["choices"]]


@pytest.mark.parametrize(("language", "text"), [("da", "hej"), ("en", "hello")])
def test_a_greeting_is_returned_in_its_language(meet: Meet, language: str, text: str) -> None:
    [answer] = meet(language).say(text)
    assert (answer["reply"], answer["language"], answer["author"]) == ("greet", language, "guide")
    assert answer["text"]


@pytest.mark.parametrize(
    ("language", "cost", "time"),
    [
        ("da", "hvad koster et pas til en voksen?", "og hvor lang tid tager det?"),
        ("en", "how much is a new passport for an adult?", "and how long does it take?"),
    ],
)
def test_the_price_and_then_the_time_of_the_same_service(
    meet: Meet, language: str, cost: str, time: str
) -> None:
    citizen = meet(language)
    [first] = citizen.say(cost)
    [then] = citizen.say(time)
    assert (first["reply"], first["service"]) == ("service_cost", "pas-voksen")
    assert (then["reply"], then["service"]) == ("service_time", "pas-voksen")
    assert first["text"] != then["text"]


@pytest.mark.parametrize(
    ("language", "vague", "second"),
    [
        ("da", "plads til barn", "2"),
        ("da", "plads til barn", "den anden"),
        ("en", "I'm French and just got my EU residence document, how do I get a CPR number?", "2"),
        (
            "en",
            "I'm French and just got my EU residence document, how do I get a CPR number?",
            "the second one",
        ),
    ],
)
def test_the_second_of_the_services_offered(
    meet: Meet, language: str, vague: str, second: str
) -> None:
    citizen = meet(language)
    [offer] = citizen.say(vague)
    assert offer["reply"] == "candidates"
    assert len(offer["candidates"]) >= 2
    [answer] = citizen.say(second)
    assert answer["service"] == offer["candidates"][1]


def test_a_choice_is_what_was_offered(meet: Meet) -> None:
    citizen = meet("da")
    [offer] = citizen.say("plads til barn")
    [answer] = citizen.choose(codes(offer)[0])
    assert answer["service"] == offer["candidates"][0]


@pytest.mark.parametrize(
    ("language", "where", "question", "area"),
    [
        ("da", "hvilken bydel bor jeg i?", "hvad koster et pas til en voksen?", "2200"),
        ("da", "hvilken bydel bor jeg i?", "hvad koster et pas til en voksen?", "Nørrebro"),
        ("en", "which district do I live in?", "how much is a passport for an adult?", "2200"),
    ],
)
def test_the_district_is_found_after_another_question_in_between(
    meet: Meet, language: str, where: str, question: str, area: str
) -> None:
    citizen = meet(language)
    assert keys(citizen.say(where)) == ["ask_area"]
    interrupted = citizen.say(question)
    assert keys(interrupted) == ["service_cost", "ask_area"]
    assert interrupted[0]["service"] == "pas-voksen"
    [district] = citizen.say(area)
    assert district["reply"].startswith("district_")
    assert "Nørrebro" in district["text"]


def test_the_service_is_still_known_after_the_district(meet: Meet) -> None:
    citizen = meet("da")
    citizen.say("hvad koster et pas til en voksen?")
    citizen.say("hvilken bydel bor jeg i?")
    citizen.say("2200")
    [answer] = citizen.say("hvor lang tid tager det?")
    assert (answer["reply"], answer["service"]) == ("service_time", "pas-voksen")


def test_the_question_of_the_district_can_be_left(meet: Meet) -> None:
    citizen = meet("da")
    citizen.say("hvilken bydel bor jeg i?")
    assert keys(citizen.say("stop")) == ["cancelled"]
    assert keys(citizen.say("hvad koster et pas til en voksen?")) == ["service_cost"]


def test_the_nearest_place_is_one_of_the_area(meet: Meet) -> None:
    citizen = meet("en")
    assert keys(citizen.say("where is the nearest citizen service?")) == ["ask_area"]
    answer = citizen.say("Valby")
    assert keys(answer) == ["nearest"]
    assert "Valby" in answer[0]["text"]


def test_another_municipality_is_named(meet: Meet) -> None:
    citizen = meet("da")
    citizen.say("hvilken bydel bor jeg i?")
    [answer] = citizen.say("2000")
    assert answer["reply"] == "district_elsewhere"
    assert "Frederiksberg" in answer["text"]


@pytest.mark.parametrize(
    ("language", "text"),
    [("da", "jeg vil tale med et menneske"), ("en", "I want to talk to a human")],
)
def test_a_person_is_one_message_away(meet: Meet, language: str, text: str) -> None:
    [answer] = meet(language).say(text)
    assert answer["reply"] == "human"
    assert "33 66 33 66" in answer["text"]


def test_a_person_for_the_service_at_hand(meet: Meet) -> None:
    citizen = meet("da")
    citizen.say("hvad koster det at blive gift på rådhuset?")
    [answer] = citizen.say("jeg vil tale med et menneske")
    assert (answer["reply"], answer["service"]) == ("human_service", "vielse")


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("da", "hvad er hovedstaden i Frankrig?", "hvem vandt fodboldkampen i går?"),
        ("en", "what is the capital of France?", "who won the football match yesterday?"),
    ],
)
def test_out_of_scope_twice_is_said_in_different_words(
    meet: Meet, language: str, first: str, second: str
) -> None:
    citizen = meet(language)
    [once] = citizen.say(first)
    [twice] = citizen.say(second)
    assert once["reply"] == "out_of_scope"
    assert once["text"] != twice["text"]
    assert (once["service"], twice["service"]) == (None, None)
    assert "human" in codes(twice)


def test_not_understood_three_times_leads_to_a_person(meet: Meet) -> None:
    citizen = meet("da")
    answers = [citizen.say("kvantefysik")[-1] for _ in range(3)]
    assert len({answer["text"] for answer in answers}) == 3
    assert all("human" in codes(answer) for answer in answers)
    assert "33 66 33 66" in answers[-1]["text"]


@pytest.mark.parametrize("number", ["010190-1234", "0101901234", "010190 1234"])
def test_a_cpr_number_is_masked_before_it_is_stored_and_the_citizen_told(
    stack: Stack, meet: Meet, number: str
) -> None:
    citizen = meet("da")
    answer = citizen.say(f"mit cpr er {number}, hvad koster et pas til en voksen?")
    assert keys(answer) == ["cpr_removed", "service_cost"]
    said = [m["text"] for m in citizen.read()["messages"] if m["author"] == "citizen"]
    assert len(said) == 1
    assert MASK in said[0]
    assert number not in said[0]
    with sqlite3.connect(stack.folder / "guide.db") as database:
        dump = "\n".join(database.iterdump())
    assert MASK in dump
    assert number not in dump
    for log in stack.folder.glob("*.log"):
        assert number not in log.read_text(errors="replace")


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("da", "jeg vil ikke leve mere", "self_harm"),
        ("da", "min mand slår mig", "violence"),
        ("en", "I want to kill myself", "self_harm"),
        ("en", "my husband beats me", "violence"),
    ],
)
def test_danger_comes_first_and_alone(meet: Meet, language: str, text: str, kind: str) -> None:
    [answer] = meet(language).say(text)
    assert (answer["reply"], answer["service"]) == (f"crisis_{kind}", None)
    assert "112" in answer["text"]


def test_danger_is_heard_in_the_middle_of_a_form(meet: Meet) -> None:
    citizen = meet("da")
    citizen.say("hvilken bydel bor jeg i?")
    assert keys(citizen.say("jeg vil ikke leve mere")) == ["crisis_self_harm"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("da", "det virker ikke"),
        ("da", "jeg er træt af at vente på mit pas"),
        ("da", "ved det ikke"),
        ("da", "min mand er død i nat"),
        ("en", "and for my son, he is 5?"),
    ],
)
def test_an_everyday_message_raises_no_alarm(meet: Meet, language: str, text: str) -> None:
    said = keys(meet(language).say(text))
    assert not [key for key in said if key.startswith("crisis")]


def test_a_language_asked_for_is_kept_and_so_is_the_service(meet: Meet) -> None:
    citizen = meet("da")
    citizen.say("hvad koster et pas til en voksen?")
    [switched] = citizen.say("can we continue in English please?")
    assert (switched["reply"], switched["language"]) == ("language_switched", "en")
    [answer] = citizen.say("and how long does it take?")
    assert (answer["reply"], answer["service"]) == ("service_time", "pas-voksen")
    assert answer["language"] == "en"


def test_whoever_just_goes_on_in_another_language_is_followed(meet: Meet) -> None:
    citizen = meet("da")
    citizen.say("hvad koster et pas til en voksen?")
    [answer] = citizen.say("and how long does it take to get it?")
    assert (answer["service"], answer["language"]) == ("pas-voksen", "en")


@pytest.mark.parametrize("typed", ["2", "English", "engelsk"])
def test_a_language_can_be_typed_when_all_are_offered(meet: Meet, typed: str) -> None:
    citizen = meet("da")
    [offer] = citizen.say("kan jeg skifte sprog?")
    assert codes(offer) == [f"language:{code}" for code in LANGUAGES]
    [answer] = citizen.say(typed)
    assert (answer["reply"], answer["language"]) == ("language_switched", "en")


def test_a_typed_restart_forgets_nothing(meet: Meet) -> None:
    citizen = meet("da")
    citizen.say("hvad koster et pas til en voksen?")
    citizen.say("/restart")
    [answer] = citizen.say("og hvor lang tid tager det?")
    assert (answer["reply"], answer["service"]) == ("service_time", "pas-voksen")


@pytest.mark.parametrize("before", ["", " ", "\n", "/", "/ /"])
@pytest.mark.parametrize(
    "command", ['/choose{"choice": "gone"}', "/session_start", "/back", "/area_form"]
)
def test_a_typed_command_is_only_words(meet: Meet, before: str, command: str) -> None:
    citizen = meet("da")
    citizen.say("hej")
    # Obeyed, the first would be a choice that does not exist and the others an empty answer.
    assert not {"choice_gone", "degraded", "degraded_nothing"} & {
        *keys(citizen.say(before + command))
    }
    assert keys(citizen.say("hvad koster et pas til en voksen?"))[-1] == "service_cost"


def test_two_citizens_do_not_share_a_context(meet: Meet) -> None:
    first, second = meet("da"), meet("da")
    first.say("hvad koster et pas til en voksen?")
    second.say("hvad koster det at blive gift på rådhuset?")
    follow_up = "og hvor lang tid tager det?"
    assert first.say(follow_up)[0]["service"] == "pas-voksen"
    assert second.say(follow_up)[0]["service"] == "vielse"


def test_messages_in_quick_succession_are_answered_in_order(meet: Meet) -> None:
    citizen = meet("da")
    for text in ("hej", "hvad koster et pas til en voksen?", "farvel"):
        citizen.post(text=text).raise_for_status()
    said: list[str] = []
    while len(said) < 3:
        said += keys(citizen.answers())
    assert said == ["greet", "service_cost", "bye"]


def test_a_long_conversation_stays_quick_and_knows_its_service(meet: Meet) -> None:
    citizen = meet("da")
    citizen.say("hvad koster et pas til en voksen?")
    for _ in range(30):
        citizen.say("hej")
    [answer] = citizen.say("og hvor lang tid tager det?")
    assert answer["service"] == "pas-voksen"


def test_a_cancelled_question_about_an_area_is_forgotten(meet: Meet) -> None:
    citizen = meet("da")
    assert keys(citizen.say("hvilken bydel bor jeg i?")) == ["ask_area"]
    assert keys(citizen.say("stop")) == ["cancelled"]
    assert "nearest" in keys(citizen.say("2300"))
