"""One-time codes in real databases, and what a right one opens."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.delivery.port import Parcel
from conversations.models import Conversation, ConversationNotFound, Rendered
from conversations.states import GUIDE_MAY_SPEAK, State
from conversations.store.codes import (
    CodeError,
    CodeGone,
    OneTimeCodes,
    Purpose,
    WrongCode,
    new_code,
)
from conversations.store.inbox import Inbox, Verdict
from conversations.store.outbox import Outbox
from conversations.store.store import ConversationStore
from conversations.store.tables import (
    AccessRow,
    ActivityRow,
    AddressRow,
    ConversationRow,
    DeliveryRow,
    FeedbackRow,
    MessageRow,
    OneTimeCodeRow,
)
from conversations.store.writing import Said
from tests.conversations.store.samples import (
    ANSWER,
    LONG_AGO,
    change,
    change_conversation,
    counts,
    letter,
    parcels,
    rows,
)

CODE, WRONG = "012345", "543210"
JOINED = Rendered("Nu her.", "da", "joined")
EARLIER = Rendered("Tidligere:", "da", "joined_earlier")


class World:
    """Citizens on the website and on a channel of notes, over one database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.store = ConversationStore(engine)
        self.inbox = Inbox(engine)
        self.codes = OneTimeCodes(engine)

    async def on_web(self, *texts: str) -> str:
        conversation, _ = await self.store.create("web", "da", language_chosen=False)
        for text in texts:
            await self.store.add_citizen_message(conversation.id, text, channel="web")
        return conversation.id

    async def by_note(self, *texts: str, address: str = "anna") -> str:
        ids = [
            await self.inbox.receive(letter(text, address=address), lambda *_: Verdict())
            for text in texts or ("hej",)
        ]
        assert ids[-1] is not None
        return ids[-1]

    async def answer(self, conversation_id: str) -> None:
        """The guide's answer to the next open message, if there is one, with its way out."""
        turn = await self.store.next_turn(conversation_id, 12)
        if turn is None:
            # It has just been joined to another: there it is open.
            return
        said = Said(ANSWER, tuple(parcels(turn.message.seq)) if turn.message.address else ())
        await self.store.finish_turn(
            turn.message.id,
            [said],
            language="da",
            language_chosen=False,
            service=None,
            knowledge_version=None,
            activity=("tested", {"seq": turn.message.seq}),
        )

    async def issue(
        self,
        conversation_id: str,
        purpose: Purpose = Purpose.joining,
        *,
        code: str = CODE,
        address: str = "anna",
        tries: int = 5,
        seconds: float = 600,
    ) -> None:
        await self.codes.issue(
            conversation_id,
            purpose,
            code,
            [Parcel("notes", address, {"code": code})],
            seconds=seconds,
            tries=tries,
        )

    async def join(self, conversation_id: str, code: str = CODE) -> None:
        def said(conversation: Conversation, channel: str, address: str) -> Said:
            assert conversation.id == conversation_id
            assert conversation.link_code is not None
            return Said(JOINED, (Parcel(channel, address, {"joined": conversation.link_code}),))

        await self.codes.join(conversation_id, code, said, EARLIER)

    async def use(self, purpose: Purpose, conversation_id: str, code: str = CODE) -> None:
        if purpose is Purpose.joining:
            await self.join(conversation_id, code)
        else:
            await self.codes.open(conversation_id, code)

    async def leads_to(self, address: str = "anna") -> str | None:
        found = await rows(self.engine, AddressRow, address=address)
        return str(found[0].conversation_id) if found else None

    async def said(self, conversation_id: str) -> list[str]:
        return [message.text for message in await self.store.messages(conversation_id)]


@pytest.fixture
def world(engine: AsyncEngine) -> World:
    return World(engine)


def test_codes_are_six_digits() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) > 190
    assert all(len(code) == 6 and code.isdecimal() for code in codes)


