"""Which service, which aspect, or which question back, on the real knowledge base."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.actions import answering
from bot.actions.answering import ASPECTS, Answering, Question
from bot.actions.services import chosen
from conversations.models import Reply
from knowledge.catalogue import Catalogue
from tests.bot.conftest import context

_UNCLEAR = ["xqzw", "wvxkk", "👋", ""]


@pytest.mark.parametrize(
    ("language", "text", "intent", "expected"),
    [
        ("da", "hvad koster et pas til en voksen?", "ask_cost", ("pas-voksen", "cost")),
        ("da", "jeg skal giftes på rådhuset", "ask_service", ("vielse", "overview")),
        ("da", "der er rotter i gården", "ask_service", ("rotter", "overview")),
        ("da", "hvad skal jeg bruge for at forny mit kørekort?", "ask_documents",
         ("koerekort-fornyelse", "documents")),
        ("en", "how much is a new passport for an adult?", "ask_cost", ("pas-voksen", "cost")),
        ("en", "I want to get married at the city hall", "ask_service", ("vielse", "overview")),
        ("en", "there are rats in the yard", "ask_service", ("rotter", "overview")),
    ],
)  # fmt: skip
def test_a_clear_question_is_answered(
    answers: Answering, language: str, text: str, intent: str, expected: tuple[str, str]
) -> None:
    reply = answers.decide(Question(text, intent), context(language=language))
    assert reply.key == "service"
    assert (reply.service, reply.aspect) == expected


_FOLLOW_UPS = [
    ("da", "og hvor lang tid tager det?", "ask_time"),
    ("da", "hvad koster det?", "ask_cost"),
    ("da", "hvad skal jeg have med?", "ask_documents"),
    ("da", "kan jeg gøre det på nettet?", "ask_online"),
    ("da", "hvem bestemmer det?", "ask_authority"),
    ("en", "and how long does it take?", "ask_time"),
    ("en", "what does it cost?", "ask_cost"),
    ("en", "what do I need to bring?", "ask_documents"),
    ("en", "can I do it online?", "ask_online"),
    ("en", "where do I go?", "ask_where"),
]


@pytest.mark.parametrize(("language", "text", "intent"), _FOLLOW_UPS)
def test_a_follow_up_after_an_adults_passport_stays_there(
    answers: Answering, language: str, text: str, intent: str
) -> None:
    asked = context(language=language, service="pas-voksen", aspect="overview")
    reply = answers.decide(Question(text, intent), asked)
    assert (reply.key, reply.service, reply.aspect) == ("service", "pas-voksen", ASPECTS[intent])


def test_a_follow_up_that_names_nothing_stays_with_any_service(
    answers: Answering, catalogue: Catalogue
) -> None:
    moved = [
        (service, text, reply.service)
        for service in catalogue.services
        for language, text, intent in _FOLLOW_UPS
        for reply in [
            answers.decide(Question(text, intent), context(language=language, service=service))
        ]
        if reply.service != service
    ]
    assert len(moved) <= 0.03 * len(catalogue.services) * len(_FOLLOW_UPS), moved


@pytest.mark.parametrize(
    ("language", "text"),
    [("da", "og til min søn på 7?"), ("da", "hvad med børn?"), ("en", "and for my son?")],
)
def test_a_follow_up_may_move_to_a_related_service(
    answers: Answering, language: str, text: str
) -> None:
    asked = context(language=language, service="pas-voksen", aspect="cost")
    reply = answers.decide(Question(text, "ask_service"), asked)
    assert (reply.key, reply.service) == ("service", "pas-boern")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("da", "jeg skal giftes på rådhuset"),
        ("da", "hvad koster det at blive gift på rådhuset?"),
        ("en", "I want to get married at the city hall"),
    ],
)
def test_another_service_by_name_leaves_the_current_one(
    answers: Answering, language: str, text: str
) -> None:
    asked = context(language=language, service="pas-voksen", aspect="cost")
    assert answers.decide(Question(text, "ask_service"), asked).service == "vielse"


def test_a_long_story_is_no_follow_up(answers: Answering) -> None:
    story = "og hvad med en lang besked der slet ikke er nogen opfølgning på noget af det"
    reply = answers.decide(Question(story, "ask_cost"), context(service="pas-voksen"))
    assert reply.service != "pas-voksen"


def test_a_service_that_has_left_the_knowledge_base_is_forgotten(answers: Answering) -> None:
    reply = answers.decide(Question("xqzw", "ask_service"), context(service="abolished"))
    assert reply.service is None


@pytest.mark.parametrize(
    ("language", "text", "intent"),
    [
        ("da", "xqzw", "ask_cost"),
        ("en", "xqzw", "ask_documents"),
        ("da", "hvad koster det?", "ask_cost"),
        ("da", "hvor lang tid tager det?", "ask_time"),
        ("en", "what does it cost?", "ask_cost"),
        ("en", "how long does it take?", "ask_time"),
    ],
)
def test_an_aspect_without_a_service_asks_which(
    answers: Answering, language: str, text: str, intent: str
) -> None:
    reply = answers.decide(Question(text, intent), context(language=language))
    assert (reply.key, reply.service) == ("which_service", None)


def test_a_bare_question_after_an_offer_asks_which_of_them(answers: Answering) -> None:
    offered = ("service:pas-voksen", "service:abolished", "service:pas-boern", "human")
    asked = context(language="en", offered=offered)
    reply = answers.decide(Question("what do I need to bring?", "ask_documents"), asked)
    assert (reply.key, reply.candidates) == ("candidates", ("pas-voksen", "pas-boern"))
    assert reply.choices == ("service:pas-voksen", "service:pas-boern", "human")


@pytest.mark.parametrize(("confidence", "stays"), [(0.95, True), (0.6, False)])
def test_a_longer_follow_up_stays_when_its_aspect_is_sure(
    answers: Answering, confidence: float, stays: bool
) -> None:
    asked = context(language="en", service="jobcenter")
    text = "when must that be done at the latest?"
    reply = answers.decide(Question(text, "ask_deadline", confidence), asked)
    assert ((reply.service, reply.aspect) == ("jobcenter", "deadline")) is stays


@pytest.mark.parametrize("service", [None, "pas-voksen"])
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("da", "hvem vandt fodboldkampen"),
        ("da", "hvad er hovedstaden i Frankrig?"),
        ("en", "tell me a joke about penguins"),
    ],
)
def test_what_the_city_does_not_do_is_said_so(
    answers: Answering, language: str, text: str, service: str | None
) -> None:
    question = Question(text, "out_of_scope")
    reply = answers.decide(question, context(language=language, service=service))
    assert (reply.key, reply.service) == ("out_of_scope", None)
    assert "human" in reply.choices


@pytest.mark.parametrize("service", [None, "vielse"])
def test_search_that_is_sure_overrules_out_of_scope(
    answers: Answering, service: str | None
) -> None:
    question = Question("hvad koster et pas til en voksen?", "out_of_scope")
    assert answers.decide(question, context(service=service)).service == "pas-voksen"


@pytest.mark.parametrize(
    ("language", "text", "among"),
    [("da", "plads til barn", "pasningsgaranti"), ("en", "support", "saerlig-stoette")],
)
def test_a_vague_question_offers_a_few_services(
    answers: Answering, catalogue: Catalogue, language: str, text: str, among: str
) -> None:
    reply = answers.decide(Question(text, "ask_service"), context(language=language))
    assert reply.key == "candidates"
    assert among in reply.candidates
    assert 2 <= len(reply.candidates) <= 3
    assert len(set(reply.candidates)) == len(reply.candidates)
    assert set(reply.candidates) <= set(catalogue.services)
    assert reply.choices == (*(f"service:{item}" for item in reply.candidates), "human")


@pytest.mark.parametrize(
    ("language", "text", "event"),
    [
        ("da", "jeg skal giftes", "getting_married"),
        ("da", "vi skal skilles", "divorce"),
        ("da", "jeg er blevet fyret", "losing_job"),
        ("da", "vi venter et barn", "having_a_child"),
        ("en", "we are getting divorced", "divorce"),
        ("en", "we are having a baby", "having_a_child"),
    ],
)
def test_a_situation_in_life_brings_its_package(
    answers: Answering, catalogue: Catalogue, language: str, text: str, event: str
) -> None:
    reply = answers.decide(Question(text, "ask_service"), context(language=language))
    assert (reply.key, reply.values) == ("life_event", {"life_event": event})
    assert reply.candidates == catalogue.life_events[event].facts.services
    assert reply.choices == (*(f"service:{item}" for item in reply.candidates), "human")


@pytest.mark.parametrize(
    ("language", "text"),
    [("da", "min mand er død"), ("da", "min far er død"), ("en", "my husband died")],
)
def test_a_death_is_recognised(
    answers: Answering, catalogue: Catalogue, language: str, text: str
) -> None:
    reply = answers.decide(Question(text, "ask_service"), context(language=language))
    about = {reply.service, *reply.candidates}
    assert "doedsfald" in about


def test_an_aspect_of_a_situation_is_about_its_service(answers: Answering) -> None:
    reply = answers.decide(Question("hvad koster det at blive gift?", "ask_cost"), context())
    assert reply.key != "life_event"
    assert "vielse" in {reply.service, *reply.candidates}


@pytest.mark.parametrize("text", _UNCLEAR, ids=repr)
def test_each_failure_in_a_row_is_said_in_other_words(answers: Answering, text: str) -> None:
    question = Question(text, "ask_service")
    keys = [answers.decide(question, context(failures=n)).key for n in (0, 1, 2, 3, 9)]
    assert len(set(keys[:3])) == 3
    assert keys[2:] == [keys[2]] * 3
    assert all(key.startswith("fallback") for key in keys)


@pytest.mark.parametrize("failures", [0, 1, 2, 9])
def test_every_failure_offers_a_person(answers: Answering, failures: int) -> None:
    reply = answers.decide(Question("xqzw", "ask_service"), context(failures=failures))
    assert "human" in reply.choices


@pytest.mark.parametrize("text", [*_UNCLEAR, "?" * 2000, 'a" OR "b', "NEAR(", "../../etc", "%s{x}"])
@pytest.mark.parametrize("language", ["da", "en", "xx"])
def test_any_text_gets_a_reply_that_can_be_said(
    answers: Answering, sayable: Callable[[Reply], Reply], text: str, language: str
) -> None:
    sayable(answers.decide(Question(text, "ask_service"), context(language=language)))


@pytest.mark.parametrize("aspect", [*sorted({*ASPECTS.values()}), "overview", "simple"])
def test_what_is_offered_next_exists_and_is_something_else(
    catalogue: Catalogue, sayable: Callable[[Reply], Reply], aspect: str
) -> None:
    has = {"cost": "costs", "deadline": "deadlines", "documents": "evidence"}
    for service in catalogue.services.values():
        reply = answering.answer(service.id, aspect, catalogue)
        sayable(reply)
        assert "human" in reply.choices
        for code in reply.choices:
            if code == "human":
                continue
            kind, about, asked = code.split(":")
            assert (kind, about) == ("ask", service.id)
            assert asked != aspect
            if asked in has:
                assert getattr(service.facts, has[asked]), (service.id, code)
            assert chosen(code, service.id, catalogue).aspect == asked


def test_where_only_a_person_can_help_the_person_comes_first(catalogue: Catalogue) -> None:
    handed_over = [item.id for item in catalogue.services.values() if item.facts.handover]
    assert handed_over
    for service in handed_over:
        assert answering.answer(service, "overview", catalogue).choices[0] == "human"


def test_a_correction_does_not_repeat_the_wrong_answer(answers: Answering) -> None:
    question = Question("nej, jeg mente pas", "correct")
    reply = answers.correct(question, context(service="pas-voksen"))
    assert reply.service != "pas-voksen"
    assert "pas-voksen" not in reply.candidates


def test_a_correction_to_a_named_service_answers_it(answers: Answering) -> None:
    question = Question("nej, jeg mente et pas til et barn", "correct")
    assert answers.correct(question, context(service="pas-voksen")).service == "pas-boern"


def test_a_correction_to_nothing_known_asks(answers: Answering) -> None:
    reply = answers.correct(Question("xqzw", "correct"), context(service="pas-voksen"))
    assert (reply.service, reply.candidates) == (None, ())
    assert "human" in reply.choices
