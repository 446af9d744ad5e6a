"""What a channel hands over: stored once, and answered even where it is no question."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest

from app import Parts
from conversations.assistant.port import Context
from conversations.events.local import LocalEvents
from conversations.models import Author, Reply
from conversations.reception import Request
from conversations.redaction import MASK
from conversations.states import State
from conversations.store.tables import AddressRow, ConversationRow, MessageRow
from tests.conftest import ScriptedAssistant
from tests.conversations.delivery.guide import BOX, Guide, serving

DANGER = "Det brænder i min lejlighed"


@pytest.fixture
async def guide(parts: Parts) -> AsyncIterator[Guide]:
    async with serving(parts) as guide:
        yield guide


# --- questions


async def test_a_new_address_begins_a_conversation_and_hears_who_answers(guide: Guide) -> None:
    letters = await guide.write("Hvad koster et pas?")
    assert await guide.said() == ["welcome_short", "greet"]
    assert [letter.text for letter in letters] == [m.text for m in (await guide.messages())[1:]]
    conversation = await guide.behind()
    assert (conversation.channel, conversation.language) == ("paper", "da")
    assert conversation.link_code


async def test_the_second_answer_comes_without_introduction(guide: Guide) -> None:
    await guide.write("hej")
    assert len(await guide.write("hej igen")) == 1
    assert await guide.said() == ["welcome_short", "greet", "greet"]
    assert await guide.count(ConversationRow) == 1


async def test_another_address_is_another_conversation(guide: Guide) -> None:
    await guide.write("hej")
    await guide.write("hej", box="box 2")
    assert await guide.count(ConversationRow) == 2
    assert await guide.said("box 2") == ["welcome_short", "greet"]


async def test_two_first_messages_at_once_begin_one_conversation(guide: Guide) -> None:
    await asyncio.gather(*(guide.take(guide.received(f"nummer {n}")) for n in range(5)))
    await guide.settled()
    assert await guide.count(ConversationRow) == await guide.count(AddressRow) == 1
    assert sorted(await guide.heard()) == [f"nummer {n}" for n in range(5)]


async def test_several_first_messages_are_introduced_once(guide: Guide) -> None:
    await guide.take(*(guide.received(text) for text in ("hej", "jeg skal have", "et nyt pas")))
    await guide.settled()
    assert (await guide.said()).count("welcome_short") == 1


async def test_messages_are_answered_in_their_order(
    guide: Guide, assistant: ScriptedAssistant
) -> None:
    await guide.take(*(guide.received(f"nummer {n}") for n in range(5)))
    await guide.settled()
    assert [text for _, text, _, _ in assistant.asked] == [f"nummer {n}" for n in range(5)]


async def test_the_citizen_sees_that_the_guide_writes(guide: Guide) -> None:
    await guide.write("hej")
    assert guide.office.typing == [BOX]


async def test_danger_comes_before_the_introduction(guide: Guide) -> None:
    letters = await guide.write(DANGER)
    assert await guide.said() == ["crisis_danger", "welcome_short"]
    assert "112" in letters[0].text


async def test_a_cpr_number_is_not_stored_and_the_citizen_hears_so(guide: Guide) -> None:
    await guide.write("mit cpr er 010190-1234")
    assert await guide.heard() == [f"mit cpr er {MASK}"]
    assert await guide.said() == ["welcome_short", "cpr_removed", "greet"]


@pytest.mark.parametrize("length", [1, 2000])
async def test_up_to_the_limit_a_text_is_answered(guide: Guide, length: int) -> None:
    await guide.write("å" * length)
    assert "greet" in await guide.said()


async def test_the_text_is_stored_without_what_cannot_be_seen(guide: Guide) -> None:
    await guide.write(" hej\u0000 \u202edu\u001b \r\n")
    assert await guide.heard() == ["hej du"]


# --- choices


async def test_a_button_is_a_choice_and_is_stored_by_its_title(
    guide: Guide, assistant: ScriptedAssistant
) -> None:
    await guide.write("Nyt…", choice="service:pas-voksen", title="Nyt…")
    assert assistant.asked[0][2] == "service:pas-voksen"
    title = guide.parts.knowledge.catalogue().text("pas-voksen", "da")[1].title
    assert await guide.heard() == [title]


async def test_a_button_without_words_is_a_choice(
    guide: Guide, assistant: ScriptedAssistant
) -> None:
    await guide.write(choice="human", title="Tal med et menneske")
    assert assistant.asked[0][2] == "human"
    assert await guide.heard() == ["Tal med et menneske"]


async def test_a_button_is_a_choice_also_where_the_provider_keeps_its_title(
    guide: Guide, assistant: ScriptedAssistant
) -> None:
    await guide.write(choice="human")
    assert [code for _, _, code, _ in assistant.asked] == ["human"]


async def test_a_number_picks_from_the_list(guide: Guide, assistant: ScriptedAssistant) -> None:
    codes = ("service:pas-voksen", "service:pas-boern")
    assistant.answer = lambda *_: [Reply("candidates", candidates=codes, choices=codes)]
    await guide.write("pas")
    await guide.write("2")
    assert assistant.asked[-1][2] == codes[1]


@pytest.mark.parametrize("choice", ["", "nothing", "service:xx", "ask:pas-voksen:xx", "x" * 200])
async def test_a_button_that_nobody_made_is_text(
    guide: Guide, assistant: ScriptedAssistant, choice: str
) -> None:
    await guide.write("pas", choice=choice)
    assert [(text, code) for _, text, code, _ in assistant.asked] == [("pas", None)]


# --- no questions


@pytest.mark.parametrize(
    ("request_", "answered", "said"),
    [
        (Request.stop, False, ["stopped"]),
        (Request.stop, True, []),
        (Request.start, False, ["started"]),
        (Request.start, True, []),
        (Request.help, False, ["channel_help"]),
        (Request.help, True, []),
        (Request.welcome, False, ["welcome_short"]),
    ],
)
async def test_a_request_is_answered_at_once_unless_the_provider_has(
    guide: Guide,
    assistant: ScriptedAssistant,
    request_: Request,
    answered: bool,
    said: list[str],
) -> None:
    await guide.write("ord", request=request_, answered=answered)
    assert await guide.said() == said
    assert await guide.heard() == ["ord"]
    assert assistant.asked == []


async def test_after_stop_questions_are_kept_and_nothing_is_sent(guide: Guide) -> None:
    (goodbye,) = await guide.write("STOP", request=Request.stop)
    assert goodbye.text.startswith("Du får ikke flere beskeder")
    assert await guide.opted_out() == [BOX]
    assert await guide.write("Hvad koster et pas?") == []
    assert await guide.heard() == ["STOP", "Hvad koster et pas?"]


async def test_after_stop_numbers_to_call_are_sent(guide: Guide) -> None:
    await guide.write("STOP", request=Request.stop)
    letters = await guide.write(DANGER)
    assert ["112" in letter.text for letter in letters] == [True]


async def test_start_ends_a_stop(guide: Guide) -> None:
    await guide.write("STOP", request=Request.stop)
    (hello,) = await guide.write("START", request=Request.start)
    assert "STOP" in hello.text
    assert await guide.opted_out() == []
    assert await guide.write("hej")


@pytest.mark.parametrize("answered", [False, True])
async def test_stop_twice_is_no_error(guide: Guide, answered: bool) -> None:
    for _ in range(2):
        await guide.write("STOP", request=Request.stop, answered=answered)
    assert await guide.opted_out() == [BOX]


@pytest.mark.parametrize(
    ("text", "attachments", "said"),
    [
        ("", False, "empty"),
        (" \n\u200b\u0000", False, "empty"),
        ("", True, "no_pictures"),
        (" ", True, "no_pictures"),
    ],
)
async def test_without_words_there_is_a_notice(
    guide: Guide, assistant: ScriptedAssistant, text: str, attachments: bool, said: str
) -> None:
    assert len(await guide.write(text, attachments=attachments)) == 1
    assert await guide.said() == [said]
    assert assistant.asked == []


async def test_words_beside_a_picture_are_answered(
    guide: Guide, assistant: ScriptedAssistant
) -> None:
    await guide.write("Hvad er det?", attachments=True)
    assert [text for _, text, _, _ in assistant.asked] == ["Hvad er det?"]


async def test_a_text_that_is_too_long_is_kept_in_part_and_refused(
    guide: Guide, assistant: ScriptedAssistant
) -> None:
    (notice,) = await guide.write("å" * 2001)
    assert "2000" in notice.text
    assert await guide.said() == ["too_long"]
    assert await guide.heard() == ["å" * 2000]
    assert assistant.asked == []


async def test_a_cpr_number_across_the_limit_is_not_stored_in_part(guide: Guide) -> None:
    start = "a" * 1990 + " "
    await guide.write(start + "010190-1234 og mere")
    (text,) = await guide.heard()
    assert "010190" not in text


# --- too many


async def test_whoever_writes_too_fast_hears_so_once(parts: Parts) -> None:
    async with serving(parts, messages_per_minute=1, message_burst=2) as guide:
        await guide.write("hej")
        await guide.write("pas")
        (notice,) = await guide.write("flytning")
        assert await guide.write("skole") == []
        assert await guide.write("affald") == []
        assert "112" in notice.text
        assert await guide.said() == ["welcome_short", "greet", "greet", "slow_down"]
        assert await guide.heard() == ["hej", "pas", "flytning", "skole", "affald"]


async def test_an_answer_that_was_under_way_is_no_reason_to_say_it_again(
    parts: Parts, assistant: ScriptedAssistant
) -> None:
    release = asyncio.Event()
    respond = assistant.respond

    async def slowly(
        conversation_id: str, text: str, choice: str | None, context: Context
    ) -> list[Reply]:
        await release.wait()
        return await respond(conversation_id, text, choice, context)

    assistant.respond = slowly  # type: ignore[method-assign]
    async with serving(parts, messages_per_minute=1, message_burst=2) as guide:
        await guide.take(*(guide.received(text) for text in ("hej", "pas", "flytning")))
        release.set()
        await guide.settled()
        await guide.write("skole")
        assert (await guide.said()).count("slow_down") == 1


async def test_danger_is_heard_however_fast_it_comes(parts: Parts) -> None:
    async with serving(parts, messages_per_minute=1, message_burst=1) as guide:
        await guide.write("hej")
        await guide.write("pas")
        letters = await guide.write(DANGER)
        assert "112" in letters[0].text
        assert (await guide.said())[-1] == "crisis_danger"


async def test_stop_is_heard_however_fast_it_comes(parts: Parts) -> None:
    async with serving(parts, messages_per_minute=1, message_burst=1) as guide:
        await guide.write("hej")
        await guide.write("pas")
        await guide.write("STOP", request=Request.stop)
        assert await guide.opted_out() == [BOX]


async def test_one_addresss_rate_is_not_anothers(parts: Parts) -> None:
    async with serving(parts, messages_per_minute=1, message_burst=1) as guide:
        await guide.write("hej")
        await guide.write("pas")
        await guide.write("hej", box="box 2")
        assert await guide.said("box 2") == ["welcome_short", "greet"]


# --- copies


async def test_a_second_copy_is_nothing_new(guide: Guide, assistant: ScriptedAssistant) -> None:
    await guide.write("hej", provider_message_id="x")
    assert await guide.write("hej", provider_message_id="x") == []
    assert await guide.heard() == ["hej"]
    assert len(assistant.asked) == 1


async def test_copies_at_the_same_moment_are_one_message(
    guide: Guide, assistant: ScriptedAssistant
) -> None:
    copy = guide.received("hej")
    await asyncio.gather(*(guide.take(copy) for _ in range(20)))
    await guide.settled()
    assert await guide.heard() == ["hej"]
    assert len(assistant.asked) == 1
    assert len(guide.office.letters) == 2


async def test_a_copy_of_a_request_is_answered_once(guide: Guide) -> None:
    for _ in range(3):
        await guide.write("HELP", request=Request.help, provider_message_id="x")
    assert await guide.said() == ["channel_help"]


async def test_copies_do_not_count_as_fast_writing(parts: Parts) -> None:
    async with serving(parts, messages_per_minute=1, message_burst=2) as guide:
        for _ in range(5):
            await guide.write("hej", provider_message_id="x")
        await guide.write("du")
        assert "slow_down" not in await guide.said()


# --- with a person, and in trouble


@pytest.mark.parametrize("state", [State.assigned, State.waiting_citizen])
async def test_while_a_person_has_the_conversation_the_guide_is_silent(
    guide: Guide, assistant: ScriptedAssistant, state: State
) -> None:
    await guide.write("hej")
    conversation = await guide.behind()
    await guide.set_state(conversation.id, state)
    assert await guide.write("er du der?") == []
    assert await guide.heard() == ["hej", "er du der?"]
    assert len(assistant.asked) == 1
    assert (await guide.behind()).state is State.assigned


async def test_whoever_writes_in_a_resolved_conversation_opens_it_again(guide: Guide) -> None:
    await guide.write("hej")
    await guide.set_state((await guide.behind()).id, State.resolved)
    assert len(await guide.write("en ting til")) == 1
    assert (await guide.behind()).state is State.bot


async def test_a_message_is_taken_even_if_nobody_can_be_woken(parts: Parts) -> None:
    class Broken(LocalEvents):
        async def publish(self, conversation_id: str) -> None:
            raise ConnectionError

    coordination = dataclasses.replace(parts.coordination, events=Broken())
    async with serving(dataclasses.replace(parts, coordination=coordination)) as guide:
        assert len(await guide.write("hej")) == 2


async def test_what_was_sent_is_what_is_stored(guide: Guide) -> None:
    await guide.write("hej")
    stored = [m for m in await guide.messages() if m.author is Author.guide]
    assert [m.channel for m in stored] == ["paper", "paper"]
    assert await guide.deliveries() == [(BOX, "sent"), (BOX, "sent")]
    assert await guide.outbox.states((await guide.behind()).id) == {m.id: "sent" for m in stored}
    assert await guide.count(MessageRow) == 3