# --- what every purpose has in common


async def test_a_code_is_sent_and_remembered_but_not_kept(world: World) -> None:
    conversation_id = await world.on_web()
    await world.issue(conversation_id)
    (delivery,) = await rows(world.engine, DeliveryRow)
    assert (delivery.address, delivery.message_id) == ("anna", None)
    assert delivery.payload == {"code": CODE}
    (row,) = await rows(world.engine, OneTimeCodeRow)
    assert CODE not in repr(row)
    assert await world.said(conversation_id) == []


async def test_a_code_that_cannot_be_sent_is_not_remembered(world: World) -> None:
    conversation_id = await world.on_web()
    await world.issue(conversation_id)
    odd = [Parcel("notes", "bo", {"code": object()})]
    with pytest.raises(Exception, match="JSON"):
        await world.codes.issue(conversation_id, Purpose.joining, WRONG, odd, seconds=600, tries=5)
    await world.join(conversation_id)
    assert await world.leads_to("anna") == conversation_id


async def test_no_code_is_sent_for_nothing(world: World) -> None:
    with pytest.raises(ConversationNotFound):
        await world.issue("0" * 32)
    for purpose in Purpose:
        with pytest.raises(ConversationNotFound):
            await world.use(purpose, "0" * 32)
    assert not any((await counts(world.engine)).values())


@pytest.mark.parametrize("purpose", Purpose)
async def test_wrong_guesses_count_down_until_the_code_is_gone(
    world: World, purpose: Purpose
) -> None:
    conversation_id = await world.by_note()
    await world.issue(conversation_id, purpose)
    left = []
    for _ in range(4):
        with pytest.raises(WrongCode) as raised:
            await world.use(purpose, conversation_id, WRONG)
        left.append(raised.value.tries_left)
    assert left == [4, 3, 2, 1]
    for code in (WRONG, WRONG, CODE):
        with pytest.raises(CodeGone):
            await world.use(purpose, conversation_id, code)
    assert await rows(world.engine, AccessRow) == []


@pytest.mark.parametrize("purpose", Purpose)
async def test_the_last_try_may_be_the_right_one(world: World, purpose: Purpose) -> None:
    conversation_id = await world.by_note()
    await world.issue(conversation_id, purpose)
    for _ in range(4):
        with pytest.raises(WrongCode):
            await world.use(purpose, conversation_id, WRONG)
    await world.use(purpose, conversation_id)


@pytest.mark.parametrize("purpose", Purpose)
async def test_guesses_at_the_same_moment_cost_a_try_each(world: World, purpose: Purpose) -> None:
    conversation_id = await world.by_note()
    await world.issue(conversation_id, purpose)
    ended = await asyncio.gather(
        *(world.use(purpose, conversation_id, WRONG) for _ in range(10)), return_exceptions=True
    )
    left = [error.tries_left for error in ended if isinstance(error, WrongCode)]
    assert sorted(left) == [1, 2, 3, 4]
    assert sum(isinstance(error, CodeGone) for error in ended) == 6
    with pytest.raises(CodeGone):
        await world.use(purpose, conversation_id)


@pytest.mark.parametrize("purpose", Purpose)
async def test_a_code_works_once_even_at_the_same_moment(world: World, purpose: Purpose) -> None:
    conversation_id = await world.by_note()
    await world.issue(conversation_id, purpose)
    ended = await asyncio.gather(
        *(world.use(purpose, conversation_id) for _ in range(5)), return_exceptions=True
    )
    assert ended.count(None) == 1
    assert sum(isinstance(error, CodeGone) for error in ended) == 4


