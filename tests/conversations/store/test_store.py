"""Conversations in real databases."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.models import (
    Author,
    Card,
    CardItem,
    CardRow,
    Choice,
    Conversation,
    ConversationNotFound,
    Message,
    Rendered,
)
from conversations.states import State
from conversations.store.store import ConversationStore
from conversations.store.tables import Base, ConversationRow, MessageRow
from storage.engine import open_engine

ANSWER = Rendered(text="svar", language="da", reply="greet")
CARD = Card(
    service="pas-voksen",
    title="Pas",
    summary="Nyt pas",
    authority={"name": "Borgerservice", "own": True, "note": None},
    rows=(CardRow("cost", "Pris", (CardItem("100 kr.", "https://kk.dk", verified=False),)),),
    links=({"title": "kk", "url": "https://kk.dk"},),
    source=None,
    checked="2023",
)


async def begin(store: ConversationStore) -> tuple[Conversation, str]:
    return await store.create("web", "da", language_chosen=False)


async def finish(
    store: ConversationStore,
    message_id: str,
    *replies: Rendered,
    language: str = "da",
    language_chosen: bool = False,
    service: str | None = None,
) -> list[Message]:
    return await store.finish_turn(
        message_id,
        replies or (ANSWER,),
        language=language,
        language_chosen=language_chosen,
        service=service,
        knowledge_version="v1",
        note=("tested", {"n": 1}),
    )


async def rows(engine: AsyncEngine) -> dict[str, int]:
    """How many rows each table has."""
    async with engine.connect() as connection:
        return {
            table.name: await connection.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


async def age(engine: AsyncEngine, conversation_id: str, days: int) -> None:
    moment = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=days)
    async with engine.begin() as connection:
        await connection.execute(
            update(ConversationRow)
            .where(ConversationRow.id == conversation_id)
            .values(updated_at=moment)
        )


async def test_a_new_conversation_opens_with_its_token_only(store: ConversationStore) -> None:
    conversation, token = await begin(store)
    assert await store.open(conversation.id, token) == conversation
    assert (conversation.state, conversation.last_seq) == (State.bot, 0)
    assert conversation.created_at.tzinfo is not None


async def test_a_token_opens_no_other_conversation(store: ConversationStore) -> None:
    mine, token = await begin(store)
    yours, _ = await begin(store)
    for conversation_id, key in [
        (yours.id, token),
        (mine.id, ""),
        (mine.id, token[:-1]),
        (mine.id, "å" * 43),
        ("0" * 32, token),
    ]:
        with pytest.raises(ConversationNotFound):
            await store.open(conversation_id, key)


async def test_the_token_itself_is_not_stored(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    _, token = await begin(store)
    async with engine.connect() as connection:
        stored = (await connection.execute(select(ConversationRow.__table__))).one()
    assert token not in map(str, stored)


async def test_a_conversation_without_a_token_opens_for_nobody(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    conversation, _ = await begin(store)
    async with engine.begin() as connection:
        await connection.execute(update(ConversationRow).values(token_hash=None))
    with pytest.raises(ConversationNotFound):
        await store.open(conversation.id, "")


async def test_messages_come_back_as_they_were_said(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    text = "Hej 👩‍👧 <b>\"';--\nøæå سلام"
    asked, new = await store.add_citizen_message(conversation.id, text, choice="human")
    assert new
    reply = Rendered(
        text="svar",
        language="da",
        reply="service_cost",
        service="pas-voksen",
        candidates=("pas-voksen", "pas-boern"),
        choices=(Choice("Pas", "service:pas-voksen"),),
        card=CARD,
    )
    (answered,) = await finish(store, asked.id, reply)
    first, second = await store.messages(conversation.id)
    assert first == asked
    assert replace(second, card=None) == replace(answered, card=None)
    assert (first.text, first.choice, first.author) == (text, "human", Author.citizen)
    assert (second.candidates, second.choices) == (reply.candidates, reply.choices)
    assert second.card is not None
    assert second.card["rows"][0]["items"][0]["verified"] is False


async def test_fifty_at_once_are_numbered_without_a_gap(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    said = await asyncio.gather(
        *(store.add_citizen_message(conversation.id, f"nr {n}") for n in range(50))
    )
    assert sorted(message.seq for message, _ in said) == list(range(1, 51))
    assert len({message.id for message, _ in said}) == 50
    stored = await store.messages(conversation.id)
    assert [message.seq for message in stored] == list(range(1, 51))
    assert (await store.get(conversation.id)).last_seq == 50


async def test_citizen_and_guide_at_once_are_numbered_without_a_gap(
    store: ConversationStore,
) -> None:
    conversation, _ = await begin(store)
    asked = [await store.add_citizen_message(conversation.id, str(n)) for n in range(25)]
    await asyncio.gather(
        *(finish(store, message.id) for message, _ in asked),
        *(store.add_citizen_message(conversation.id, f"mere {n}") for n in range(25)),
    )
    stored = await store.messages(conversation.id)
    assert [message.seq for message in stored] == list(range(1, 76))


async def test_conversations_are_numbered_apart(store: ConversationStore) -> None:
    both = [await begin(store), await begin(store)]
    for conversation, _ in both:
        message, _ = await store.add_citizen_message(conversation.id, "hej")
        assert message.seq == 1


async def test_the_same_client_id_is_one_message(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    first = await store.add_citizen_message(conversation.id, "hej", client_message_id="c1")
    again = await store.add_citizen_message(conversation.id, "hej!", client_message_id="c1")
    assert first[1]
    assert again == (first[0], False)
    assert len(await store.messages(conversation.id)) == 1


async def test_the_same_client_id_at_once_is_one_message(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    said = await asyncio.gather(
        *(
            store.add_citizen_message(conversation.id, "hej", client_message_id="c1")
            for _ in range(20)
        )
    )
    assert sum(new for _, new in said) == 1
    assert len({message.id for message, _ in said}) == 1
    assert [message.seq for message in await store.messages(conversation.id)] == [1]


async def test_a_client_id_belongs_to_its_conversation(store: ConversationStore) -> None:
    for conversation, _ in [await begin(store), await begin(store)]:
        _, new = await store.add_citizen_message(conversation.id, "hej", client_message_id="c1")
        assert new


async def test_a_message_to_nowhere_is_refused(store: ConversationStore) -> None:
    with pytest.raises(ConversationNotFound):
        await store.add_citizen_message("0" * 32, "hej")


async def test_a_finished_turn_closes_and_remembers(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "how much?")
    assert await store.typing(conversation.id)
    await finish(store, asked.id, language="en", language_chosen=True, service="pas-voksen")
    assert not await store.typing(conversation.id)
    now = await store.get(conversation.id)
    assert (now.language, now.language_chosen, now.service) == ("en", True, "pas-voksen")


async def test_a_turn_finished_twice_is_answered_once(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej")
    assert len(await finish(store, asked.id)) == 1
    assert await finish(store, asked.id) == []
    assert len(await store.messages(conversation.id)) == 2


async def test_a_turn_finished_at_once_is_answered_once(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej")
    answers = await asyncio.gather(*(finish(store, asked.id) for _ in range(10)))
    assert sum(map(len, answers)) == 1
    assert len(await store.messages(conversation.id)) == 2


async def test_a_turn_of_an_erased_conversation_says_nothing(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej")
    await store.erase(conversation.id)
    assert await finish(store, asked.id) == []


async def test_an_answer_that_cannot_be_stored_leaves_the_turn_open(
    store: ConversationStore,
) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej")
    broken = Rendered(text="x", language="da", reply="x", candidates=(object(),))  # type: ignore[arg-type]
    with pytest.raises(Exception, match="JSON"):
        await finish(store, asked.id, ANSWER, broken)
    assert await store.messages(conversation.id) == [asked]
    assert await store.unanswered() == [(conversation.id, asked.id)]
    (answer,) = await finish(store, asked.id)
    assert answer.seq == 2


async def test_what_a_crash_left_open_is_found_oldest_first(
    store: ConversationStore, engine: AsyncEngine, url: str
) -> None:
    one, _ = await begin(store)
    two, _ = await begin(store)
    first, _ = await store.add_citizen_message(one.id, "1")
    second, _ = await store.add_citizen_message(two.id, "2")
    answered, _ = await store.add_citizen_message(two.id, "3")
    third, _ = await store.add_citizen_message(one.id, "4")
    await finish(store, answered.id)
    await engine.dispose()
    restarted = open_engine(url)
    open_turns = await ConversationStore(restarted).unanswered()
    await restarted.dispose()
    assert open_turns == [(one.id, first.id), (two.id, second.id), (one.id, third.id)]


@pytest.mark.parametrize(
    ("state", "then"),
    [
        (State.bot, State.bot),
        (State.queued, State.queued),
        (State.assigned, State.assigned),
        (State.waiting_citizen, State.assigned),
        (State.resolved, State.bot),
    ],
)
async def test_a_citizens_message_moves_the_state(
    store: ConversationStore, engine: AsyncEngine, state: State, then: State
) -> None:
    conversation, _ = await begin(store)
    async with engine.begin() as connection:
        await connection.execute(update(ConversationRow).values(state=state))
    await store.add_citizen_message(conversation.id, "hej")
    assert (await store.get(conversation.id)).state is then
    assert (await rows(engine))["activity"] == (state is not then)


async def test_reading_goes_on_behind_a_number(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    for n in range(1, 6):
        await store.add_citizen_message(conversation.id, str(n))
    assert [m.seq for m in await store.messages(conversation.id, 3)] == [4, 5]
    assert [m.seq for m in await store.messages(conversation.id, 1, limit=2)] == [2, 3]
    assert await store.messages(conversation.id, 5) == []
    assert [m.seq for m in await store.latest(conversation.id, before=4, limit=2)] == [3, 2]


async def test_a_later_verdict_replaces_the_earlier(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    conversation, _ = await begin(store)
    said = await store.say(conversation.id, ANSWER)
    await store.rate(conversation.id, said.id, helpful=True)
    await store.rate(conversation.id, said.id, helpful=False)
    assert (await rows(engine))["feedback"] == 1


async def test_a_foreign_message_cannot_be_rated(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    mine, _ = await begin(store)
    yours, _ = await begin(store)
    said = await store.say(yours.id, ANSWER)
    for message_id in (said.id, "0" * 32):
        with pytest.raises(ConversationNotFound):
            await store.rate(mine.id, message_id, helpful=True)
    assert (await rows(engine))["feedback"] == 0


async def test_erasing_leaves_no_row_of_it_and_all_of_the_others(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    for _ in range(2):
        conversation, token = await begin(store)
        asked, _ = await store.add_citizen_message(conversation.id, "hej")
        (answer,) = await finish(store, asked.id)
        await store.rate(conversation.id, answer.id, helpful=True)
    before = await rows(engine)
    assert all(before.values())
    await store.erase(conversation.id)
    assert await rows(engine) == {table: count // 2 for table, count in before.items()}
    with pytest.raises(ConversationNotFound):
        await store.open(conversation.id, token)
    await store.erase(conversation.id)


async def test_only_what_nobody_has_touched_is_erased(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    old, _ = await begin(store)
    await store.add_citizen_message(old.id, "hej")
    touched, _ = await begin(store)
    fresh, _ = await begin(store)
    await age(engine, old.id, 31)
    await age(engine, touched.id, 31)
    await store.add_citizen_message(touched.id, "hej igen")
    moment = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=30)
    assert await store.erase_older_than(moment) == 1
    assert await store.erase_older_than(moment) == 0
    with pytest.raises(ConversationNotFound):
        await store.get(old.id)
    assert (await store.get(touched.id)).id == touched.id
    assert (await store.get(fresh.id)).id == fresh.id
    async with engine.connect() as connection:
        left = (await connection.scalars(select(MessageRow.conversation_id))).all()
    assert left == [touched.id]


async def test_a_chosen_language_stays(store: ConversationStore) -> None:
    conversation, token = await begin(store)
    await store.choose_language(conversation.id, "en")
    now = await store.open(conversation.id, token)
    assert (now.language, now.language_chosen) == ("en", True)


async def test_a_language_chosen_during_a_turn_stays(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej")
    await store.choose_language(conversation.id, "en")
    await finish(store, asked.id, language="da")
    assert (await store.get(conversation.id)).language == "en"


async def test_erasing_and_answering_at_once_is_no_fault(store: ConversationStore) -> None:
    faults: list[BaseException] = []
    for _ in range(30):
        asked = []
        for _ in range(4):
            conversation, _ = await begin(store)
            message, _ = await store.add_citizen_message(conversation.id, "hej")
            asked.append(message)
        ended = await asyncio.gather(
            *(finish(store, message.id) for message in asked),
            *(store.erase(message.conversation_id) for message in asked),
            return_exceptions=True,
        )
        faults += [item for item in ended if isinstance(item, BaseException)]
    assert faults == []
    assert await store.unanswered() == []


@pytest.mark.parametrize("odd", ["a\x00b", "å" * 500, "' OR 1=1 --"], ids=ascii)
async def test_an_odd_id_is_only_unknown(store: ConversationStore, odd: str) -> None:
    conversation, token = await begin(store)
    with pytest.raises(ConversationNotFound):
        await store.open(odd, token)
    with pytest.raises(ConversationNotFound):
        await store.rate(conversation.id, odd, helpful=True)


async def test_reading_does_not_wait_for_a_writer(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    conversation, token = await begin(store)
    async with engine.begin() as writer:
        await writer.execute(update(ConversationRow).values(language="en"))
        seen = await asyncio.wait_for(store.open(conversation.id, token), 5)
    assert seen.language == "da"
