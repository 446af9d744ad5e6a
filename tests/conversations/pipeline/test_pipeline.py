"""From a stored message to its answer, through the whole gateway with a scripted dialogue."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from app import Parts, create_app
from conversations.assistant.port import AssistantUnavailable, Context
from conversations.coordination import alone
from conversations.models import Author, Choice, Conversation, Message, Rendered, Reply
from conversations.pipeline.turn import Turn
from conversations.redaction import MASK
from conversations.states import State
from conversations.store.store import ConversationStore
from conversations.store.tables import ActivityRow, ConversationRow, MessageRow
from storage.engine import open_engine
from tests.conftest import ScriptedAssistant
from tests.conversations.citizen import AsyncCitizen, until

NOW = dt.datetime.now(dt.UTC)
DANGER = [
    pytest.param("Det brænder i min lejlighed", "crisis_danger", id="fire"),
    pytest.param("jeg vil ikke leve mere", "crisis_self_harm", id="self-harm"),
    pytest.param("my husband hits me", "crisis_violence", id="violence in English"),
    pytest.param("min nabo slår sit barn", "crisis_child", id="child"),
]


def keys(answers: list[dict[str, Any]]) -> list[str]:
    return [answer["reply"] for answer in answers]


def say(assistant: ScriptedAssistant, *replies: Reply) -> None:
    assistant.answer = lambda *_: list(replies)


def be_away(assistant: ScriptedAssistant) -> None:
    def away(text: str, choice: str | None, context: Context) -> list[Reply]:
        raise AssistantUnavailable("away")

    assistant.answer = away


async def set_state(parts: Parts, state: State) -> None:
    async with parts.engine.begin() as connection:
        await connection.execute(update(ConversationRow).values(state=state))


async def activities(parts: Parts) -> list[tuple[str, dict[str, Any]]]:
    async with parts.engine.connect() as connection:
        rows = await connection.execute(
            select(ActivityRow.kind, ActivityRow.details).order_by(ActivityRow.id)
        )
        return [(row[0], row[1]) for row in rows]


@pytest.fixture
async def citizen(client: httpx.AsyncClient) -> AsyncCitizen:
    return await AsyncCitizen.begin(client)


async def test_the_dialogue_gets_what_the_gateway_knows(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    choices = ("ask:pas-voksen:how", "human")
    say(assistant, Reply("service", service="pas-voksen", aspect="cost", choices=choices))
    await citizen.say("Hvad koster et nyt pas?")
    await citizen.say("hvordan gør jeg så?")
    (first, second) = assistant.asked
    assert first[:3] == (citizen.id, "Hvad koster et nyt pas?", None)
    assert (first[3].language, first[3].channel, first[3].service) == ("da", "web", None)
    assert first[3].last_reply == "welcome"
    assert (second[3].service, second[3].aspect) == ("pas-voksen", "cost")
    assert (second[3].offered, second[3].last_reply) == (choices, "service_cost")


async def test_a_service_that_left_the_knowledge_base_is_no_context(
    citizen: AsyncCitizen, assistant: ScriptedAssistant, parts: Parts
) -> None:
    async with parts.engine.begin() as connection:
        await connection.execute(update(ConversationRow).values(service="abolished"))
    await citizen.say("hvad koster det?")
    assert assistant.asked[-1][3].service is None


async def test_failures_in_a_row_are_counted(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    for key in ("fallback_1", "fallback_2", "greet", "fallback_1"):
        say(assistant, Reply(key))
        await citizen.say("hmm")
    say(assistant, Reply("greet"))
    await citizen.say("hmm")
    assert [context.failures for *_, context in assistant.asked] == [0, 1, 2, 0, 1]


@pytest.mark.parametrize(("text", "key"), DANGER)
@pytest.mark.parametrize("language", ["da", "en"])
async def test_danger_comes_before_the_dialogue(
    client: httpx.AsyncClient, assistant: ScriptedAssistant, text: str, key: str, language: str
) -> None:
    citizen = await AsyncCitizen.begin(client, language)
    assert keys(await citizen.say(text)) == [key]
    assert not assistant.asked


@pytest.mark.parametrize(("text", "key"), DANGER)
@pytest.mark.parametrize("language", ["da", "en"])
async def test_danger_is_seen_in_any_language_and_answered_in_the_chosen_one(
    citizen: AsyncCitizen, assistant: ScriptedAssistant, text: str, key: str, language: str
) -> None:
    assert (await citizen.choose_language(language)).status_code == 204
    (answer,) = await citizen.say(text)
    assert (answer["reply"], answer["language"]) == (key, language)
    assert "112" in answer["text"].splitlines()[0]
    assert not assistant.asked


@pytest.mark.parametrize("state", [State.queued, State.assigned, State.waiting_citizen])
async def test_danger_is_answered_even_while_a_person_has_the_conversation(
    citizen: AsyncCitizen, parts: Parts, state: State
) -> None:
    await set_state(parts, state)
    await citizen.post(text="Det brænder i min lejlighed")

    async def answered() -> bool:
        return len((await citizen.read())["messages"]) == 3

    await until(answered)
    assert (await citizen.read())["messages"][-1]["reply"] == "crisis_danger"


async def test_the_trail_names_the_kind_of_danger_and_no_words(
    citizen: AsyncCitizen, parts: Parts
) -> None:
    await citizen.say("jeg vil ikke leve mere")
    ((kind, details),) = await activities(parts)
    assert (kind, details["kind"]) == ("crisis", "self_harm")
    assert "leve" not in repr(details)


async def test_a_removed_number_is_told_before_the_answer(
    citizen: AsyncCitizen, assistant: ScriptedAssistant, parts: Parts
) -> None:
    assert keys(await citizen.say("mit cpr er 010190-1234")) == ["cpr_removed", "greet"]
    assert assistant.asked[0][1] == f"mit cpr er {MASK}"
    async with parts.engine.connect() as connection:
        stored = (await connection.execute(select(MessageRow.__table__))).all()
    assert "010190" not in repr(stored)


async def test_in_danger_the_numbers_to_call_come_before_the_removed_one(
    citizen: AsyncCitizen,
) -> None:
    answers = await citizen.say("det brænder, mit cpr er 010190-1234")
    assert keys(answers) == ["crisis_danger", "cpr_removed"]


@pytest.mark.parametrize(
    ("text", "language"),
    [("How much is a new passport?", "en"), ("Hvad koster et nyt pas?", "da"), ("ok", "da")],
)
async def test_the_guide_follows_the_citizens_language(
    citizen: AsyncCitizen, text: str, language: str
) -> None:
    (answer,) = await citizen.say(text)
    assert answer["language"] == language
    assert (await citizen.read())["language"] == language


async def test_a_chosen_language_is_kept_whatever_is_typed(citizen: AsyncCitizen) -> None:
    await citizen.choose_language("en")
    for text in ("Hvad koster et nyt pas?", "jeg er flyttet til en ny lejlighed"):
        (answer,) = await citizen.say(text)
        assert answer["language"] == "en"


async def test_choosing_a_language_needs_no_dialogue(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    (answer,) = await citizen.choose("language:en")
    assert (answer["reply"], answer["language"]) == ("language_switched", "en")
    assert not assistant.asked
    (answer,) = await citizen.say("Hvad koster et nyt pas?")
    assert answer["language"] == "en"


async def test_the_dialogue_may_change_the_language(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    say(assistant, Reply("language_switched", {"language": "en"}))
    (answer,) = await citizen.say("kan du skrive på engelsk?")
    assert answer["language"] == "en"
    say(assistant, Reply("greet"))
    (answer,) = await citizen.say("Hvad koster et nyt pas?")
    assert answer["language"] == "en"


@pytest.mark.parametrize("text", ["2", "nr. 2", "2 tak", "BARN", "barn!"])
async def test_a_typed_choice_is_the_choice(
    citizen: AsyncCitizen, assistant: ScriptedAssistant, text: str
) -> None:
    offered = ("service:pas-voksen", "service:pas-boern", "human")
    say(assistant, Reply("candidates", choices=offered))
    (answer,) = await citizen.say("pas")
    title = answer["choices"][1]["title"]
    await citizen.say(text.lower().replace("barn", title))
    assert assistant.asked[-1][2] == "service:pas-boern"


@pytest.mark.parametrize("text", ["0", "4", "2200", "12 kasser og 3 stole"])
async def test_a_number_that_was_not_offered_is_only_text(
    citizen: AsyncCitizen, assistant: ScriptedAssistant, text: str
) -> None:
    offered = ("service:pas-voksen", "service:pas-boern", "human")
    say(assistant, Reply("candidates", choices=offered))
    await citizen.say("pas")
    await citizen.say(text)
    assert assistant.asked[-1][1:3] == (text, None)


async def test_choices_of_an_earlier_answer_are_closed(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    say(assistant, Reply("candidates", choices=("service:pas-voksen", "human")))
    await citizen.say("pas")
    say(assistant, Reply("greet"))
    await citizen.say("hej")
    await citizen.say("1")
    assert assistant.asked[-1][2] is None


@pytest.mark.parametrize("language", ["da", "en"])
async def test_without_the_dialogue_a_clear_question_is_looked_up(
    client: httpx.AsyncClient, assistant: ScriptedAssistant, parts: Parts, language: str
) -> None:
    be_away(assistant)
    citizen = await AsyncCitizen.begin(client, language)
    question = {"da": "forny pas voksen", "en": "renew danish passport"}[language]
    answers = await citizen.say(question)
    assert keys(answers)[0] == "degraded"
    offered = {answers[-1]["service"], *answers[-1]["candidates"], *answers[0]["candidates"]}
    assert "pas-voksen" in offered
    assert "human" in {choice["choice"] for answer in answers for choice in answer["choices"]}
    assert (await activities(parts))[0][0] == "degraded"


async def test_without_the_dialogue_nothing_found_is_said_with_a_person_to_call(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    be_away(assistant)
    (answer,) = await citizen.say("qwxzj vvkpq")
    assert answer["reply"] == "degraded_nothing"
    assert [choice["choice"] for choice in answer["choices"]] == ["human"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("service:pas-voksen", ["degraded", "service_overview"]),
        ("ask:pas-voksen:cost", ["degraded", "service_cost"]),
        ("human", ["human"]),
    ],
)
async def test_without_the_dialogue_choices_still_work(
    citizen: AsyncCitizen, assistant: ScriptedAssistant, code: str, expected: list[str]
) -> None:
    be_away(assistant)
    assert keys(await citizen.choose(code)) == expected


async def test_without_the_dialogue_a_life_event_is_answered(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    be_away(assistant)
    answers = await citizen.choose("life_event:having_a_child")
    assert answers
    assert all(key.startswith(("degraded", "service_", "life_event")) for key in keys(answers))


@pytest.mark.parametrize("state", [State.assigned, State.waiting_citizen])
async def test_nothing_is_said_while_a_person_has_the_conversation(
    citizen: AsyncCitizen, parts: Parts, assistant: ScriptedAssistant, state: State
) -> None:
    await set_state(parts, state)
    assert (await citizen.post(text="hej")).status_code == 202
    store = ConversationStore(parts.engine)

    async def closed() -> bool:
        return not await store.typing(citizen.id)

    await until(closed)
    view = await citizen.read(1)
    assert [message["author"] for message in view["messages"]] == ["citizen"]
    assert view["typing"] is False
    assert not assistant.asked


async def test_in_the_queue_the_guide_still_helps(citizen: AsyncCitizen, parts: Parts) -> None:
    await set_state(parts, State.queued)
    assert keys(await citizen.say("hej")) == ["greet"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply("no_such_reply"),
        Reply("service", service="nothing"),
        Reply("greet", choices=("nothing",)),
        Reply("greet", {"language": "xx"}, service="nothing"),
    ],
    ids=["key", "service", "choice", "language"],
)
async def test_what_cannot_be_said_becomes_an_apology(
    citizen: AsyncCitizen, assistant: ScriptedAssistant, reply: Reply
) -> None:
    say(assistant, reply)
    (answer,) = await citizen.say("hej")
    assert answer["reply"].startswith("fallback_")
    assert [choice["choice"] for choice in answer["choices"]] == ["human"]
    say(assistant, Reply("greet"))
    assert keys(await citizen.say("hej igen")) == ["greet"]


async def test_a_failing_step_gives_an_apology_and_closes_the_turn(
    citizen: AsyncCitizen, assistant: ScriptedAssistant, parts: Parts
) -> None:
    def broken(text: str, choice: str | None, context: Context) -> list[Reply]:
        raise RuntimeError("broken")

    assistant.answer = broken
    (answer,) = await citizen.say("hej")
    assert answer["reply"].startswith("fallback_")
    assert await ConversationStore(parts.engine).unanswered() == []


async def test_messages_are_answered_in_their_order(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    await asyncio.gather(*(citizen.post(text=f"nummer {n}") for n in range(10)))
    await citizen.settled()
    stored = (await citizen.read(1))["messages"]
    said = [message["text"] for message in stored if message["author"] == "citizen"]
    assert [text for _, text, *_ in assistant.asked] == said
    assert len(stored) == 20


async def restart(parts: Parts) -> Parts:
    """The same database in a new process, as far as it knows."""
    await parts.engine.dispose()
    engine = open_engine(parts.settings.database_url)
    return replace(parts, engine=engine, coordination=alone())


async def test_after_a_crash_every_open_message_is_answered_once(
    parts: Parts, assistant: ScriptedAssistant
) -> None:
    store = ConversationStore(parts.engine)
    conversation, token = await store.create("web", "da", language_chosen=False)
    await store.say(conversation.id, Rendered("velkommen", "da", "welcome"))
    for n in range(3):
        await store.add_citizen_message(conversation.id, f"nummer {n}", channel="web")
    for _ in range(2):
        parts = await restart(parts)
        app = create_app(parts)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://guide") as client:
                citizen = AsyncCitizen(client, conversation.id, token)
                await citizen.settled()
                stored = (await citizen.read())["messages"]
        authors = [message["author"] for message in stored]
        assert authors == ["guide"] + ["citizen"] * 3 + ["guide"] * 3
    assert [text for _, text, *_ in assistant.asked] == [f"nummer {n}" for n in range(3)]


async def test_a_stop_lets_the_running_turn_end(parts: Parts, assistant: ScriptedAssistant) -> None:
    app = create_app(parts)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://guide") as client:
            citizen = await AsyncCitizen.begin(client)
            await citizen.post(text="hej")
    engine = (await restart(parts)).engine
    stored = await ConversationStore(engine).messages(citizen.id)
    await engine.dispose()
    assert [message.reply for message in stored] == ["welcome", None, "greet"]


async def test_an_answer_remembers_the_knowledge_it_came_from(
    citizen: AsyncCitizen, parts: Parts
) -> None:
    await citizen.say("hej")
    async with parts.engine.connect() as connection:
        versions = await connection.scalars(
            select(MessageRow.knowledge_version).where(MessageRow.reply == "greet")
        )
        assert versions.all() == [parts.knowledge.version()]


def told(*codes: str, channel: str = "sms", offered: int | None = None) -> Message:
    """A message of the guide with these choices."""
    choices = tuple(Choice(code, code) for code in codes)
    said = Message("g", "c", 1, Author.guide, "?", "da", NOW, channel)
    return replace(said, choices=choices, offered=offered)


@pytest.mark.parametrize(
    ("history", "numbered"),
    [
        ([told("a", "b")], ("a", "b")),
        ([told("a", "b", "c", offered=2)], ("a", "b")),
        ([told("a", "b", offered=0)], ()),
        ([told(), told("a")], ("a",)),
        # Each message counts from 1, so a number is one of the latest list.
        ([told("c"), told("a", "b")], ("c",)),
        ([told("a", "b", channel="web", offered=None)], ("a", "b")),
        # Where the citizen is now, all of them can be seen.
        ([told("a", "b", channel="messenger", offered=1)], ("a", "b")),
        ([], ()),
    ],
)
def test_a_number_stands_for_what_was_shown(
    history: list[Message], numbered: tuple[str, ...]
) -> None:
    conversation = Conversation("c", "sms", "da", False, State.bot, 2, None, NOW)
    message = Message("m", "c", 2, Author.citizen, "2", "da", NOW, "sms", "anna")
    turn = Turn(conversation, message, False, history, "da", None, None)
    assert turn.numbered == numbered
