"""The booking dialogue on the real knowledge and the starter calendar, without Rasa."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import booking.tables  # noqa: F401 - the tables register themselves
import conversations.store.tables  # noqa: F401 - appointments name conversations
from booking.appointments import Appointments
from booking.drafts import Drafts
from booking.links import Links
from booking.short_links import ShortLinks
from booking.starter import fill, read
from booking.supply_store import SupplyStore
from booking.times import Times
from bot.actions.base import Heard
from bot.actions.booking.calendar import Calendar, Outcome
from bot.actions.booking.dialogue import Dialogue
from bot.actions.booking.services import ServiceReader
from conversations.models import Reply
from conversations.store.store import ConversationStore
from knowledge.live import LiveKnowledge
from storage.base import Base
from storage.engine import open_engine
from tests.booking.world import HandClock
from tests.bot.conftest import context

_ids = itertools.count(1)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'guide.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
def clock() -> HandClock:
    """Monday 23 November 2026, eight in the morning."""
    clock = HandClock()
    clock.set("2026-11-23 08:00")
    return clock


class Caller:
    """A citizen in front of the dialogue; intents are given where the words do not decide."""

    def __init__(self, dialogue: Dialogue, calendar: Calendar, conversation: str) -> None:
        self.dialogue, self.calendar, self.conversation = dialogue, calendar, conversation
        self.language = "en"

    def heard(self, text: str, *, intent: str, message_id: str | None, **entities: str) -> Heard:
        choice = entities.get("choice")
        return Heard(
            text=text,
            intent=intent,
            asked=intent,
            confidence=0.9,
            entities=entities,
            slots={},
            context=context(
                language=self.language, message_id=message_id or f"m{next(_ids)}", channel="web"
            ),
            conversation_id=self.conversation,
            named={} if choice else {name: (value,) for name, value in entities.items()},
        )

    async def begin(self, text: str, intent: str = "booking", **entities: str) -> list[str]:
        """Keys of what is said, the question last."""
        heard = self.heard(text, intent=intent, message_id=None, **entities)
        return await self._said(await self.dialogue.begin(heard))

    async def say(
        self, text: str, intent: str = "ask_service", message_id: str | None = None, **entities: str
    ) -> list[str]:
        heard = self.heard(text, intent=intent, message_id=message_id, **entities)
        return await self._said(await self.dialogue.hear(heard))

    async def pick(self, place: int = 0) -> list[str]:
        """Choose one of the things offered last."""
        return await self.say("", choice=self.choices[place])

    async def choose(self, code: str) -> list[str]:
        return await self.say("", choice=code)

    async def _said(self, outcome: Outcome | None) -> list[str]:
        if outcome is None:
            return ["not an answer"]
        question = await self.dialogue.question(self.conversation)
        self.replies: list[Reply] = [*outcome.replies, *([question] if question else [])]
        self.choices = [code for reply in self.replies for code in reply.choices]
        return [reply.key for reply in self.replies]

    async def to_confirm(self) -> None:
        """As far as the question whether to book."""
        await self.begin("a passport", choice="book:service:pas-voksen")
        await self.choose("book:any")
        await self.choose("book:language:any")
        # Not the first: it must still be far enough ahead in a quarter of an hour.
        await self.pick(2)
        await self.say("Mette Hansen")
        assert await self.say("20 12 34 56") == ["booking_confirm"]


@pytest.fixture
async def calendar(engine: AsyncEngine, clock: HandClock, live: LiveKnowledge) -> Calendar:
    await fill(engine, read(live.catalogue()))
    supply = SupplyStore(engine, clock)
    links = Links(engine, ["s" * 40], clock)
    return Calendar(
        supply,
        Times(engine, supply, clock),
        Appointments(engine, supply, clock),
        Drafts(engine, clock),
        ShortLinks(engine, links),
        clock,
    )


@pytest.fixture
async def caller(engine: AsyncEngine, calendar: Calendar, live: LiveKnowledge) -> Caller:
    async def summarise(conversation_id: str) -> str:
        return f"asked in {conversation_id}"

    dialogue = Dialogue(
        calendar,
        live.catalogue,
        ServiceReader(live.catalogue, live.search),
        summarise,
        live.catalogue().language_codes,
    )
    started, _ = await ConversationStore(engine).create("web", "en", language_chosen=False)
    return Caller(dialogue, calendar, started.id)
