"""The migrations make what the models describe, and can take it back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.store.tables import Base
from launcher.paths import GATEWAY_PYTHON, ROOT
from storage.engine import open_engine


def alembic(url: str, *arguments: str) -> str:
    done = subprocess.run(
        [str(GATEWAY_PYTHON), "-m", "alembic", *arguments],
        cwd=ROOT,
        env={**os.environ, "BORGERGUIDE_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def shape(connection: Connection) -> dict[str, Any]:
    """What autogenerate does not compare: keys with their rules, and what may be null."""
    seen = inspect(connection)
    return {
        table: {
            "columns": {
                c["name"]: (str(c["type"]), c["nullable"]) for c in seen.get_columns(table)
            },
            "key": seen.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(
                (f["constrained_columns"], f["referred_table"], f["options"].get("ondelete"))
                for f in seen.get_foreign_keys(table)
            ),
            "unique": sorted(u["column_names"] for u in seen.get_unique_constraints(table)),
            "indexes": sorted(
                (str(i["name"]), i["column_names"])
                for i in seen.get_indexes(table)
                if not i.get("duplicates_constraint")
            ),
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def drop_everything(connection: Connection) -> None:
    everything = MetaData()
    everything.reflect(connection)
    everything.drop_all(connection)


@pytest.fixture
async def empty(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database without tables, before and after."""
    engine = open_engine(url)
    yield engine
    async with engine.begin() as connection:
        await connection.run_sync(drop_everything)
    await engine.dispose()


async def test_upgrading_an_empty_database_gives_the_models(url: str, empty: AsyncEngine) -> None:
    alembic(url, "upgrade", "head")
    async with empty.begin() as connection:
        assert await connection.run_sync(differences) == []
        migrated = await connection.run_sync(shape)
        await connection.run_sync(drop_everything)
        await connection.run_sync(Base.metadata.create_all)
        assert await connection.run_sync(shape) == migrated


async def test_downgrading_leaves_no_table(url: str, empty: AsyncEngine) -> None:
    alembic(url, "upgrade", "head")
    alembic(url, "downgrade", "base")
    async with empty.connect() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert tables == ["alembic_version"]
    alembic(url, "upgrade", "head")


async def test_upgrading_twice_changes_nothing(url: str, empty: AsyncEngine) -> None:
    alembic(url, "upgrade", "head")
    alembic(url, "upgrade", "head")
    async with empty.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_there_is_one_line_of_migrations() -> None:
    assert len(alembic("sqlite+aiosqlite://", "heads").splitlines()) == 1