@pytest.mark.parametrize("purpose", Purpose)
async def test_an_old_code_is_gone(world: World, purpose: Purpose) -> None:
    conversation_id = await world.by_note()
    await world.issue(conversation_id, purpose)
    now = dt.datetime.now(tz=dt.UTC)
    await change(world.engine, OneTimeCodeRow, expires_at=now - dt.timedelta(seconds=1))
    with pytest.raises(CodeGone):
        await world.use(purpose, conversation_id)
    await change(world.engine, OneTimeCodeRow, expires_at=now + dt.timedelta(seconds=60))
    await world.use(purpose, conversation_id)


async def test_a_code_lives_as_long_as_it_is_given(world: World) -> None:
    conversation_id = await world.on_web()
    before = dt.datetime.now(tz=dt.UTC)
    await world.issue(conversation_id, seconds=600)
    (row,) = await rows(world.engine, OneTimeCodeRow)
    assert 600 <= (row.expires_at - before).total_seconds() < 610


@pytest.mark.parametrize("purpose", Purpose)
async def test_a_new_code_makes_the_old_one_void(world: World, purpose: Purpose) -> None:
    conversation_id = await world.by_note()
    await world.issue(conversation_id, purpose, code=WRONG)
    with pytest.raises(WrongCode):
        await world.use(purpose, conversation_id, "999999")
    await world.issue(conversation_id, purpose, address="bo")
    with pytest.raises(WrongCode) as raised:
        await world.use(purpose, conversation_id, WRONG)
    assert raised.value.tries_left == 4
    await world.use(purpose, conversation_id)
    with pytest.raises(CodeGone):
        await world.use(purpose, conversation_id)


async def test_codes_at_the_same_moment_leave_one(world: World) -> None:
    conversation_id = await world.on_web()
    codes = [f"{n:06d}" for n in range(6)]
    await asyncio.gather(*(world.issue(conversation_id, code=code, tries=9) for code in codes))
    assert await counts(world.engine, [OneTimeCodeRow]) == {"one_time_code": 1}
    right = 0
    for code in codes:
        try:
            await world.join(conversation_id, code)
            right += 1
        except CodeError:
            pass
    assert right == 1


@pytest.mark.parametrize("purpose", Purpose)
async def test_another_conversations_code_never_works(world: World, purpose: Purpose) -> None:
    mine, yours = await world.by_note(), await world.by_note(address="bo")
    await world.issue(mine, purpose)
    with pytest.raises(CodeGone):
        await world.use(purpose, yours)
    await world.issue(yours, purpose, code=WRONG, address="bo")
    with pytest.raises(WrongCode):
        await world.use(purpose, yours, CODE)
    assert (await world.leads_to("anna"), await world.leads_to("bo")) == (mine, yours)
    await world.use(purpose, mine)


@pytest.mark.parametrize("purpose", Purpose)
async def test_a_code_serves_its_purpose_only(world: World, purpose: Purpose) -> None:
    (other,) = set(Purpose) - {purpose}
    conversation_id = await world.by_note()
    await world.issue(conversation_id, other)
    with pytest.raises(CodeGone):
        await world.use(purpose, conversation_id)
    await world.issue(conversation_id, purpose, code=WRONG)
    with pytest.raises(WrongCode):
        await world.use(purpose, conversation_id, CODE)
    await world.use(other, conversation_id, CODE)


async def test_codes_that_nobody_can_use_are_forgotten(world: World) -> None:
    for n in range(2):
        await world.issue(await world.on_web(), address=f"a{n}")
    first, _ = await rows(world.engine, OneTimeCodeRow)
    await change(world.engine, OneTimeCodeRow, expires_at=LONG_AGO)
    third = await world.on_web()
    await world.issue(third)
    await world.codes.erase_expired()
    (left,) = await rows(world.engine, OneTimeCodeRow)
    assert left.conversation_id == third != first.conversation_id


# --- opening on the website


