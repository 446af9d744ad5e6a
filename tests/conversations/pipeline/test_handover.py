"""From the guide to a person, as a citizen meets it; with the real queue behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

import desk.queue.tables  # noqa: F401 - they register themselves
from app import build_renderer
from conversations.handover import CHOICES, HUMAN, Case, NoDesk, Reason
from conversations.models import Conversation, Reply
from conversations.rendering.renderer import Renderer
from conversations.states import State
from desk.accounts.models import Role, StaffMember, Team
from desk.queue.models import Assignment, Kind, TeamSettings
from desk.queue.tables import HandoverRow
from desk.queue.teams import TeamBoard
from knowledge.crisis.detector import CrisisDetector
from knowledge.live import LiveKnowledge
from settings import Settings
from storage.base import Base
from storage.engine import open_engine
from tests.desk.queue.world import PHONE, World, codes, keys

WEEK = {day: ["10:00-16:00"] for day in ("mo", "tu", "we", "th", "fr")}
NIGHT = dt.datetime(2026, 11, 24, 22, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def renderer(live: LiveKnowledge) -> Renderer:
    return build_renderer(Settings(internal_token=SecretStr("test")), live)


@pytest.fixture
async def world(
    tmp_path: Path, live: LiveKnowledge, renderer: Renderer, crisis: CrisisDetector
) -> AsyncIterator[World]:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'guide.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield World(engine, live, renderer, crisis)
    await engine.dispose()


@pytest.fixture
async def team(world: World) -> Team:
    return await world.team(Team("borgerservice", "Borgerservice", ("kk",)))


@pytest.fixture
async def mette(world: World, team: Team) -> StaffMember:
    return await world.member("Mette", teams=(team.id,))


@pytest.fixture
async def citizen(world: World) -> Conversation:
    return await world.begin()


async def hours(world: World, *closed: str) -> None:
    boss = await world.member("Bo", role=Role.administrator, online=False)
    settings = TeamSettings("borgerservice", Assignment.pick, WEEK, closed)
    await TeamBoard(world.engine).save(boss, settings)


async def ended(world: World, member: StaffMember, minutes: int) -> None:
    """Somebody was helped in so many minutes."""
    other = await world.begin()
    await world.ask_for_a_person(other.id)
    await world.desk.claim(member, other.id)
    world.clock.forward(minutes=minutes)
    await world.desk.presence.beat(member.id)
    await world.desk.resolve(member, other.id)


# What happens is told at once.


async def test_without_a_desk_the_guide_says_whom_to_call(
    world: World, citizen: Conversation
) -> None:
    world.says(Reply("human"))
    (answer,) = await world.ask_for_a_person(citizen.id)
    assert answer.reply == "human"
    assert "33 66 33 66" in answer.text
    assert await world.state(citizen.id) == "bot"


async def test_nobody_at_all_is_a_handover_of_its_own(citizen: Conversation) -> None:
    none = NoDesk()
    (case,) = [Case(citizen, None, "da", None)]  # type: ignore[arg-type]
    assert await none.request(case, Reason.crisis) is None
    assert await none.draft(citizen.id) is None


async def test_no_text_says_any_more_that_the_chat_cannot_be_passed_on(
    renderer: Renderer,
) -> None:
    assert "stille chatten om" not in renderer.sentence("human", "da")
    assert "pass this chat on" not in renderer.sentence("human", "en")


@pytest.mark.parametrize("typed", [True, False])
async def test_who_asks_hears_the_place_and_an_honest_do_not_know(
    world: World, mette: StaffMember, citizen: Conversation, typed: bool
) -> None:
    world.says(Reply("human"))
    if typed:
        (answer,) = await world.write(citizen.id, "jeg vil tale med et menneske")
    else:
        (answer,) = await world.ask_for_a_person(citizen.id)
    assert answer.reply == "handover_queued_unknown"
    assert "nummer 1" in answer.text
    assert codes(answer) == ["withdraw", "leave"]
    assert await world.state(citizen.id) == "queued"


async def test_the_wait_is_worked_out_from_the_queue(
    world: World, team: Team, citizen: Conversation
) -> None:
    mette = await world.member("Mette", teams=(team.id,), capacity=1)
    for minutes in (8, 10, 12):
        await ended(world, mette, minutes)
    waits = []
    for _ in range(3):
        conversation = await world.begin()
        (answer,) = await world.ask_for_a_person(conversation.id)
        waits.append(answer.text.splitlines()[0])
    # One is free at once; each one more is another ten minutes.
    assert [line.split("nummer ")[1] for line in waits] == [
        "1 i køen. Ventetid: cirka 1 minut.",
        "2 i køen. Ventetid: cirka 10 minutter.",
        "3 i køen. Ventetid: cirka 20 minutter.",
    ]
    omar = await world.member("Omar", teams=(team.id,), capacity=1)
    assert omar.capacity == 1
    (answer,) = await world.ask_for_a_person(citizen.id)
    assert "nummer 4" in answer.text
    assert "10 minutter" in answer.text


async def test_asking_again_in_the_queue_tells_the_place_and_keeps_it(
    world: World, mette: StaffMember, citizen: Conversation
) -> None:
    await world.ask_for_a_person(citizen.id)
    await world.ask_for_a_person((await world.begin()).id)
    (answer,) = await world.ask_for_a_person(citizen.id)
    assert answer.reply == "handover_waiting_unknown"
    assert "nummer 1" in answer.text
    assert len(await world.entries(citizen.id)) == 1


@pytest.mark.parametrize(
    ("moment", "closed", "opens"),
    [
        pytest.param(NIGHT, (), "onsdag 25. november 10", id="at night"),
        pytest.param(
            dt.datetime(2026, 11, 27, 18, 0, tzinfo=dt.UTC),
            (),
            "mandag 30. november 10",
            id="Friday",
        ),
        pytest.param(
            dt.datetime(2026, 4, 1, 18, 0, tzinfo=dt.UTC), (), "tirsdag 7. april 10", id="Easter"
        ),
        pytest.param(
            dt.datetime(2026, 12, 23, 18, 0, tzinfo=dt.UTC),
            ("2026-12-24",),
            "mandag 28. december 10",
            id="Christmas, with the team's own day",
        ),
    ],
)
async def test_outside_hours_there_are_three_ways_on(
    world: World,
    citizen: Conversation,
    moment: dt.datetime,
    closed: tuple[str, ...],
    opens: str,
) -> None:
    await world.team(Team("borgerservice", "Borgerservice", ("kk",)))
    await hours(world, *closed)
    world.clock.moment = moment
    # Somebody works late: the hours count all the same.
    await world.member("Mette", teams=("borgerservice",))
    (answer,) = await world.ask_for_a_person(citizen.id)
    assert answer.reply == "handover_closed"
    assert "mandag-fredag 10-16" in answer.text
    assert opens in answer.text
    assert codes(answer) == ["leave", "book", "call"]
    assert await world.state(citizen.id) == "bot"


async def test_with_nobody_there_it_is_said(
    world: World, team: Team, citizen: Conversation
) -> None:
    (answer,) = await world.ask_for_a_person(citizen.id)
    assert (answer.reply, codes(answer)) == ("handover_nobody_unknown", ["leave", "book", "call"])
    await hours(world)
    (answer,) = await world.ask_for_a_person(citizen.id)
    assert answer.reply == "handover_nobody"
    assert "mandag-fredag 10-16" in answer.text


@pytest.mark.parametrize(("code", "reply"), [("call", "human")])
async def test_the_other_ways_lead_on(
    world: World, team: Team, citizen: Conversation, code: str, reply: str
) -> None:
    await world.ask_for_a_person(citizen.id)
    (answer,) = await world.write(citizen.id, choice=code)
    assert answer.reply == reply


async def test_by_text_message_everything_is_a_typed_number(world: World, team: Team) -> None:
    world.says(Reply("human"))
    await world.text("menneske")
    (_, said) = await world.parcels()
    assert "1. Læg en besked\n2. Bestil tid\n3. Ring i stedet" in said
    _, (answer,) = await world.text("1")
    assert answer.reply == "leave_message"


# Why a person is needed.


async def test_after_two_failures_a_person_is_sent_for(
    world: World, mette: StaffMember, citizen: Conversation
) -> None:
    world.says(Reply("fallback_1", choices=("human",)))
    assert keys(await world.write(citizen.id, "hmm")) == ["fallback_1"]
    world.says(Reply("fallback_2", choices=("human",)))
    first, second = await world.write(citizen.id, "hmmm")
    assert (first.reply, codes(first)) == ("fallback_2", [])
    assert second.reply == "handover_queued_unknown"
    entry = await world.entry(citizen.id)
    assert (entry.reason, entry.priority) == (Reason.failed, 0)


async def test_dissatisfaction_leads_to_a_person(
    world: World, mette: StaffMember, citizen: Conversation
) -> None:
    world.says(Reply("feedback_sorry", choices=("human",)))
    answers = await world.write(citizen.id, "du er ubrugelig")
    assert keys(answers)[-2:] == ["feedback_sorry", "handover_queued_unknown"]
    assert (await world.entry(citizen.id)).reason is Reason.dissatisfied


async def test_a_services_rule_leads_to_a_person_once(
    world: World, mette: StaffMember, citizen: Conversation
) -> None:
    world.says(Reply("service", service="krisecenter", choices=("human",)))
    answers = await world.write(citizen.id, "hvad koster et ophold på krisecenter?")
    assert keys(answers)[-2:] == ["service_overview", "handover_queued_unknown"]
    assert (await world.entry(citizen.id)).reason is Reason.rule
    await world.write(citizen.id, choice="withdraw")
    assert keys(await world.write(citizen.id, "hvor ligger krisecentrene?")) == ["service_overview"]


async def test_a_rule_disturbs_nobody_when_nobody_is_there(
    world: World, team: Team, citizen: Conversation
) -> None:
    world.says(Reply("service", service="krisecenter", choices=("human",)))
    answers = await world.write(citizen.id, "hvad koster et ophold på krisecenter?")
    assert (answers[-1].reply, codes(answers[-1])) == ("service_overview", ["human"])


@pytest.mark.parametrize("there", [True, False])
async def test_in_danger_the_numbers_come_first_and_then_the_first_place(
    world: World, team: Team, citizen: Conversation, there: bool
) -> None:
    await world.member("Mette", teams=(team.id,), online=there)
    other = await world.begin()
    await world.ask_for_a_person(other.id)
    answers = await world.write(citizen.id, "jeg vil ikke leve mere")
    after = "handover_urgent" if there else "handover_urgent_nobody"
    assert keys(answers)[:2] == ["crisis_self_harm", after]
    assert "112" in answers[0].text.splitlines()[0]
    entry = await world.entry(citizen.id)
    assert (entry.reason, entry.priority, entry.kind) == (Reason.crisis, 3, Kind.chat)
    assert await world.state(citizen.id) == "queued"


async def test_danger_in_the_queue_goes_to_its_head(
    world: World, mette: StaffMember, citizen: Conversation
) -> None:
    await world.ask_for_a_person(citizen.id)
    await world.write(citizen.id, "det brænder i min lejlighed")
    (entry,) = await world.entries(citizen.id)
    assert (entry.reason, entry.priority) == (Reason.crisis, 3)
    assert "handover_raised" in await world.trail(citizen.id)


async def test_danger_with_a_person_there_is_answered_with_numbers_only(
    world: World, mette: StaffMember, citizen: Conversation
) -> None:
    await world.ask_for_a_person(citizen.id)
    await world.desk.claim(mette, citizen.id)
    answers = await world.write(citizen.id, "det brænder i min lejlighed")
    assert keys(answers) == ["crisis_danger"]
    assert (await world.entry(citizen.id)).priority == 3
    assert await world.state(citizen.id) == "assigned"


async def test_the_numbers_are_told_whatever_becomes_of_the_queue(
    world: World, mette: StaffMember, citizen: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(world.handover, "_wanted", lambda *_: broken)
    assert keys(await world.write(citizen.id, "det brænder i min lejlighed"))[0] == "crisis_danger"
    monkeypatch.setattr(world.handover, "request", broken)
    assert keys(await world.write(citizen.id, "det brænder stadig her"))[0] == "crisis_danger"
    assert await world.state(citizen.id) == "bot"


# In the queue.


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("da", "nej, det er lige meget"),
        ("da", "Glem det!"),
        ("da", "nej tak"),
        ("en", "never mind"),
        ("ro", "nu"),
    ],
)
async def test_a_plain_no_leaves_the_queue(
    world: World, mette: StaffMember, language: str, words: str
) -> None:
    citizen = await world.begin(language)
    await world.ask_for_a_person(citizen.id)
    assert keys(await world.write(citizen.id, words)) == ["handover_withdrawn"]
    assert await world.state(citizen.id) == "bot"
    assert (await world.entry(citizen.id)).closed_at is not None


async def test_a_no_in_another_language_may_be_a_word_of_this_one(
    world: World, mette: StaffMember, citizen: Conversation
) -> None:
    await world.ask_for_a_person(citizen.id)
    assert keys(await world.write(citizen.id, "nu")) == ["greet"]
    assert await world.state(citizen.id) == "queued"


async def test_a_no_to_something_else_does_not(
    world: World, mette: StaffMember, citizen: Conversation
) -> None:
    await world.ask_for_a_person(citizen.id)
    world.says(Reply("candidates", choices=("service:pas-voksen", "service:pas-boern")))
    await world.write(citizen.id, "pas")
    world.says(Reply("correct_ask"))
    assert keys(await world.write(citizen.id, "nej")) == ["correct_ask"]
    assert await world.state(citizen.id) == "queued"
    assert keys(await world.write(citizen.id, "glem det")) == ["handover_withdrawn"]


@pytest.mark.parametrize("reply", ["cancelled", "deny_open"])
async def test_so_does_a_no_that_only_the_dialogue_understands(
    world: World, mette: StaffMember, citizen: Conversation, reply: str
) -> None:
    await world.ask_for_a_person(citizen.id)
    world.says(Reply(reply))
    assert keys(await world.write(citizen.id, "øh altså nej ellers tak du")) == [
        "handover_withdrawn"
    ]


async def test_in_the_queue_the_guide_helps_on(
    world: World, mette: StaffMember, citizen: Conversation
) -> None:
    await world.ask_for_a_person(citizen.id)
    world.says(Reply("fallback_2"))
    for _ in range(3):
        assert keys(await world.write(citizen.id, "hvad koster et pas?")) == ["fallback_2"]
    assert await world.state(citizen.id) == "queued"
    assert len(await world.entries(citizen.id)) == 1


async def test_who_has_said_no_is_not_asked_again_unless_they_ask(
    world: World, mette: StaffMember, citizen: Conversation
) -> None:
    await world.ask_for_a_person(citizen.id)
    await world.write(citizen.id, choice="withdraw")
    world.says(Reply("feedback_sorry"))
    assert keys(await world.write(citizen.id, "du er dum")) == ["feedback_sorry"]
    assert keys(await world.ask_for_a_person(citizen.id)) == ["handover_queued_unknown"]


@pytest.mark.parametrize("code", sorted(CHOICES - {"book", "call", "leave", "rate:words"}))
async def test_a_choice_that_is_not_open_any_more_does_no_harm(
    world: World, mette: StaffMember, citizen: Conversation, code: str
) -> None:
    (answer,) = (await world.write(citizen.id, choice=code))[-1:]
    assert answer.reply in {"choice_gone", "handover_not_waiting"}
    assert await world.state(citizen.id) == "bot"
    assert not await world.entries(citizen.id)


# Leaving a message.


async def left(world: World, conversation_id: str) -> None:
    await world.write(conversation_id, choice="leave")
    await world.write(conversation_id, "Min nabo larmer hver nat")


@pytest.mark.parametrize(
    ("where", "reached"),
    [
        (["answer:here"], (None, None)),
        (["20 12 34 56"], ("sms", PHONE)),
        (["answer:phone", "20123456"], ("sms", PHONE)),
        (["answer:phone", "ved ikke", "20123456"], ("sms", PHONE)),
        # Nothing is offered that does not exist: they are asked again.
        (["answer:email", "answer:here"], (None, None)),
        (["skriv til ida@example.dk", "20 12 34 56"], ("sms", PHONE)),
        (["hvad mener du?", "answer:here"], (None, None)),
    ],
)
async def test_a_message_is_left_with_where_to_answer(
    world: World,
    team: Team,
    citizen: Conversation,
    where: list[str],
    reached: tuple[str | None, str | None],
) -> None:
    _, address = reached
    await left(world, citizen.id)
    answer = None
    for step in where:
        code = step if step in CHOICES else None
        (answer,) = await world.write(citizen.id, "" if code else step, code)
    assert answer is not None
    assert (answer.reply or "").startswith("leave_confirm")
    assert address is None or address in answer.text
    assert not await world.entries(citizen.id)
    (done,) = await world.write(citizen.id, "ja tak")
    assert done.reply == ("leave_done_elsewhere" if address else "leave_done")
    entry = await world.entry(citizen.id)
    assert entry.kind is Kind.message
    assert (entry.answer_channel, entry.answer_address) == reached
    messages = {message.seq: message for message in await world.all_messages(citizen.id)}
    assert messages[entry.message_seq or 0].text == "Min nabo larmer hver nat"
    assert await world.state(citizen.id) == "queued"


@pytest.mark.parametrize("steps", [0, 1, 2])
@pytest.mark.parametrize("how", ["leave:cancel", "fortryd"])
async def test_it_can_be_called_off_at_every_step(
    world: World, team: Team, citizen: Conversation, steps: int, how: str
) -> None:
    await world.write(citizen.id, choice="leave")
    for text in ("Min nabo larmer", "ida@example.dk")[:steps]:
        await world.write(citizen.id, text)
    code = how if how in CHOICES else None
    (answer,) = await world.write(citizen.id, "" if code else how, code)
    assert answer.reply == "leave_cancelled"
    assert not await world.entries(citizen.id)
    assert keys(await world.write(citizen.id, "hej")) == ["greet"]


async def test_another_choice_leaves_it_undone(
    world: World, team: Team, citizen: Conversation
) -> None:
    await left(world, citizen.id)
    assert keys(await world.write(citizen.id, choice="service:pas-voksen")) == ["greet"]
    assert keys(await world.write(citizen.id, "ida@example.dk")) == ["greet"]


async def test_danger_is_heard_in_the_middle_of_it(
    world: World, team: Team, citizen: Conversation
) -> None:
    await world.write(citizen.id, choice="leave")
    answers = await world.write(citizen.id, "jeg vil ikke leve mere")
    assert keys(answers)[0] == "crisis_self_harm"
    assert keys(await world.write(citizen.id, "hej")) == ["greet"]


async def test_the_next_day_it_is_forgotten(
    world: World, team: Team, citizen: Conversation
) -> None:
    await world.write(citizen.id, choice="leave")
    world.clock.forward(hours=2)
    assert keys(await world.write(citizen.id, "hvad koster et pas?")) == ["greet"]


async def test_who_waits_may_leave_a_message_instead_and_keeps_the_place(
    world: World, mette: StaffMember, citizen: Conversation
) -> None:
    await world.ask_for_a_person(citizen.id)
    place = (await world.entry(citizen.id)).queued_at
    world.clock.forward(minutes=3)
    await left(world, citizen.id)
    await world.write(citizen.id, choice="answer:here")
    await world.write(citizen.id, choice="leave:send")
    await world.desk.presence.beat(mette.id)
    (entry,) = await world.entries(citizen.id)
    assert (entry.kind, entry.queued_at) == (Kind.message, place)
    # And becomes a chat again for who asks.
    assert keys(await world.ask_for_a_person(citizen.id)) == ["handover_queued_unknown"]
    assert (await world.entry(citizen.id)).kind is Kind.chat


# Where it goes.


@pytest.mark.parametrize(
    ("service", "team"),
    [
        ("beboerlicens", "parkering"),
        ("p-afgift", "parkering"),
        ("affald-manglende", "teknik"),
        ("pas-voksen", "pas"),
        ("bibliotek", None),
        ("su", None),
        (None, None),
    ],
)
async def test_the_services_administration_decides(
    world: World, service: str | None, team: str | None
) -> None:
    await world.team(Team("parkering", "Parkering", ("parkering",)))
    await world.team(Team("teknik", "Teknik og Miljø", ("tmf",)))
    await world.team(Team("pas", "Pas", (), ("pas-voksen",)))
    conversation = await world.begin()
    if service is not None:
        world.says(Reply("service", service=service))
        await world.write(conversation.id, "noget")
    await world.member("Mette", teams=("parkering", "teknik", "pas"))
    await world.ask_for_a_person(conversation.id)
    assert (await world.entry(conversation.id)).team == team


async def test_the_rows_name_no_words_of_the_citizen(
    world: World, mette: StaffMember, citizen: Conversation
) -> None:
    world.says(Reply("human"))
    await world.write(citizen.id, "jeg vil tale om min hemmelighed")
    async with world.engine.connect() as connection:
        rows = (await connection.execute(HandoverRow.__table__.select())).all()
    assert "hemmelighed" not in repr(rows)
    assert await world.state(citizen.id) == State.queued


def test_every_choice_fits_a_button(renderer: Renderer, live: LiveKnowledge) -> None:
    too_long = [
        title
        for language in live.catalogue().language_codes
        for code in sorted({HUMAN, *CHOICES})
        if len(title := renderer.title(code, language)) > 20
    ]
    assert not too_long
