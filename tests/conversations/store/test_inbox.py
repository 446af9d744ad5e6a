"""What providers hand over, in real databases: once, and all or nothing."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.delivery.port import Parcel
from conversations.models import Author, Conversation
from conversations.states import State
from conversations.store.inbox import Inbox, Verdict, Wish, new_link_code
from conversations.store.store import ConversationStore
from conversations.store.tables import (
    ActivityRow,
    AddressRow,
    ConversationRow,
    DeliveryRow,
    InboundRow,
    MessageRow,
    OptOutRow,
)
from conversations.store.writing import Said
from tests.conversations.store.samples import (
    ANSWER,
    LONG_AGO,
    change,
    change_conversation,
    counts,
    letter,
    rows,
)


def answer_it(conversation: Conversation) -> Verdict:
    return Verdict()


def at_once(*said: Said, wish: Wish | None = None) -> Verdict:
    return Verdict(awaits_answer=False, said=said, wish=wish)


@pytest.fixture
def inbox(engine: AsyncEngine) -> Inbox:
    return Inbox(engine)


async def test_a_first_message_begins_a_conversation(
    inbox: Inbox, store: ConversationStore, engine: AsyncEngine
) -> None:
    seen: list[Conversation] = []

    def decide(conversation: Conversation) -> Verdict:
        seen.append(conversation)
        return Verdict()

    before = dt.datetime.now(tz=dt.UTC)
    conversation_id = await inbox.receive(letter("hej 👩‍👧", choice="human", redacted=True), decide)
    assert conversation_id is not None
    conversation = await store.get(conversation_id)
    assert (conversation.channel, conversation.language) == ("notes", "da")
    assert (conversation.state, conversation.language_chosen) == (State.bot, False)
    assert len(conversation.link_code or "") == 10
    (given,) = seen
    assert (given.id, given.link_code) == (conversation_id, conversation.link_code)
    (message,) = await store.messages(conversation_id)
    assert (message.text, message.choice, message.author) == ("hej 👩‍👧", "human", Author.citizen)
    assert (message.seq, message.channel, message.address) == (1, "notes", "anna")
    turn = await store.next_turn(conversation_id, 12)
    assert turn is not None
    assert (turn.message, turn.redacted) == (message, True)
    (address,) = await rows(engine, AddressRow)
    assert (address.channel, address.address) == ("notes", "anna")
    assert address.conversation_id == conversation_id
    assert before <= address.heard_at <= dt.datetime.now(tz=dt.UTC)


async def test_the_next_message_goes_on_in_it(
    inbox: Inbox, store: ConversationStore, engine: AsyncEngine
) -> None:
    first = await inbox.receive(letter("et"), answer_it)
    await change(engine, AddressRow, heard_at=LONG_AGO)
    moment = dt.datetime.now(tz=dt.UTC)
    assert await inbox.receive(letter("to"), answer_it) == first
    assert first is not None
    stored = await store.messages(first)
    assert [(message.seq, message.text) for message in stored] == [(1, "et"), (2, "to")]
    (address,) = await rows(engine, AddressRow)
    assert address.heard_at >= moment


@pytest.mark.parametrize(
    "other", [{"address": "bo"}, {"channel": "wall"}], ids=["address", "channel"]
)
async def test_another_address_is_another_conversation(
    inbox: Inbox, engine: AsyncEngine, other: dict[str, str]
) -> None:
    first = await inbox.receive(letter(), answer_it)
    second = await inbox.receive(letter(**other), answer_it)  # type: ignore[arg-type]
    assert first != second
    codes = {row.link_code for row in await rows(engine, ConversationRow)}
    assert len(codes - {None}) == 2


async def test_hearing_from_one_address_says_nothing_of_another(
    inbox: Inbox, engine: AsyncEngine
) -> None:
    for address in ("anna", "bo"):
        await inbox.receive(letter(address=address), answer_it)
    await change(engine, AddressRow, heard_at=LONG_AGO)
    await inbox.receive(letter(address="anna"), answer_it)
    heard = {row.address: row.heard_at for row in await rows(engine, AddressRow)}
    assert heard["bo"] == LONG_AGO
    assert heard["anna"] > LONG_AGO


async def test_a_second_copy_is_nothing_new(
    inbox: Inbox, store: ConversationStore, engine: AsyncEngine
) -> None:
    assert not await inbox.known("notes", "n1")
    conversation_id = await inbox.receive(letter("hej", id="n1"), answer_it)
    assert await inbox.known("notes", "n1")
    before = await counts(engine)

    def never(conversation: Conversation) -> Verdict:
        raise AssertionError

    assert await inbox.receive(letter("hej!", id="n1"), never) is None
    # Not even from another address: the provider's id is the provider's.
    assert await inbox.receive(letter("hej", id="n1", address="bo"), never) is None
    assert await counts(engine) == before
    assert conversation_id is not None
    assert len(await store.messages(conversation_id)) == 1


async def test_an_id_belongs_to_its_channel(inbox: Inbox) -> None:
    assert await inbox.receive(letter(id="n1"), answer_it) is not None
    assert not await inbox.known("wall", "n1")
    assert await inbox.receive(letter(id="n1", channel="wall"), answer_it) is not None


@pytest.mark.parametrize("known_address", [False, True])
async def test_twenty_copies_at_the_same_moment_are_one_message(
    inbox: Inbox, engine: AsyncEngine, *, known_address: bool
) -> None:
    if known_address:
        await inbox.receive(letter("først"), answer_it)
    before = await counts(engine)
    said = Said(ANSWER, (Parcel("notes", "anna", {}),))
    ended = await asyncio.gather(
        *(inbox.receive(letter(id="n1"), lambda *_: at_once(said)) for _ in range(20))
    )
    assert len([item for item in ended if item is not None]) == 1
    after = await counts(engine)
    grown = {table: after[table] - before[table] for table in after if after[table] - before[table]}
    new = {"conversation": 1, "address": 1}
    assert grown == {"inbound": 1, "message": 2, "delivery": 1} | ({} if known_address else new)


async def test_first_messages_at_the_same_moment_begin_one_conversation(
    inbox: Inbox, store: ConversationStore, engine: AsyncEngine
) -> None:
    for round_ in range(5):
        address = f"anna {round_}"
        ended = await asyncio.gather(
            *(inbox.receive(letter(str(n), address=address), answer_it) for n in range(2))
        )
        (conversation_id,) = set(ended)
        assert conversation_id is not None
        assert [m.seq for m in await store.messages(conversation_id)] == [1, 2]
    found = await counts(engine, [ConversationRow, AddressRow])
    assert found == {"conversation": 5, "address": 5}


async def test_many_from_one_address_at_once_are_numbered_without_a_gap(
    inbox: Inbox, store: ConversationStore
) -> None:
    ended = await asyncio.gather(*(inbox.receive(letter(str(n)), answer_it) for n in range(20)))
    (conversation_id,) = set(ended)
    assert conversation_id is not None
    stored = await store.messages(conversation_id)
    assert [message.seq for message in stored] == list(range(1, 21))
    assert {message.text for message in stored} == {str(n) for n in range(20)}


async def test_copies_and_others_mixed_at_once(inbox: Inbox, engine: AsyncEngine) -> None:
    letters = [letter(address=f"a{n % 3}", id=f"n{n % 9}") for n in range(27)]
    ended = await asyncio.gather(*(inbox.receive(item, answer_it) for item in letters))
    assert len([item for item in ended if item is not None]) == 9
    assert await counts(engine, [ConversationRow, InboundRow, MessageRow]) == {
        "conversation": 3,
        "inbound": 9,
        "message": 9,
    }


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
    inbox: Inbox, store: ConversationStore, engine: AsyncEngine, state: State, then: State
) -> None:
    conversation_id = await inbox.receive(letter(), answer_it)
    assert conversation_id is not None
    await change_conversation(engine, conversation_id, state=state)
    seen: list[State] = []

    def decide(conversation: Conversation) -> Verdict:
        seen.append(conversation.state)
        return Verdict()

    assert await inbox.receive(letter("igen"), decide) == conversation_id
    assert seen == [state]
    assert (await store.get(conversation_id)).state is then
    assert len(await rows(engine, ActivityRow)) == (state is not then)


async def test_what_is_said_at_once_stands_behind_the_message_and_leaves(
    inbox: Inbox, store: ConversationStore, engine: AsyncEngine
) -> None:
    said = [Said(ANSWER, (Parcel("notes", "anna", {"n": n}, n == 1),)) for n in range(2)]
    conversation_id = await inbox.receive(letter(), lambda *_: at_once(*said))
    assert conversation_id is not None
    stored = await store.messages(conversation_id)
    assert [message.author for message in stored] == ["citizen", "guide", "guide"]
    assert {message.channel for message in stored} == {"notes"}
    assert not await store.typing(conversation_id)
    deliveries = await rows(engine, DeliveryRow)
    assert [row.message_id for row in deliveries] == [message.id for message in stored[1:]]
    assert [(row.payload, row.despite_stop) for row in deliveries] == [
        ({"n": 0}, False),
        ({"n": 1}, True),
    ]


async def test_a_message_that_awaits_nothing_is_only_stored(
    inbox: Inbox, store: ConversationStore
) -> None:
    conversation_id = await inbox.receive(letter(), lambda *_: Verdict(awaits_answer=False))
    assert conversation_id is not None
    assert len(await store.messages(conversation_id)) == 1
    assert await store.unanswered() == []


async def test_who_wants_no_messages_is_remembered_until_they_do(
    inbox: Inbox, engine: AsyncEngine
) -> None:
    async def hear(wish: Wish | None, address: str = "anna") -> None:
        await inbox.receive(letter(address=address), lambda *_: at_once(wish=wish))

    async def opted_out() -> set[tuple[str, str]]:
        return {(row.channel, row.address) for row in await rows(engine, OptOutRow)}

    await hear(Wish.start)
    assert await opted_out() == set()
    for _ in range(2):
        await hear(Wish.stop)
        assert await opted_out() == {("notes", "anna")}
    await hear(None)
    await hear(Wish.stop, "bo")
    assert await opted_out() == {("notes", "anna"), ("notes", "bo")}
    await hear(Wish.start)
    assert await opted_out() == {("notes", "bo")}


async def test_many_wishes_at_the_same_moment_are_no_fault(
    inbox: Inbox, engine: AsyncEngine
) -> None:
    wishes = [Wish.stop, Wish.start] * 8
    await asyncio.gather(
        *(inbox.receive(letter(), lambda *_, wish=wish: at_once(wish=wish)) for wish in wishes)
    )
    await inbox.receive(letter(), lambda *_: at_once(wish=Wish.stop))
    assert await counts(engine, [OptOutRow, MessageRow]) == {"opt_out": 1, "message": 17}


@pytest.mark.parametrize("known_address", [False, True])
async def test_a_decision_that_fails_leaves_nothing_stored(
    inbox: Inbox, engine: AsyncEngine, *, known_address: bool
) -> None:
    if known_address:
        conversation_id = await inbox.receive(letter(), answer_it)
        assert conversation_id is not None
        await change_conversation(engine, conversation_id, state=State.resolved)
        await change(engine, AddressRow, heard_at=LONG_AGO)
    tables = (ConversationRow, AddressRow, InboundRow, MessageRow, OptOutRow, ActivityRow)
    before = [await rows(engine, table) for table in tables]

    def broken(conversation: Conversation) -> Verdict:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await inbox.receive(letter(id="n1"), broken)
    assert [await rows(engine, table) for table in tables] == before
    assert not await inbox.known("notes", "n1")
    assert await inbox.receive(letter(id="n1"), answer_it) is not None


async def test_what_cannot_be_sent_leaves_nothing_stored(inbox: Inbox, engine: AsyncEngine) -> None:
    odd = Said(ANSWER, (Parcel("notes", "anna", {"n": object()}),))
    with pytest.raises(Exception, match="JSON"):
        await inbox.receive(letter(), lambda *_: at_once(odd, wish=Wish.stop))
    assert not any((await counts(engine)).values())


async def test_after_an_erasure_the_address_begins_anew(
    inbox: Inbox, store: ConversationStore
) -> None:
    first = await inbox.receive(letter(id="n1"), answer_it)
    assert first is not None
    await store.erase(first)
    # The provider's copy of what was erased does not bring it back.
    assert await inbox.receive(letter(id="n1"), answer_it) is None
    second = await inbox.receive(letter(), answer_it)
    assert second not in (None, first)


async def test_a_message_during_an_erasure_begins_anew(
    inbox: Inbox,
    store: ConversationStore,
    engine: AsyncEngine,
) -> None:
    first = await inbox.receive(letter(), answer_it)
    assert first is not None
    async with engine.begin() as connection:
        await connection.execute(ConversationRow.__table__.delete())  # type: ignore[attr-defined]
        receiving = asyncio.create_task(inbox.receive(letter("igen"), answer_it))
        await asyncio.sleep(0.2)
    second = await receiving
    assert second not in (None, first)
    assert second is not None
    assert [message.text for message in await store.messages(second)] == ["igen"]


async def test_a_message_while_its_address_moves_arrives_where_it_leads(
    inbox: Inbox,
    store: ConversationStore,
    engine: AsyncEngine,
) -> None:
    source = await inbox.receive(letter("før"), answer_it)
    assert source is not None
    target, _ = await store.create("web", "da", language_chosen=False)
    async with engine.begin() as connection:
        # As joining does: the address leads elsewhere, and what it led to is gone.
        await connection.execute(
            update(ConversationRow).where(ConversationRow.id == source).values(last_seq=2)
        )
        await connection.execute(update(AddressRow).values(conversation_id=target.id))
        await connection.execute(
            ConversationRow.__table__.delete().where(  # type: ignore[attr-defined]
                ConversationRow.id == source
            )
        )
        receiving = asyncio.create_task(inbox.receive(letter("imens"), answer_it))
        await asyncio.sleep(0.2)
    assert await receiving == target.id
    assert [message.text for message in await store.messages(target.id)] == ["imens"]


def test_link_codes_are_long_and_easy_to_read() -> None:
    codes = {new_link_code() for _ in range(500)}
    assert len(codes) == 500
    assert {len(code) for code in codes} == {10}
    assert not set("0O1lI") & set("".join(codes))