async def test_a_right_code_gives_a_token_that_opens(world: World) -> None:
    conversation_id = await world.by_note()
    other = await world.by_note(address="bo")
    tokens = []
    for _ in range(2):
        await world.issue(conversation_id, Purpose.opening)
        tokens.append(await world.codes.open(conversation_id, CODE))
    assert len(set(tokens)) == 2
    for token in tokens:
        assert (await world.store.open(conversation_id, token)).id == conversation_id
        with pytest.raises(ConversationNotFound):
            await world.store.open(other, token)
    stored = repr(await rows(world.engine, AccessRow))
    assert not any(token in stored for token in tokens)


async def test_behind_a_link_is_the_conversation_and_who_wrote_last(world: World) -> None:
    conversation_id = await world.by_note()
    conversation = await world.store.get(conversation_id)
    assert conversation.link_code is not None
    assert await world.codes.behind(conversation.link_code) == (conversation, "notes", "anna")
    for odd in ("", "nothing", conversation.link_code.swapcase(), "å" * 500):
        assert await world.codes.behind(odd) is None


async def test_behind_a_link_is_the_address_that_was_heard_from_last(world: World) -> None:
    conversation_id = await world.by_note()
    await world.issue(conversation_id, address="bo")
    await world.join(conversation_id)
    conversation = await world.store.get(conversation_id)
    assert conversation.link_code is not None
    # Nothing has ever been heard from the second address.
    assert await world.codes.behind(conversation.link_code) == (conversation, "notes", "anna")
    await world.by_note("hej fra bo", address="bo")
    found = await world.codes.behind(conversation.link_code)
    assert found is not None
    assert found[1:] == ("notes", "bo")


async def test_a_conversation_without_an_address_is_behind_no_link(world: World) -> None:
    conversation_id = await world.on_web()
    await change_conversation(world.engine, conversation_id, link_code="abc")
    assert await world.codes.behind("abc") is None


# --- joining


async def test_a_new_address_leads_to_the_conversation(world: World) -> None:
    conversation_id = await world.on_web("hej")
    await world.issue(conversation_id)
    assert await world.leads_to() is None
    await world.join(conversation_id)
    assert await world.leads_to() == conversation_id
    assert await world.said(conversation_id) == ["hej", "Nu her."]
    conversation = await world.store.get(conversation_id)
    assert len(conversation.link_code or "") == 10
    _, delivery = await rows(world.engine, DeliveryRow)
    assert delivery.payload == {"joined": conversation.link_code}
    last = (await world.store.messages(conversation_id))[-1]
    assert (delivery.message_id, last.channel) == (last.id, "notes")
    (note,) = await rows(world.engine, ActivityRow)
    assert (note.kind, note.actor, note.details) == ("joined", "citizen", {"channel": "notes"})
    assert await world.by_note("fra telefonen") == conversation_id


async def test_the_link_stays_when_another_address_joins(world: World) -> None:
    conversation_id = await world.by_note()
    before = (await world.store.get(conversation_id)).link_code
    await world.issue(conversation_id, address="bo")
    await world.join(conversation_id)
    assert (await world.store.get(conversation_id)).link_code == before
    assert {await world.leads_to("anna"), await world.leads_to("bo")} == {conversation_id}


async def test_a_wrong_code_joins_nothing(world: World) -> None:
    target, source = await world.on_web("web"), await world.by_note("note")
    await world.issue(target)
    before = await counts(world.engine)
    with pytest.raises(WrongCode):
        await world.join(target, WRONG)
    assert await counts(world.engine) == before
    assert await world.leads_to() == source


async def test_what_was_said_there_before_comes_along(world: World) -> None:
    source = await world.by_note("note 1", "note 2")
    await world.answer(source)
    target = await world.on_web("web 1", "web 2")
    ids = {m.text: m.id for item in (source, target) for m in await world.store.messages(item)}
    await world.issue(target)
    await world.join(target)
    stored = await world.store.messages(target)
    texts = ["web 1", "web 2", "Tidligere:", "note 1", "note 2", "svar", "Nu her."]
    assert [message.text for message in stored] == texts
    assert [message.seq for message in stored] == list(range(1, 8))
    assert (await world.store.get(target)).last_seq == 7
    assert all(message.id == ids.get(message.text, message.id) for message in stored)
    assert stored[3].address == "anna"
    with pytest.raises(ConversationNotFound):
        await world.store.get(source)
    assert await world.by_note("note 3") == target
    assert [m.seq for m in await world.store.messages(target)] == list(range(1, 9))


