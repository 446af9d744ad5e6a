"""Conversations in real databases."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from conversations.delivery.port import DeliveryState, Parcel, StatusReport
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
from conversations.store.codes import OneTimeCodes, Purpose
from conversations.store.inbox import Inbox, Letter, Verdict, Wish
from conversations.store.outbox import Outbox
from conversations.store.store import ConversationStore, new_access
from conversations.store.tables import (
    AccessRow,
    ActivityRow,
    ConversationRow,
    DeliveryRow,
    EarlyReportRow,
    InboundRow,
    MessageRow,
)
from conversations.store.writing import Said
from storage.base import Base
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


OURS = {
    str(mapper.local_table)
    for mapper in Base.registry.mappers
    if mapper.class_.__module__ == ConversationRow.__module__
}
"""The tables of this store; others may hang on them."""


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
        [Said(reply) for reply in replies or (ANSWER,)],
        language=language,
        language_chosen=language_chosen,
        service=service,
        knowledge_version="v1",
        activity=("tested", {"n": 1}),
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
        for table in Base.metadata.sorted_tables:
            stored = (await connection.execute(select(table))).all()
            assert token not in repr(stored)


async def test_a_conversation_without_a_token_opens_for_nobody(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    conversation, token = await begin(store)
    async with engine.begin() as connection:
        await connection.execute(delete(AccessRow))
    for key in ("", token):
        with pytest.raises(ConversationNotFound):
            await store.open(conversation.id, key)


async def test_each_browser_has_a_token_of_its_own(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    conversation, first = await begin(store)
    row, second = new_access(conversation.id)
    async with AsyncSession(engine) as session, session.begin():
        session.add(row)
    for token in (first, second):
        assert (await store.open(conversation.id, token)).id == conversation.id
    other, _ = await begin(store)
    with pytest.raises(ConversationNotFound):
        await store.open(other.id, second)


async def test_messages_come_back_as_they_were_said(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    text = "Hej 👩‍👧 <b>\"';--\nøæå سلام"
    asked, new = await store.add_citizen_message(
        conversation.id, text, channel="web", choice="human"
    )
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
        *(store.add_citizen_message(conversation.id, f"nr {n}", channel="web") for n in range(50))
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
    asked = [
        await store.add_citizen_message(conversation.id, str(n), channel="web") for n in range(25)
    ]
    await asyncio.gather(
        *(finish(store, message.id) for message, _ in asked),
        *(
            store.add_citizen_message(conversation.id, f"mere {n}", channel="web")
            for n in range(25)
        ),
    )
    stored = await store.messages(conversation.id)
    assert [message.seq for message in stored] == list(range(1, 76))


async def test_conversations_are_numbered_apart(store: ConversationStore) -> None:
    both = [await begin(store), await begin(store)]
    for conversation, _ in both:
        message, _ = await store.add_citizen_message(conversation.id, "hej", channel="web")
        assert message.seq == 1


async def test_the_same_client_id_is_one_message(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    first = await store.add_citizen_message(
        conversation.id, "hej", channel="web", client_message_id="c1"
    )
    again = await store.add_citizen_message(
        conversation.id, "hej!", channel="web", client_message_id="c1"
    )
    assert first[1]
    assert again == (first[0], False)
    assert len(await store.messages(conversation.id)) == 1


async def test_the_same_client_id_at_once_is_one_message(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    said = await asyncio.gather(
        *(
            store.add_citizen_message(conversation.id, "hej", channel="web", client_message_id="c1")
            for _ in range(20)
        )
    )
    assert sum(new for _, new in said) == 1
    assert len({message.id for message, _ in said}) == 1
    assert [message.seq for message in await store.messages(conversation.id)] == [1]


async def test_a_client_id_belongs_to_its_conversation(store: ConversationStore) -> None:
    for conversation, _ in [await begin(store), await begin(store)]:
        _, new = await store.add_citizen_message(
            conversation.id, "hej", channel="web", client_message_id="c1"
        )
        assert new


async def test_a_message_to_nowhere_is_refused(store: ConversationStore) -> None:
    with pytest.raises(ConversationNotFound):
        await store.add_citizen_message("0" * 32, "hej", channel="web")


async def test_a_finished_turn_closes_and_remembers(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "how much?", channel="web")
    assert await store.typing(conversation.id)
    await finish(store, asked.id, language="en", language_chosen=True, service="pas-voksen")
    assert not await store.typing(conversation.id)
    now = await store.get(conversation.id)
    assert (now.language, now.language_chosen, now.service) == ("en", True, "pas-voksen")


async def test_a_turn_finished_twice_is_answered_once(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej", channel="web")
    assert len(await finish(store, asked.id)) == 1
    assert await finish(store, asked.id) == []
    assert len(await store.messages(conversation.id)) == 2


async def test_a_turn_finished_at_once_is_answered_once(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej", channel="web")
    answers = await asyncio.gather(*(finish(store, asked.id) for _ in range(10)))
    assert sum(map(len, answers)) == 1
    assert len(await store.messages(conversation.id)) == 2


async def test_a_turn_of_an_erased_conversation_says_nothing(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej", channel="web")
    await store.erase(conversation.id)
    assert await finish(store, asked.id) == []


async def test_an_answer_that_cannot_be_stored_leaves_the_turn_open(
    store: ConversationStore,
) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej", channel="web")
    broken = Rendered(text="x", language="da", reply="x", candidates=(object(),))  # type: ignore[arg-type]
    with pytest.raises(Exception, match="JSON"):
        await finish(store, asked.id, ANSWER, broken)
    assert await store.messages(conversation.id) == [asked]
    assert await store.unanswered() == [conversation.id]
    (answer,) = await finish(store, asked.id)
    assert answer.seq == 2


async def test_what_a_crash_left_open_is_found_longest_waiting_first(
    store: ConversationStore, engine: AsyncEngine, url: str
) -> None:
    one, _ = await begin(store)
    two, _ = await begin(store)
    three, _ = await begin(store)
    answered, _ = await store.add_citizen_message(two.id, "0", channel="web")
    await store.add_citizen_message(one.id, "1", channel="web")
    await store.add_citizen_message(two.id, "2", channel="web")
    await store.add_citizen_message(one.id, "3", channel="web")
    done, _ = await store.add_citizen_message(three.id, "4", channel="web")
    await finish(store, answered.id)
    await finish(store, done.id)
    await engine.dispose()
    restarted = open_engine(url)
    waiting = await ConversationStore(restarted).unanswered()
    await restarted.dispose()
    assert waiting == [one.id, two.id]


async def test_only_who_has_waited_since_a_moment_is_found(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    patient, _ = await begin(store)
    hasty, _ = await begin(store)
    for conversation in (patient, hasty):
        await store.add_citizen_message(conversation.id, "hej", channel="web")
    moment = dt.datetime.now(tz=dt.UTC)
    async with engine.begin() as connection:
        await connection.execute(
            update(MessageRow)
            .where(MessageRow.conversation_id == patient.id)
            .values(created_at=moment - dt.timedelta(seconds=10))
        )
    # A later message does not make the first one's citizen wait less long.
    await store.add_citizen_message(patient.id, "hallo?", channel="web")
    assert await store.unanswered(moment - dt.timedelta(seconds=9)) == [patient.id]
    assert await store.unanswered(moment - dt.timedelta(seconds=11)) == []
    assert await store.unanswered() == [patient.id, hasty.id]


async def test_the_next_turn_is_the_oldest_open_message_with_what_came_before(
    store: ConversationStore,
) -> None:
    conversation, _ = await begin(store)
    first, _ = await store.add_citizen_message(conversation.id, "1", channel="web")
    await finish(store, first.id)
    second, _ = await store.add_citizen_message(
        conversation.id, "2", channel="web", choice="human", redacted=True
    )
    third, _ = await store.add_citizen_message(conversation.id, "3", channel="web")
    turn = await store.next_turn(conversation.id, 12)
    assert turn is not None
    assert turn.conversation == await store.get(conversation.id)
    assert (turn.message, turn.redacted) == (second, True)
    assert [message.seq for message in turn.history] == [2, 1]
    short = await store.next_turn(conversation.id, 1)
    assert short is not None
    assert [message.seq for message in short.history] == [2]
    await finish(store, second.id)
    turn = await store.next_turn(conversation.id, 12)
    assert turn is not None
    assert (turn.message, turn.redacted) == (third, False)
    await finish(store, third.id)
    assert await store.next_turn(conversation.id, 12) is None


async def test_there_is_no_next_turn_where_nothing_is(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    for conversation_id in (conversation.id, "0" * 32):
        assert await store.next_turn(conversation_id, 12) is None


async def test_an_answer_and_its_way_out_are_stored_together(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    conversation, _ = await begin(store)
    for n in range(10):
        asked, _ = await store.add_citizen_message(conversation.id, "hej", channel="web")
        said = [
            Said(ANSWER, (Parcel("notes", "anna", {"n": n}), Parcel("notes", "anna", {"n": -n}))),
            Said(ANSWER),
            Said(ANSWER, (Parcel("notes", "bo", {"n": n}, despite_stop=True),)),
        ]
        first, _, third = await store.finish_turn(
            asked.id,
            said,
            language="da",
            language_chosen=False,
            service=None,
            knowledge_version=None,
        )
        async with engine.connect() as connection:
            deliveries = (
                await connection.execute(
                    select(
                        DeliveryRow.message_id,
                        DeliveryRow.conversation_id,
                        DeliveryRow.address,
                        DeliveryRow.payload,
                        DeliveryRow.despite_stop,
                        DeliveryRow.state,
                    )
                    .where(DeliveryRow.message_id.in_((first.id, third.id)))
                    .order_by(DeliveryRow.id)
                )
            ).all()
        assert [tuple(row) for row in deliveries] == [
            (first.id, conversation.id, "anna", {"n": n}, False, "pending"),
            (first.id, conversation.id, "anna", {"n": -n}, False, "pending"),
            (third.id, conversation.id, "bo", {"n": n}, True, "pending"),
        ]
    assert (await rows(engine))["delivery"] == 30


@pytest.mark.parametrize("broken", ["payload", "address", "answer", "activity"])
async def test_a_failure_leaves_neither_answer_nor_way_out(
    store: ConversationStore, engine: AsyncEngine, broken: str
) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej", channel="web")
    before = await rows(engine)
    odd = Parcel(
        "notes",
        None if broken == "address" else "anna",  # type: ignore[arg-type]
        {"n": object() if broken == "payload" else 1},
    )
    bad = replace(ANSWER, text=None) if broken == "answer" else ANSWER  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"JSON|NULL|null"):
        await store.finish_turn(
            asked.id,
            [Said(ANSWER, (Parcel("notes", "anna", {"n": 0}),)), Said(bad, (odd,))],
            language="en",
            language_chosen=True,
            service="pas-voksen",
            knowledge_version=None,
            activity=("tested", {"n": object() if broken == "activity" else 1}),
        )
    assert await rows(engine) == before
    assert await store.get(conversation.id) == replace(conversation, last_seq=1)
    assert await store.unanswered() == [conversation.id]


async def test_the_answer_goes_by_the_channel_of_its_question(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej", channel="notes")
    (answer,) = await finish(store, asked.id)
    unasked = await store.say(conversation.id, ANSWER)
    assert (asked.channel, answer.channel, unasked.channel) == ("notes", "notes", "web")
    assert [m.channel for m in await store.messages(conversation.id)] == ["notes", "notes", "web"]


async def test_what_a_turn_notes_is_on_the_trail(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej", channel="web")
    await finish(store, asked.id)
    async with engine.connect() as connection:
        trail = await connection.execute(
            select(
                ActivityRow.conversation_id,
                ActivityRow.kind,
                ActivityRow.actor,
                ActivityRow.details,
            )
        )
        assert [tuple(row) for row in trail] == [(conversation.id, "tested", "guide", {"n": 1})]


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
    await store.add_citizen_message(conversation.id, "hej", channel="web")
    assert (await store.get(conversation.id)).state is then
    assert (await rows(engine))["activity"] == (state is not then)


async def test_reading_goes_on_behind_a_number(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    for n in range(1, 6):
        await store.add_citizen_message(conversation.id, str(n), channel="web")
    assert [m.seq for m in await store.messages(conversation.id, 3)] == [4, 5]
    assert [m.seq for m in await store.messages(conversation.id, 1, limit=2)] == [2, 3]
    assert await store.messages(conversation.id, 5) == []


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
    for name in ("anna", "bo"):
        parcel = Parcel("notes", name, {})
        letter = Letter("notes", name, f"from {name}", "hej", None, False, "da")
        conversation_id = await Inbox(engine).receive(letter, lambda *_: Verdict(wish=Wish.stop))
        assert conversation_id is not None
        turn = await store.next_turn(conversation_id, 12)
        assert turn is not None
        (answer,) = await finish(store, turn.message.id)
        await store.rate(conversation_id, answer.id, helpful=True)
        for purpose in Purpose:
            await OneTimeCodes(engine).issue(
                conversation_id, purpose, "123456", [parcel], seconds=600, tries=5
            )
        token = await OneTimeCodes(engine).open(conversation_id, "123456")
        early = StatusReport("notes", DeliveryState.sent, "sent", provider_id=f"to {name}")
        await Outbox(engine).report(early)
    before = await rows(engine)
    assert {table: count for table, count in before.items() if table in OURS and not count} == {}
    assert conversation_id is not None
    await store.erase(conversation_id)
    # Who wants no messages is not asked again, and what providers said names no conversation.
    kept = {"inbound", "opt_out", "early_report"}
    assert await rows(engine) == {
        table: count if table in kept else count // 2 for table, count in before.items()
    }
    with pytest.raises(ConversationNotFound):
        await store.open(conversation_id, token)
    await store.erase(conversation_id)


async def test_only_what_nobody_has_touched_is_erased(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    old, _ = await begin(store)
    await store.add_citizen_message(old.id, "hej", channel="web")
    touched, _ = await begin(store)
    fresh, _ = await begin(store)
    await age(engine, old.id, 31)
    await age(engine, touched.id, 31)
    await store.add_citizen_message(touched.id, "hej igen", channel="web")
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


async def test_what_providers_handed_over_long_ago_is_forgotten(
    store: ConversationStore, engine: AsyncEngine
) -> None:
    inbox = Inbox(engine)
    for name in ("old", "fresh"):
        letter = Letter("notes", "anna", name, "hej", None, False, "da")
        early = StatusReport("notes", DeliveryState.sent, "sent", provider_id=name)
        await Outbox(engine).report(early)
        conversation_id = await inbox.receive(letter, lambda *_: Verdict())
    moment = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=30)
    async with engine.begin() as connection:
        await connection.execute(
            update(InboundRow)
            .where(InboundRow.provider_message_id == "old")
            .values(received_at=moment - dt.timedelta(days=1))
        )
        await connection.execute(
            update(EarlyReportRow)
            .where(EarlyReportRow.provider_id == "old")
            .values(received_at=moment - dt.timedelta(days=1))
        )
    assert await store.erase_older_than(moment) == 0
    assert conversation_id is not None
    assert len(await store.messages(conversation_id)) == 2
    assert [await inbox.known("notes", name) for name in ("old", "fresh")] == [False, True]
    async with engine.connect() as connection:
        left = await connection.scalars(select(EarlyReportRow.provider_id))
        assert left.all() == ["fresh"]


async def test_a_chosen_language_stays(store: ConversationStore) -> None:
    conversation, token = await begin(store)
    await store.choose_language(conversation.id, "en")
    now = await store.open(conversation.id, token)
    assert (now.language, now.language_chosen) == ("en", True)


async def test_a_language_chosen_during_a_turn_stays(store: ConversationStore) -> None:
    conversation, _ = await begin(store)
    asked, _ = await store.add_citizen_message(conversation.id, "hej", channel="web")
    await store.choose_language(conversation.id, "en")
    await finish(store, asked.id, language="da")
    assert (await store.get(conversation.id)).language == "en"


async def test_erasing_and_answering_at_once_is_no_fault(store: ConversationStore) -> None:
    faults: list[BaseException] = []
    for _ in range(30):
        asked = []
        for _ in range(4):
            conversation, _ = await begin(store)
            message, _ = await store.add_citizen_message(conversation.id, "hej", channel="web")
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
