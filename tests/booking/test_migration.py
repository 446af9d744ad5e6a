"""The migration makes the tables that the code describes, and can take them back."""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.base import Base
from storage.engine import open_engine
from tests.conversations.store.test_migrations import alembic, shape

MINE = {name for name in Base.metadata.tables if name.startswith("booking_")}


def mine(connection: Connection) -> dict[str, object]:
    return {table: columns for table, columns in shape(connection).items() if table in MINE}


def drop_everything(connection: Connection) -> None:
    everything = MetaData()
    everything.reflect(connection)
    everything.drop_all(connection)


async def test_up_and_down(url: str) -> None:
    assert len(MINE) == 16
    engine: AsyncEngine = open_engine(url)
    try:
        alembic(url, "upgrade", "head")
        async with engine.begin() as connection:
            migrated = await connection.run_sync(mine)
        alembic(url, "downgrade", "0002")
        async with engine.connect() as connection:
            left = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert not MINE & set(left)
        async with engine.begin() as connection:
            await connection.run_sync(drop_everything)
            await connection.run_sync(Base.metadata.create_all)
            assert await connection.run_sync(mine) == migrated
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(drop_everything)
        await engine.dispose()
