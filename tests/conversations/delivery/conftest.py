"""An outbox in a real database, a post office at its end, and workers in a hurry."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.delivery import runner
from conversations.delivery.port import Outlet, Parcel
from conversations.delivery.runner import DeliveryRunner
from conversations.store.outbox import Outbox
from conversations.store.store import ConversationStore
from conversations.store.tables import DeliveryRow, OptOutRow
from storage.base import Base
from storage.engine import open_engine
from tests.conversations.citizen import until
from tests.deliveries import put
from tests.paper import Paper, PostOffice

SOON = 0.01


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}"


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    await engine.dispose()


@dataclass
class Sending:
    """What a test may do with the outbox and its workers."""

    outbox: Outbox
    engine: AsyncEngine
    conversation: str
    paper: Paper = field(default_factory=Paper)

    @property
    def office(self) -> PostOffice:
        return self.paper.office

    async def put(self, *texts: str, to: str = "box 1", channel: str = "paper") -> None:
        await put(
            self.outbox, self.conversation, [Parcel(channel, to, {"text": text}) for text in texts]
        )

    async def put_despite_stop(self, text: str, to: str = "box 1") -> None:
        parcel = Parcel("paper", to, {"text": text}, despite_stop=True)
        await put(self.outbox, self.conversation, [parcel])

    def working(self, **options: Any) -> AbstractAsyncContextManager[DeliveryRunner]:
        return working(self.outbox, {"paper": self.paper}, **options)

    async def emptied(self) -> None:
        async def empty() -> bool:
            return await self.outbox.waiting() == 0

        await until(empty)

    async def work_off(self, **options: Any) -> None:
        """Let one worker send everything that can be sent."""
        async with self.working(**options):
            await self.emptied()

    async def rows(self) -> Sequence[DeliveryRow]:
        async with self.engine.connect() as connection:
            found = await connection.execute(select(DeliveryRow).order_by(DeliveryRow.id))
            return [DeliveryRow(**row._mapping) for row in found]

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def opted_out(self) -> list[tuple[str, str]]:
        async with self.engine.connect() as connection:
            found = await connection.execute(select(OptOutRow.channel, OptOutRow.address))
            return [(row[0], row[1]) for row in found]

    def arrived(self, to: str = "box 1") -> list[str]:
        return [letter.text for letter in self.office.to(to)]


@asynccontextmanager
async def working(
    outbox: Outbox, outlets: Mapping[str, Outlet], **options: Any
) -> AsyncIterator[DeliveryRunner]:
    """A worker that runs until the end of the block, and is then stopped as the gateway does."""
    worker = DeliveryRunner(outbox, outlets, **options)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        task.cancel()
        # Anything but its own end is raised: a worker must not die unseen.
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def sending(engine: AsyncEngine) -> Sending:
    conversation, _ = await ConversationStore(engine).create("web", "da", language_chosen=False)
    return Sending(Outbox(engine), engine, conversation.id)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No back-off worth waiting for; what the provider itself asks for is kept."""
    monkeypatch.setattr(runner, "delay", lambda _attempt, asked, _rng: asked or SOON)
    monkeypatch.setattr(runner, "_IDLE", SOON)
    monkeypatch.setattr(runner, "_ASK_AFTER", SOON)
