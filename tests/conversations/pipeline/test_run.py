"""The pipeline by itself: which message it takes, what it says first, and what leaves."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app import build_renderer
from conversations.delivery.dispatch import Dispatch
from conversations.delivery.port import Outgoing, Payload
from conversations.models import Capabilities, Message, Rendered, Reply
from conversations.pipeline.crisis import CheckCrisis
from conversations.pipeline.pipeline import Pipeline
from conversations.pipeline.turn import Turn
from conversations.store.inbox import Inbox, Letter, Verdict
from conversations.store.store import ConversationStore
from conversations.store.tables import ActivityRow, DeliveryRow, MessageRow
from knowledge.crisis.detector import CrisisDetector
from knowledge.live import LiveKnowledge
from settings import Settings
from storage.base import Base
from storage.engine import open_engine

WELCOME = Rendered("velkommen", "da", "welcome")
UNCERTAIN = (
    "jeg er så træt af det hele for tiden",
    "jeg er ked af det hele tiden",
    "det er ikke til at holde ud",
)
"""They may tell of danger. What is learned from new examples may be sure of one or another."""


class Notes:
    """A channel that writes on notes: a reply with choices takes two of them."""

    name = "notes"
    capabilities = Capabilities()

    def address_of(self, text: str) -> str:
        return text

    def render(self, rendered: Rendered, link: str | None) -> Sequence[Payload]:
        first: Payload = {"reply": rendered.reply, "link": link}
        return [first, {"choices": len(rendered.choices)}] if rendered.choices else [first]

    def offered(self, rendered: Rendered, payloads: Sequence[Payload]) -> int:
        return min(len(rendered.choices), len(payloads))

    async def send(self, outgoing: Outgoing) -> str:
        raise NotImplementedError

    async def find(self, outgoing: Outgoing) -> str | None:
        raise NotImplementedError

    async def typing(self, address: str) -> None:
        raise NotImplementedError


class World:
    """A pipeline with one step of the test's own, on a database of its own."""

    def __init__(self, engine: AsyncEngine, live: LiveKnowledge, crisis: CrisisDetector) -> None:
        self.engine = engine
        self.store = ConversationStore(engine)
        self.inbox = Inbox(engine)
        self.replies: list[Reply] | None = [Reply("greet")]
        self.note: tuple[str, dict[str, Any]] | None = None
        self.fails = False
        self.turns: list[Turn] = []
        self.sent = 0
        self.pipeline = Pipeline(
            store=self.store,
            steps=[CheckCrisis(crisis), self._step],
            renderer=build_renderer(Settings(internal_token=SecretStr("test")), live),
            dispatch=Dispatch({"notes": Notes()}, "http://guide/"),
            sent=self._sent,
            knowledge_version=lambda: "v7",
        )

    async def _step(self, turn: Turn) -> None:
        self.turns.append(turn)
        if self.fails:
            raise RuntimeError("broken")
        turn.replies = self.replies
        turn.note = self.note or turn.note

    def _sent(self) -> None:
        self.sent += 1

    async def begin(self, *, welcomed: bool = False) -> str:
        """A conversation on the website."""
        conversation, _ = await self.store.create("web", "da", language_chosen=False)
        if welcomed:
            await self.store.say(conversation.id, WELCOME)
        return conversation.id

    async def write(self, conversation_id: str, *texts: str, redacted: bool = False) -> None:
        for text in texts:
            await self.store.add_citizen_message(
                conversation_id, text, channel="web", redacted=redacted
            )

    async def receive(self, text: str, address: str = "anna") -> str:
        """A note from a citizen; the conversation's id."""
        letter = Letter("notes", address, uuid.uuid4().hex, text, None, False, "da")
        conversation_id = await self.inbox.receive(letter, lambda *_: Verdict())
        assert conversation_id is not None
        return conversation_id

    async def run(self, conversation_id: str) -> list[str | None]:
        """The keys of what the guide said."""
        return [message.reply for message in await self.pipeline.run(conversation_id)]

    async def deliveries(self) -> list[DeliveryRow]:
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(DeliveryRow.__table__).order_by(DeliveryRow.id))
            return list(rows)  # type: ignore[arg-type]


@pytest.fixture
async def world(
    tmp_path: Path, live: LiveKnowledge, crisis: CrisisDetector
) -> AsyncIterator[World]:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'guide.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield World(engine, live, crisis)
    await engine.dispose()


async def test_nothing_open_is_nothing_to_do(world: World) -> None:
    conversation_id = await world.begin(welcomed=True)
    assert await world.run(conversation_id) == []
    assert await world.run("0" * 32) == []
    assert (world.turns, world.sent) == ([], 0)


async def test_each_run_answers_the_oldest_open_message(world: World) -> None:
    conversation_id = await world.begin(welcomed=True)
    await world.write(conversation_id, "et", "to", "tre")
    other = await world.begin(welcomed=True)
    await world.write(other, "fire")
    for expected in ("et", "to", "tre"):
        assert await world.run(conversation_id) == ["greet"]
        assert world.turns[-1].message.text == expected
    assert await world.run(conversation_id) == []
    assert await world.store.unanswered() == [other]


async def test_the_first_answer_is_introduced_and_the_next_is_not(world: World) -> None:
    conversation_id = await world.begin()
    await world.write(conversation_id, "hej")
    assert await world.run(conversation_id) == ["welcome_short", "greet"]
    await world.write(conversation_id, "hej igen")
    assert await world.run(conversation_id) == ["greet"]


