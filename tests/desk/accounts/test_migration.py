"""The migration makes what the models describe, with the lock on the trail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from desk.accounts import tables
from desk.accounts.audit import AuditTrail
from storage.base import Base
from storage.engine import open_engine
from tests.conversations.store.test_migrations import alembic, drop_everything

MINE = {
    mapper.local_table.name
    for mapper in Base.registry.mappers
    if mapper.class_.__module__ == tables.__name__ and isinstance(mapper.local_table, Table)
}


@pytest.fixture
async def empty(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database without tables, before and after."""
    engine = open_engine(url)
    yield engine
    async with engine.begin() as connection:
        await connection.run_sync(drop_everything)
    await engine.dispose()


def differences(connection: Connection) -> list[Any]:
    def ours(_object: Any, name: str | None, kind: str, *_: Any) -> bool:
        return kind != "table" or name in MINE

    context = MigrationContext.configure(connection, opts={"include_object": ours})
    return list(compare_metadata(context, Base.metadata))


async def test_the_models_and_the_lock(url: str, empty: AsyncEngine) -> None:
    assert len(MINE) == 10
    alembic(url, "upgrade", "head")
    async with empty.begin() as connection:
        assert await connection.run_sync(differences) == []
    await AuditTrail(empty).record(None, "signed_in")
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="audit trail"):
            async with empty.begin() as connection:
                await connection.execute(text(statement))
    assert len(await AuditTrail(empty).read()) == 1


async def test_the_lock_of_the_migration_is_the_one_of_the_models(
    url: str, empty: AsyncEngine
) -> None:
    def lock(connection: Connection) -> list[str]:
        if connection.dialect.name == "sqlite":
            query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        else:
            query = (
                "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
                " WHERE tgrelid = 'audit'::regclass AND NOT tgisinternal"
                " UNION SELECT prosrc FROM pg_proc WHERE proname = 'audit_is_kept'"
            )
        found = connection.execute(text(query)).scalars().all()
        return sorted(" ".join(str(one).split()) for one in found)

    alembic(url, "upgrade", "head")
    async with empty.begin() as connection:
        migrated = await connection.run_sync(lock)
        await connection.run_sync(drop_everything)
        await connection.run_sync(Base.metadata.create_all)
        assert await connection.run_sync(lock) == migrated
    assert len(migrated) == 3


async def test_the_way_back(url: str, empty: AsyncEngine) -> None:
    alembic(url, "upgrade", "head")
    alembic(url, "downgrade", "0003")
    async with empty.connect() as connection:
        left = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    assert not left & MINE
    alembic(url, "upgrade", "head")
