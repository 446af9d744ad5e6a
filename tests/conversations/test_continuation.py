"""Going on elsewhere: who may, with which code, and what comes along."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import re
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, update

from app import Parts
from conversations.assistant.port import Context
from conversations.models import (
    Author,
    Conversation,
    ConversationNotFound,
    MessageRejected,
    Reply,
    TooManyMessages,
)
from conversations.states import State
from conversations.store.inbox import Inbox, Letter, Verdict
from conversations.store.tables import AddressRow, ConversationRow, OneTimeCodeRow
from storage.base import Base
from storage.engine import open_engine
from tests.conftest import ScriptedAssistant
from tests.conversations.citizen import AsyncCitizen, until
from tests.conversations.delivery.guide import BOX, Guide, serving
from tests.postgres import NoPostgres, cluster

WRONG = "000 000"


@pytest.fixture
async def guide(parts: Parts) -> AsyncIterator[Guide]:
    async with serving(parts) as guide:
        yield guide


def code_in(text: str) -> str:
    (code,) = re.findall(r"(?<!\d)\d{6}(?!\d)", text)
    return str(code)


async def code_to(guide: Guide, box: str = BOX) -> str:
    """The code that was last sent to a box."""
    await guide.settled()
    return code_in(guide.office.to(box)[-1].text)


async def on_the_web(guide: Guide, language: str = "da") -> tuple[AsyncCitizen, Conversation]:
    citizen = await AsyncCitizen.begin(guide.client, language)
    return citizen, await guide.store.get(citizen.id)


async def joined(guide: Guide, box: str = BOX, language: str = "da") -> AsyncCitizen:
    """A citizen on the web who goes on at a box."""
    citizen, conversation = await on_the_web(guide, language)
    await guide.access.continuation.begin(conversation, "paper", box)
    await guide.access.continuation.confirm(conversation, await code_to(guide, box))
    await guide.settled()
    return citizen


async def link_code(guide: Guide, box: str = BOX) -> str:
    return (await guide.behind(box)).link_code or ""


# --- from the web to an address


async def test_a_code_joins_the_address_to_the_conversation(guide: Guide) -> None:
    citizen, conversation = await on_the_web(guide)
    continuation = guide.access.continuation
    assert "paper" in continuation.channels()
    await continuation.begin(conversation, "paper", " Box 1 ")
    code = await code_to(guide)
    assert await guide.count(AddressRow) == 0
    await continuation.confirm(conversation, code)
    await guide.settled()
    assert (await guide.behind()).id == citizen.id
    assert await guide.said() == ["welcome", "joined"]
    assert [letter.text[:15] for letter in guide.office.to(BOX)] == [
        "Din kode til Bo",
        "Du kan nu skriv",
    ]


async def test_what_is_written_there_is_answered_there_and_seen_on_the_web(guide: Guide) -> None:
    citizen = await joined(guide)
    (letter,) = await guide.write("hej")
    seen = (await citizen.read())["messages"]
    assert [m["author"] for m in seen] == ["guide", "guide", "citizen", "guide"]
    assert seen[-1]["text"] == letter.text
    assert (await guide.messages())[-1].channel == "paper"
    assert await guide.count(ConversationRow) == 1


async def test_what_is_written_on_the_web_is_answered_on_the_web(guide: Guide) -> None:
    citizen = await joined(guide)
    before = len(guide.office.letters)
    await citizen.settled()
    assert len(await citizen.say("hej")) == 1
    await guide.settled()
    assert len(guide.office.letters) == before


async def test_what_was_said_at_the_address_comes_along(guide: Guide) -> None:
    await guide.write("fra papiret")
    citizen = await joined(guide)
    messages = await guide.messages()
    assert (await guide.behind()).id == citizen.id
    assert [m.reply or m.text for m in messages] == [
        "welcome",
        "joined_earlier",
        "fra papiret",
        "welcome_short",
        "greet",
        "joined",
    ]
    assert [m.seq for m in messages] == list(range(1, 7))
    assert await guide.count(ConversationRow) == 1


@pytest.mark.parametrize("where", ["leftover", "in work"])
async def test_what_was_open_at_the_address_is_answered_there_once(
    guide: Guide, assistant: ScriptedAssistant, where: str
) -> None:
    release = asyncio.Event()
    begun = asyncio.Event()
    respond = assistant.respond

    async def slowly(
        conversation_id: str, text: str, choice: str | None, context: Context
    ) -> list[Reply]:
        begun.set()
        await release.wait()
        return await respond(conversation_id, text, choice, context)

    assistant.respond = slowly  # type: ignore[method-assign]
    citizen, conversation = await on_the_web(guide)
    if where == "in work":
        await guide.take(guide.received("åbent spørgsmål"))
        await begun.wait()
    else:
        letter = Letter("paper", BOX, "left", "åbent spørgsmål", None, False, "da")
        await Inbox(guide.parts.engine).receive(letter, lambda *_: Verdict())
    await guide.access.continuation.begin(conversation, "paper", BOX)

    async def sent() -> bool:
        return len(guide.office.to(BOX)) == 1

    await until(sent)
    code = code_in(guide.office.to(BOX)[0].text)
    await guide.access.continuation.confirm(conversation, code)
    release.set()
    await guide.settled()
    said = await guide.said()
    assert (await guide.behind()).id == citizen.id
    assert said.count("greet") == 1
    assert sum(letter.text.startswith("Hej.") for letter in guide.office.to(BOX)) == 1
    assert (await guide.messages())[-1].reply == "greet"


async def test_whoever_waited_for_a_person_there_waits_on(guide: Guide) -> None:
    await guide.write("menneske")
    await guide.set_state((await guide.behind()).id, State.queued)
    await joined(guide)
    assert (await guide.behind()).state is State.queued


@pytest.mark.parametrize(
    ("channel", "text", "reply"),
    [
        ("paper", "", "number_empty"),
        ("paper", "  ", "number_empty"),
        ("paper", "min kasse", "number_bad"),
        ("web", "1", "unknown_channel"),
        ("fax", "1", "unknown_channel"),
        ("", "1", "unknown_channel"),
    ],
)
async def test_an_address_that_cannot_be_one_gets_nothing(
    guide: Guide, channel: str, text: str, reply: str
) -> None:
    _, conversation = await on_the_web(guide)
    with pytest.raises(MessageRejected) as refused:
        await guide.access.continuation.begin(conversation, channel, text)
    assert refused.value.reply == reply
    assert await guide.deliveries() == []


async def test_a_channel_whose_addresses_nobody_knows_is_not_offered(guide: Guide) -> None:
    _, conversation = await on_the_web(guide)
    assert "messenger" not in guide.access.continuation.channels()
    with pytest.raises(MessageRejected, match="unknown_channel"):
        await guide.access.continuation.begin(conversation, "messenger", "123")


# --- the code


@pytest.mark.parametrize(
    "typed",
    [
        "{0}{1}{2}{3}{4}{5}",
        " {0}{1}{2}{3}{4}{5}\n",
        "{0}{1}{2} {3}{4}{5}",
        "{0}{1}-{2}{3}-{4}{5}",
        "{0}\u00a0{1}{2}{3}\u202f{4}{5}",
        "Kode: {0}{1}{2}{3}{4}{5}.",
    ],
)
async def test_a_code_may_be_typed_as_people_do(guide: Guide, typed: str) -> None:
    _, conversation = await on_the_web(guide)
    await guide.access.continuation.begin(conversation, "paper", BOX)
    code = await code_to(guide)
    await guide.access.continuation.confirm(conversation, typed.format(*code))
    assert (await guide.behind()).id == conversation.id


@pytest.mark.parametrize("zero", ["٠", "۰", "０"])
async def test_a_code_may_be_typed_in_the_digits_of_other_keyboards(
    guide: Guide, zero: str
) -> None:
    _, conversation = await on_the_web(guide)
    await guide.access.continuation.begin(conversation, "paper", BOX)
    code = await code_to(guide)
    typed = "".join(chr(ord(zero) + int(digit)) for digit in code)
    await guide.access.continuation.confirm(conversation, typed)


async def test_wrong_codes_are_counted_down_and_then_the_right_one_is_gone(guide: Guide) -> None:
    _, conversation = await on_the_web(guide)
    continuation = guide.access.continuation
    await continuation.begin(conversation, "paper", BOX)
    code = await code_to(guide)
    wrong = "111111" if code != "111111" else "222222"
    for tries in (4, 3, 2, 1):
        with pytest.raises(MessageRejected) as refused:
            await continuation.confirm(conversation, wrong)
        assert (refused.value.reply, refused.value.values) == ("code_wrong", {"tries": tries})
    for typed in (wrong, code):
        with pytest.raises(MessageRejected) as refused:
            await continuation.confirm(conversation, typed)
        assert refused.value.reply == "code_gone"
    assert await guide.count(AddressRow) == 0


@pytest.mark.parametrize("typed", ["", "nej", "-", "12345", "1" * 5000])
async def test_what_is_no_code_costs_a_try(guide: Guide, typed: str) -> None:
    _, conversation = await on_the_web(guide)
    await guide.access.continuation.begin(conversation, "paper", BOX)
    with pytest.raises(MessageRejected) as refused:
        await guide.access.continuation.confirm(conversation, typed)
    assert refused.value.values == {"tries": 4}


async def test_a_code_is_for_once(guide: Guide) -> None:
    _, conversation = await on_the_web(guide)
    await guide.access.continuation.begin(conversation, "paper", BOX)
    code = await code_to(guide)
    await guide.access.continuation.confirm(conversation, code)
    with pytest.raises(MessageRejected, match="code_gone"):
        await guide.access.continuation.confirm(conversation, code)


async def test_a_code_is_soon_too_old(guide: Guide) -> None:
    _, conversation = await on_the_web(guide)
    await guide.access.continuation.begin(conversation, "paper", BOX)
    code = await code_to(guide)
    past = dt.datetime.now(tz=dt.UTC) - dt.timedelta(seconds=1)
    async with guide.parts.engine.begin() as connection:
        expires = await connection.scalar(select(OneTimeCodeRow.expires_at))
        await connection.execute(update(OneTimeCodeRow).values(expires_at=past))
    assert expires is not None
    assert 590 < (expires - past).total_seconds() < 605
    with pytest.raises(MessageRejected, match="code_gone"):
        await guide.access.continuation.confirm(conversation, code)


async def test_a_new_code_makes_the_old_one_void(guide: Guide) -> None:
    _, conversation = await on_the_web(guide)
    continuation = guide.access.continuation
    await continuation.begin(conversation, "paper", BOX)
    old = await code_to(guide)
    await continuation.begin(conversation, "paper", "box 2")
    new = await code_to(guide, "box 2")
    if old != new:
        with pytest.raises(MessageRejected, match="code_wrong"):
            await continuation.confirm(conversation, old)
    await continuation.confirm(conversation, new)
    assert (await guide.behind("box 2")).id == conversation.id


async def test_anothers_code_opens_nothing(guide: Guide) -> None:
    _, mine = await on_the_web(guide)
    _, theirs = await on_the_web(guide)
    await guide.access.continuation.begin(theirs, "paper", BOX)
    code = await code_to(guide)
    with pytest.raises(MessageRejected, match="code_gone"):
        await guide.access.continuation.confirm(mine, code)


async def test_a_code_for_joining_does_not_open_and_the_other_way_round(guide: Guide) -> None:
    await guide.write("hej")
    continuation, link = guide.access.continuation, await link_code(guide)
    there = await guide.behind()
    await continuation.begin(there, "paper", BOX)
    joining = await code_to(guide)
    with pytest.raises(MessageRejected, match="code_gone"):
        await continuation.open(link, joining)
    await continuation.ask(link)
    opening = await code_to(guide)
    if opening != joining:
        with pytest.raises(MessageRejected, match="code_wrong"):
            await continuation.confirm(there, opening)
        with pytest.raises(MessageRejected, match="code_wrong"):
            await continuation.open(link, joining)


async def test_the_code_stands_in_no_message_and_in_no_table(guide: Guide) -> None:
    citizen, conversation = await on_the_web(guide)
    await guide.access.continuation.begin(conversation, "paper", BOX)
    code = await code_to(guide)
    assert code not in str((await citizen.read())["messages"])
    async with guide.parts.engine.connect() as connection:
        (row,) = (await connection.execute(select(OneTimeCodeRow))).all()
    assert code not in str(row)


# --- how often


async def test_one_conversation_may_ask_for_so_many(parts: Parts) -> None:
    async with serving(parts, codes_per_hour=2) as guide:
        _, conversation = await on_the_web(guide)
        for box in ("box 1", "box 2"):
            await guide.access.continuation.begin(conversation, "paper", box)
        with pytest.raises(TooManyMessages) as refused:
            await guide.access.continuation.begin(conversation, "paper", "box 3")
        assert 0 < refused.value.retry_after <= 1800
        await guide.settled()
        assert guide.office.to("box 3") == []


async def test_one_address_may_be_sent_so_many_whoever_asks(parts: Parts) -> None:
    async with serving(parts, codes_per_hour=2) as guide:
        for _ in range(2):
            _, conversation = await on_the_web(guide)
            await guide.access.continuation.begin(conversation, "paper", BOX)
        _, conversation = await on_the_web(guide)
        with pytest.raises(TooManyMessages):
            await guide.access.continuation.begin(conversation, "paper", "Box 1")
        await guide.settled()
        assert len(guide.office.to(BOX)) == 2


async def test_a_link_may_ask_for_so_many(parts: Parts) -> None:
    async with serving(parts, codes_per_hour=2) as guide:
        await guide.write("hej")
        link = await link_code(guide)
        for _ in range(2):
            await guide.access.continuation.ask(link)
        with pytest.raises(TooManyMessages):
            await guide.access.continuation.ask(link)


# --- from an address to the web


async def test_the_code_opens_the_conversation_on_the_web(guide: Guide) -> None:
    await guide.write("Hvad koster et pas?")
    continuation, link = guide.access.continuation, await link_code(guide)
    await continuation.ask(link)
    conversation_id, token = await continuation.open(link, await code_to(guide))
    citizen = AsyncCitizen(guide.client, conversation_id, token)
    texts = [m["text"] for m in (await citizen.read())["messages"]]
    assert texts[0] == "Hvad koster et pas?"
    citizen.seen = len(texts)
    assert len(await citizen.say("og på nettet?")) == 1


async def test_each_browser_has_its_own_token(guide: Guide) -> None:
    await guide.write("hej")
    continuation, link = guide.access.continuation, await link_code(guide)
    tokens = []
    for _ in range(2):
        await continuation.ask(link)
        tokens.append(await continuation.open(link, await code_to(guide)))
    assert len(set(tokens)) == 2
    for conversation_id, token in tokens:
        await AsyncCitizen(guide.client, conversation_id, token).read()


async def test_the_link_alone_opens_nothing_and_sends_nothing(guide: Guide) -> None:
    await guide.write("zebrafinken hedder Knud")
    link, before = await link_code(guide), len(guide.office.letters)
    page = await guide.client.get(f"/s/{link}")
    assert page.status_code == 200
    assert "zebrafinken" not in page.text
    assert "set-cookie" not in page.headers
    assert (await guide.access.continuation.behind(link)).id == (await guide.behind()).id
    with pytest.raises(MessageRejected, match="code_gone"):
        await guide.access.continuation.open(link, WRONG)
    await guide.settled()
    assert len(guide.office.letters) == before


async def test_wrong_codes_for_opening_are_counted_down_too(guide: Guide) -> None:
    await guide.write("hej")
    continuation, link = guide.access.continuation, await link_code(guide)
    await continuation.ask(link)
    code = await code_to(guide)
    wrong = "111111" if code != "111111" else "222222"
    seen = []
    for typed in (*[wrong] * 5, code):
        with pytest.raises(MessageRejected) as refused:
            await continuation.open(link, typed)
        seen.append(refused.value.values.get("tries", refused.value.reply))
    assert seen == [4, 3, 2, 1, "code_gone", "code_gone"]


@pytest.mark.parametrize("link", ["", "x", "2345678923", "' OR 1=1", "æ" * 500])
async def test_a_link_that_leads_nowhere_is_not_found(guide: Guide, link: str) -> None:
    continuation = guide.access.continuation
    with pytest.raises(ConversationNotFound):
        await continuation.behind(link)
    with pytest.raises(ConversationNotFound):
        await continuation.ask(link)
    with pytest.raises(ConversationNotFound):
        await continuation.open(link, WRONG)


async def test_the_link_of_an_erased_conversation_leads_nowhere(guide: Guide) -> None:
    await guide.write("hej")
    link = await link_code(guide)
    await guide.store.erase((await guide.behind()).id)
    with pytest.raises(ConversationNotFound):
        await guide.access.continuation.ask(link)


@pytest.fixture(params=["sqlite", "postgresql"])
async def anywhere(request: pytest.FixtureRequest, parts: Parts) -> AsyncIterator[Guide]:
    """The guide on each database: they sort what is missing at different ends."""
    if request.param == "sqlite":
        async with serving(parts) as guide:
            yield guide
        return
    try:
        with cluster() as url:
            engine = open_engine(url)
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            async with serving(dataclasses.replace(parts, engine=engine)) as guide:
                yield guide
            await engine.dispose()
    except NoPostgres as missing:
        pytest.skip(str(missing))


async def test_the_code_goes_where_the_citizen_last_wrote_from(
    anywhere: Guide,
) -> None:
    guide = anywhere
    await joined(guide, "box 1")
    conversation = await guide.behind("box 1")
    await guide.access.continuation.begin(conversation, "paper", "box 2")
    await guide.access.continuation.confirm(conversation, await code_to(guide, "box 2"))
    await guide.write("hej", box="box 1")
    before = len(guide.office.to("box 2"))
    await guide.access.continuation.ask(await link_code(guide))
    await guide.settled()
    assert "kode" in guide.office.to("box 1")[-1].text
    assert len(guide.office.to("box 2")) == before


# --- in the citizen's language


@pytest.mark.parametrize(
    ("language", "code", "last", "earlier"),
    [
        ("da", "Din kode", "Du kan nu skrive videre", "Det skrev vi tidligere"),
        ("en", "Your code", "You can now go on", "This is what we wrote"),
    ],
)
async def test_everything_is_said_in_the_citizens_language(
    guide: Guide, language: str, code: str, last: str, earlier: str
) -> None:
    await guide.write("hej")
    await joined(guide, BOX, language)
    texts = [letter.text for letter in guide.office.to(BOX)]
    assert texts[-2].startswith(code)
    assert texts[-1].startswith(last)
    stored = [m for m in await guide.messages() if m.author is Author.guide]
    told = {m.reply: m for m in stored}
    assert told["joined_earlier"].text.startswith(earlier)
    assert {told["joined"].language, told["joined_earlier"].language} == {language}


async def test_the_code_tells_how_long_it_is_valid(guide: Guide) -> None:
    _, conversation = await on_the_web(guide)
    await guide.access.continuation.begin(conversation, "paper", BOX)
    await guide.settled()
    assert "10 minutter" in guide.office.to(BOX)[0].text