async def test_open_turns_stay_open_and_are_answered_in_their_order(world: World) -> None:
    await world.by_note("note 1", "note 2")
    target = await world.on_web("web 1")
    await world.issue(target)
    await world.join(target)
    assert await world.store.unanswered() == [target]
    asked = []
    while turn := await world.store.next_turn(target, 12):
        asked.append((turn.message.text, turn.message.channel, turn.message.address))
        await world.answer(target)
    assert asked == [
        ("web 1", "web", None),
        ("note 1", "notes", "anna"),
        ("note 2", "notes", "anna"),
    ]


async def test_everything_that_hangs_on_it_moves_too(world: World) -> None:
    source = await world.by_note()
    await world.by_note("hej", address="carl")
    await world.issue(source, address="bo")
    await world.join(source)
    await world.answer(source)
    said = (await world.store.messages(source))[-1]
    await world.store.rate(source, said.id, helpful=True)
    await world.issue(source, Purpose.opening)
    token = await world.codes.open(source, CODE)
    target = await world.on_web()
    await world.issue(target)
    tables = (AddressRow, DeliveryRow, ActivityRow, FeedbackRow)
    before = await counts(world.engine, tables)
    await world.join(target)
    after = await counts(world.engine, tables)
    # One thing is said about the joining, and noted.
    assert after == before | {
        "delivery": before["delivery"] + 1,
        "activity": before["activity"] + 1,
    }
    for table in (DeliveryRow, ActivityRow, MessageRow):
        owners = {row.conversation_id for row in await rows(world.engine, table)}
        assert source not in owners
    assert {await world.leads_to(name) for name in ("anna", "bo")} == {target}
    assert await world.leads_to("carl") not in (source, target)
    with pytest.raises(ConversationNotFound):
        await world.store.open(source, token)
    with pytest.raises(ConversationNotFound):
        await world.store.open(target, token)


async def test_what_was_to_be_sent_is_still_sent_in_order(world: World) -> None:
    await world.by_note("1", "2")
    source = await world.leads_to()
    assert source is not None
    await world.answer(source)
    await world.answer(source)
    target = await world.on_web()
    await world.issue(target)
    outbox = Outbox(world.engine)
    (under_way,) = await outbox.claim(10, 60)
    await world.join(target)
    await outbox.sent(under_way.id, "p0")
    sent = [under_way.payload]
    while claimed := await outbox.claim(10, 60):
        for outgoing in claimed:
            sent.append(outgoing.payload)
            await outbox.sent(outgoing.id, f"p{len(sent)}")
    link = (await world.store.get(target)).link_code
    assert sent == [{"n": 1}, {"n": 2}, {"code": CODE}, {"joined": link}]


STATES = [
    pytest.param(
        *pair,
    )
    for pair in itertools.product(State, State)
]


@pytest.mark.parametrize(("state", "other"), STATES, ids=lambda state: state.value)
async def test_who_waited_for_a_person_waits_on(world: World, state: State, other: State) -> None:
    source, target = await world.by_note(), await world.on_web()
    await change_conversation(world.engine, source, state=other)
    await change_conversation(world.engine, target, state=state)
    await world.issue(target)
    await world.join(target)
    after = (await world.store.get(target)).state
    if state not in (State.bot, State.resolved):
        assert after is state
    elif other not in (State.bot, State.resolved):
        assert after is other
    elif other is State.bot:
        # The open turn of the other side is answered, so the guide must be allowed to.
        assert after in GUIDE_MAY_SPEAK
    else:
        assert after is state


