"""The whole gateway with the post office at its end, and citizens who write letters."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sqlalchemy import select, update

from app import Parts, create_app
from channels.base import Access
from channels.intake import Event
from conversations.delivery.port import DeliveryState
from conversations.models import Author, Conversation, Message
from conversations.reception import Received
from conversations.states import State
from conversations.store.outbox import Outbox
from conversations.store.store import ConversationStore
from conversations.store.tables import (
    AddressRow,
    ConversationRow,
    DeliveryRow,
    MessageRow,
    OptOutRow,
)
from tests.conversations.citizen import until
from tests.paper import Letter, Paper, PostOffice

BOX = "box 1"


class _Kept(Paper):
    """Keeps what the application gives its channels."""

    access: Access

    def router(self, access: Access) -> Any:
        self.access = access
        return super().router(access)


class Guide:
    """A running gateway, from the citizens' side and from inside."""

    def __init__(self, parts: Parts, paper: _Kept, client: httpx.AsyncClient) -> None:
        self.parts = parts
        self.paper = paper
        self.client = client
        self.store = ConversationStore(parts.engine)
        self.outbox = Outbox(parts.engine)
        self._numbers = itertools.count(1)

    @property
    def office(self) -> PostOffice:
        return self.paper.office

    @property
    def access(self) -> Access:
        return self.paper.access

    def received(self, text: str = "", *, box: str = BOX, **values: Any) -> Received:
        values.setdefault("provider_message_id", f"in-{next(self._numbers)}")
        return Received("paper", box, text=text, **values)

    async def take(self, *events: Event) -> None:
        await self.access.intake.take(events)

    async def write(self, text: str = "", *, box: str = BOX, **values: Any) -> list[Letter]:
        """A letter from a citizen; what comes back to the box."""
        seen = len(self.office.to(box))
        await self.take(self.received(text, box=box, **values))
        await self.settled()
        return self.office.to(box)[seen:]

    async def settled(self) -> None:
        """Nothing is left to answer or to send."""

        async def quiet() -> bool:
            return not await self.store.unanswered() and await self.outbox.waiting() == 0

        await until(quiet)

    async def behind(self, box: str = BOX) -> Conversation:
        """The conversation that a box leads to."""
        async with self.parts.engine.connect() as connection:
            found = await connection.scalar(
                select(AddressRow.conversation_id).where(AddressRow.address == box)
            )
        assert found is not None
        return await self.store.get(found)

    async def messages(self, box: str = BOX) -> list[Message]:
        return await self.store.messages((await self.behind(box)).id)

    async def said(self, box: str = BOX) -> list[str | None]:
        """The keys of what the guide said."""
        return [m.reply for m in await self.messages(box) if m.author is Author.guide]

    async def heard(self, box: str = BOX) -> list[str]:
        """The texts of what the citizen said."""
        return [m.text for m in await self.messages(box) if m.author is Author.citizen]

    async def set_state(self, conversation_id: str, state: State) -> None:
        async with self.parts.engine.begin() as connection:
            await connection.execute(
                update(ConversationRow)
                .where(ConversationRow.id == conversation_id)
                .values(state=state)
            )

    async def opted_out(self) -> list[str]:
        async with self.parts.engine.connect() as connection:
            return list(await connection.scalars(select(OptOutRow.address)))

    async def count(self, table: type[MessageRow | ConversationRow | AddressRow]) -> int:
        async with self.parts.engine.connect() as connection:
            return len((await connection.execute(select(table))).all())

    async def deliveries(self) -> Sequence[tuple[str, DeliveryState]]:
        """The address and the state of each, in order."""
        async with self.parts.engine.connect() as connection:
            rows = await connection.execute(
                select(DeliveryRow.address, DeliveryRow.state).order_by(DeliveryRow.id)
            )
            return [(row[0], DeliveryState(row[1])) for row in rows]


@asynccontextmanager
async def serving(parts: Parts, **settings: object) -> AsyncIterator[Guide]:
    """A gateway with some settings changed, and the post office beside its other channels."""
    paper = _Kept()
    parts = dataclasses.replace(
        parts,
        settings=parts.settings.model_copy(update=settings),
        channels={**parts.channels, "paper": paper},
    )
    application = create_app(parts)
    async with application.router.lifespan_context(application):
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://guide") as client:
            yield Guide(parts, paper, client)
