"""What the tests of the stores put in, and how they look at the rows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, func, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.delivery.port import Parcel
from conversations.models import Rendered
from conversations.store.inbox import Letter
from conversations.store.tables import ConversationRow, DeliveryRow
from storage.base import Base

ANSWER = Rendered(text="svar", language="da", reply="greet")
LONG_AGO = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)


def letter(
    text: str = "hej",
    *,
    address: str = "anna",
    channel: str = "notes",
    id: str | None = None,  # noqa: A002 - as the provider calls it
    choice: str | None = None,
    redacted: bool = False,
) -> Letter:
    """A citizen's message; every one is another unless ``id`` says so."""
    return Letter(channel, address, id or uuid.uuid4().hex, text, choice, redacted, "da")


def parcels(
    *numbers: int, address: str = "anna", channel: str = "notes", despite_stop: bool = False
) -> list[Parcel]:
    """One parcel with each number in it."""
    return [Parcel(channel, address, {"n": n}, despite_stop) for n in numbers]


async def rows(engine: AsyncEngine, table: type[Base], **where: object) -> list[Row[Any]]:
    """The rows of a table, in the order of their keys."""
    mapped = inspect(table)
    query = select(*mapped.columns).order_by(*mapped.primary_key)
    for column, value in where.items():
        query = query.where(mapped.columns[column] == value)
    async with engine.connect() as connection:
        found = await connection.execute(query)
        return list(found)


async def counts(engine: AsyncEngine, tables: Iterable[type[Base]] = ()) -> dict[str, int]:
    """How many rows each of these tables has; all of them, if none are named."""
    wanted = [table.__table__ for table in tables] or Base.metadata.sorted_tables
    async with engine.connect() as connection:
        return {
            str(table): await connection.scalar(select(func.count()).select_from(table)) or 0
            for table in wanted
        }


async def change(engine: AsyncEngine, table: type[Base], **values: object) -> None:
    """Set these columns in every row."""
    async with engine.begin() as connection:
        await connection.execute(update(table).values(**values))


async def change_conversation(engine: AsyncEngine, conversation_id: str, **values: object) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            update(ConversationRow).where(ConversationRow.id == conversation_id).values(**values)
        )


async def change_delivery(engine: AsyncEngine, delivery_id: str, **values: object) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            update(DeliveryRow).where(DeliveryRow.public_id == delivery_id).values(**values)
        )