async def test_joining_ones_own_address_again_is_harmless(world: World) -> None:
    conversation_id = await world.by_note("hej")
    heard = (await rows(world.engine, AddressRow))[0].heard_at
    for n in range(2):
        await world.issue(conversation_id)
        await world.join(conversation_id)
        assert await world.said(conversation_id) == ["hej", *["Nu her."] * (n + 1)]
    (address,) = await rows(world.engine, AddressRow)
    assert (address.conversation_id, address.heard_at) == (conversation_id, heard)
    assert await world.store.unanswered() == [conversation_id]


async def test_an_address_that_has_joined_may_join_another(world: World) -> None:
    first, second = await world.on_web("et"), await world.on_web("to")
    for target in (first, second):
        await world.issue(target)
        await world.join(target)
    assert await world.leads_to() == second
    assert await world.said(second) == ["to", "Tidligere:", "et", "Nu her.", "Nu her."]


async def test_the_same_id_on_both_sides_is_no_fault(world: World) -> None:
    first, second = await world.on_web(), await world.on_web()
    for target in (first, second):
        await world.store.add_citizen_message(target, "hej", channel="web", client_message_id="c1")
        await world.issue(target)
        await world.join(target)
    assert await world.said(second) == ["hej", "Tidligere:", "hej", "Nu her.", "Nu her."]


async def test_joining_both_ways_at_the_same_moment_loses_nothing(world: World) -> None:
    for n in range(5):
        one = await world.by_note("fra anna", address=f"anna {n}")
        two = await world.by_note("fra bo", address=f"bo {n}")
        await world.issue(one, address=f"bo {n}")
        await world.issue(two, address=f"anna {n}")
        ended = await asyncio.gather(world.join(one), world.join(two), return_exceptions=True)
        assert ended.count(None) >= 1
        assert all(
            error is None or isinstance(error, CodeError | ConversationNotFound) for error in ended
        )
        (left,) = {await world.leads_to(f"{name} {n}") for name in ("anna", "bo")}
        assert left is not None
        assert {"fra anna", "fra bo"} <= set(await world.said(left))


async def test_two_websites_joining_one_address_at_the_same_moment(world: World) -> None:
    for n in range(5):
        address = f"anna {n}"
        await world.by_note("fra anna", address=address)
        both = [await world.on_web(f"web {name}") for name in "ab"]
        for target in both:
            await world.issue(target, address=address)
        await asyncio.gather(*(world.join(target) for target in both))
        last = await world.leads_to(address)
        assert last in both
        assert {"fra anna", "web a", "web b"} <= set(await world.said(last))


async def test_messages_and_answers_while_joining_are_not_lost(world: World) -> None:
    for n in range(8):
        address = f"anna {n}"
        source = await world.by_note("først", address=address)
        target = await world.on_web("web")
        await world.issue(target, address=address)
        await asyncio.gather(
            world.join(target),
            world.by_note("imens", address=address),
            world.answer(source),
            world.answer(target),
        )
        stored = await world.store.messages(target)
        assert [message.seq for message in stored] == list(range(1, len(stored) + 1))
        texts = [message.text for message in stored]
        assert {"web", "først", "imens"} <= set(texts)
        while await world.store.next_turn(target, 1):
            await world.answer(target)
        answers = [m for m in await world.store.messages(target) if m.reply == "greet"]
        assert len(answers) == 3


async def test_a_conversation_erased_with_a_code_under_way(world: World) -> None:
    conversation_id = await world.by_note()
    for purpose in Purpose:
        await world.issue(conversation_id, purpose)
    await world.store.erase(conversation_id)
    for purpose in Purpose:
        with pytest.raises(ConversationNotFound):
            await world.use(purpose, conversation_id)
    found = await counts(world.engine, [ConversationRow, OneTimeCodeRow, AddressRow, DeliveryRow])
    assert not any(found.values())