async def test_who_was_welcomed_is_not_introduced_to_again(world: World) -> None:
    conversation_id = await world.begin(welcomed=True)
    await world.write(conversation_id, "hej")
    assert await world.run(conversation_id) == ["greet"]


async def test_silence_is_not_introduced(world: World) -> None:
    conversation_id = await world.begin()
    await world.write(conversation_id, "hej")
    world.replies = []
    assert await world.run(conversation_id) == []
    world.replies = [Reply("greet")]
    await world.write(conversation_id, "hej igen")
    assert await world.run(conversation_id) == ["welcome_short", "greet"]


async def test_several_first_messages_are_introduced_to_once(world: World) -> None:
    conversation_id = await world.begin()
    await world.write(conversation_id, "hej", "hvad koster et pas?")
    assert await world.run(conversation_id) == ["welcome_short", "greet"]
    assert await world.run(conversation_id) == ["greet"]


async def test_a_welcome_long_ago_still_counts(world: World) -> None:
    conversation_id = await world.begin(welcomed=True)
    world.replies = []
    for n in range(12):
        await world.write(conversation_id, f"til en medarbejder, nummer {n}")
        assert await world.run(conversation_id) == []
    world.replies = [Reply("greet")]
    await world.write(conversation_id, "hej")
    assert await world.run(conversation_id) == ["greet"]


async def test_an_apology_as_the_first_answer_is_introduced_too(world: World) -> None:
    conversation_id = await world.begin()
    await world.write(conversation_id, "hej")
    world.fails = True
    assert await world.run(conversation_id) == ["welcome_short", "fallback_2"]


async def test_a_removed_number_is_told_between_the_introduction_and_the_answer(
    world: World,
) -> None:
    conversation_id = await world.begin()
    await world.write(conversation_id, "mit cpr er", redacted=True)
    assert await world.run(conversation_id) == ["welcome_short", "cpr_removed", "greet"]


async def test_in_danger_the_numbers_to_call_come_first(world: World) -> None:
    conversation_id = await world.begin()
    await world.write(conversation_id, "det brænder i min lejlighed", redacted=True)
    assert await world.run(conversation_id) == ["crisis_danger", "cpr_removed", "welcome_short"]
    assert not world.turns


async def test_where_danger_is_possible_the_numbers_to_call_come_first(
    world: World, crisis: CrisisDetector
) -> None:
    heard = [(text, alarm) for text in UNCERTAIN if (alarm := crisis.detect(text)) is not None]
    text, alarm = next((text, alarm) for text, alarm in heard if not alarm.certain)
    conversation_id = await world.begin()
    await world.write(conversation_id, text)
    assert await world.run(conversation_id) == [
        f"check_{alarm.kind}",
        "welcome_short",
        "greet",
    ]


async def test_an_answer_leaves_for_where_the_message_came_from(world: World) -> None:
    conversation_id = await world.receive("hej")
    await world.receive("hej", address="bo")
    world.replies = [Reply("greet", choices=("human",))]
    said = await world.pipeline.run(conversation_id)
    conversation = await world.store.get(conversation_id)
    link = f"http://guide/s/{conversation.link_code}"
    rows = await world.deliveries()
    assert [row.payload for row in rows] == [
        {"reply": "welcome_short", "link": link},
        {"reply": "greet", "link": link},
        {"choices": 1},
    ]
    assert [row.message_id for row in rows] == [said[0].id, said[1].id, said[1].id]
    assert {(row.channel, row.address, row.state) for row in rows} == {("notes", "anna", "pending")}
    assert {row.conversation_id for row in rows} == {conversation_id}
    assert {message.channel for message in said} == {"notes"}
    assert world.sent == 1


async def test_each_message_is_answered_on_its_own_channel(world: World) -> None:
    conversation_id = await world.receive("hej")
    await world.run(conversation_id)
    before = len(await world.deliveries())
    await world.write(conversation_id, "nu fra nettet")
    (answer,) = await world.pipeline.run(conversation_id)
    assert answer.channel == "web"
    assert len(await world.deliveries()) == before


async def test_only_danger_reaches_who_wants_no_messages(world: World) -> None:
    await world.run(await world.receive("det brænder i min lejlighed"))
    marks = {
        row.payload.get("reply", "choices"): row.despite_stop for row in await world.deliveries()
    }
    assert marks == {"crisis_danger": True, "choices": True, "welcome_short": False}


async def test_the_answer_names_its_knowledge_and_the_trail_what_happened(world: World) -> None:
    conversation_id = await world.begin(welcomed=True)
    await world.write(conversation_id, "hej")
    world.note = ("tested", {"n": 1})
    await world.run(conversation_id)
    async with world.engine.connect() as connection:
        trail = (await connection.execute(select(ActivityRow.kind, ActivityRow.details))).all()
        version = await connection.scalar(
            select(MessageRow.knowledge_version).where(MessageRow.reply == "greet")
        )
    assert [tuple(row) for row in trail] == [("tested", {"n": 1})]
    assert version == "v7"


async def test_a_turn_that_somebody_else_finished_meanwhile_says_nothing(world: World) -> None:
    conversation_id = await world.receive("hej")
    twin: list[Message] = []

    class Twice:
        async def __call__(self, turn: Turn) -> None:
            if not twin:
                twin.append(turn.message)
                twin.extend(await world.pipeline.run(conversation_id))

    world.pipeline._steps = [Twice(), world._step]
    assert await world.run(conversation_id) == []
    assert [message.reply for message in twin[1:]] == ["welcome_short", "greet"]
    assert len(await world.deliveries()) == 2
