"""Alembic's environment: ``BORGERGUIDE_DATABASE_URL``, or the embedded default."""

from __future__ import annotations

import asyncio
import os
from typing import Any, Literal

from alembic import context
from sqlalchemy.engine import Connection

import booking.tables  # noqa: F401 - they register themselves
import conversations.store.tables  # noqa: F401 - they register themselves
import desk.accounts.tables
import desk.console.tables
import desk.queue.tables  # noqa: F401 - they register themselves
from settings import Settings
from storage.base import Base, UtcDateTime
from storage.engine import open_engine

# The migration needs no other setting, so none may stop it.
_URL = os.environ.get("BORGERGUIDE_DATABASE_URL") or Settings.model_fields["database_url"].default


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    # A migration stands for itself: it must not import a type that may change later.
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _migrate(connection: Connection) -> None:
    # SQLite cannot alter a column: batch mode copies the table instead.
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=_render,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


async def _run() -> None:
    engine = open_engine(_URL, foreign_keys=False)
    async with engine.begin() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


asyncio.run(_run())
