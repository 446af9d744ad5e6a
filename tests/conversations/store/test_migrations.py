"""The migrations make what the models describe, and can take it back."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

import booking.tables  # noqa: F401 - they register themselves, as in the migrations' environment
import desk.accounts.tables
import desk.console.tables
import desk.queue.tables  # noqa: F401
from conversations.models import ConversationNotFound
from conversations.store.store import ConversationStore, hash_token, new_access
from launcher.paths import GATEWAY_PYTHON, ROOT
from storage.base import Base
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


MOMENT = dt.datetime(2024, 6, 15, 12, 30, tzinfo=dt.UTC)
TOKENS = {"a" * 32: "token a", "b" * 32: "token b", "c" * 32: None}
"""Conversations at the first revision, and what opens them."""


def first_rows(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """What a database of the first revision may hold, by table."""
    conversation: dict[str, Any] = {
        "channel": "web",
        "language": "da",
        "language_chosen": True,
        "state": "queued",
        "last_seq": 2,
        "service": "pas-voksen",
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
    message: dict[str, Any] = {
        "author_name": None,
        "language": "da",
        "reply": None,
        "service": None,
        "candidates": ["pas-voksen"],
        "choices": [{"title": "Pas", "choice": "service:pas-voksen"}],
        "card": {"rows": [1, {"æ": None}]},
        "choice": None,
        "redacted": True,
        "knowledge_version": "v1",
        "created_at": MOMENT,
    }
    conversations = [
        conversation | {"id": item, "token_hash": hash_token(token) if token else None}
        for item, token in TOKENS.items()
    ]
    messages = [
        message
        | {
            "id": f"{n}{author[0]}" + item["id"][:30],
            "conversation_id": item["id"],
            "seq": n,
            "author": author,
            "text": f"Hej 👩‍👧 '\"; -- {n}",
            "client_message_id": f"c{n}",
            "awaits_answer": n == 1,
        }
        for item in conversations
        for n, author in ((1, "citizen"), (2, "guide"))
    ]
    return {
        "conversation": conversations,
        "message": messages,
        "activity": [
            {
                "id": n,
                "conversation_id": item["id"],
                "kind": "crisis",
                "actor": "guide",
                "details": {"kind": "danger"},
                "created_at": MOMENT,
            }
            for n, item in enumerate(conversations, 1)
        ],
        "feedback": [
            {"message_id": item["id"], "helpful": item["seq"] == 2, "created_at": MOMENT}
            for item in messages
        ],
    }


def reflected(connection: Connection) -> MetaData:
    tables = MetaData()
    tables.reflect(connection)
    return tables


def fill(connection: Connection) -> None:
    """Put the rows of the first revision in."""
    tables = reflected(connection)
    for name, found in first_rows(connection).items():
        connection.execute(tables.tables[name].insert(), found)


def held(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of the first revision's tables, with the columns that they had then."""
    tables = reflected(connection)
    known = first_rows(connection)
    return {
        name: [
            {
                key: value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value
                for key, value in row._mapping.items()
                if key in known[name][0]
            }
            for row in connection.execute(
                select(tables.tables[name]).order_by(*tables.tables[name].primary_key.columns)
            )
        ]
        for name in known
    }


def by_key(found: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: sorted(items, key=lambda item: str(item.get("id", item.get("message_id"))))
        for name, items in found.items()
    }


def without_tokens(found: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [{key: item[key] for key in item if key != "token_hash"} for item in items]
        for name, items in found.items()
    }


async def test_no_row_is_lost_on_the_way_up_and_down_and_tokens_still_open(
    url: str, empty: AsyncEngine
) -> None:
    alembic(url, "upgrade", "0001")
    async with empty.begin() as connection:
        await connection.run_sync(fill)
        before = by_key(await connection.run_sync(first_rows))
        assert by_key(await connection.run_sync(held)) == before
    store = ConversationStore(empty)
    # Up, down and up again: what is new to the first revision must not stand in the way.
    for _ in range(2):
        await empty.dispose()
        alembic(url, "upgrade", "head")
        async with empty.connect() as connection:
            up = by_key(await connection.run_sync(held))
        assert up == without_tokens(before)
        for conversation_id, token in TOKENS.items():
            messages = await store.messages(conversation_id)
            assert [(m.seq, m.channel, m.address) for m in messages] == [
                (1, "web", None),
                (2, "web", None),
            ]
            assert messages[0].text == before["message"][0]["text"]
            if token is not None:
                conversation = await store.open(conversation_id, token)
                assert (conversation.link_code, conversation.state) == (None, "queued")
            for wrong in {*TOKENS.values(), ""} - {token, None}:
                with pytest.raises(ConversationNotFound):
                    await store.open(conversation_id, str(wrong))
        assert await store.unanswered() != []
        await empty.dispose()
        alembic(url, "downgrade", "0001")
        async with empty.connect() as connection:
            assert by_key(await connection.run_sync(held)) == before


async def test_a_conversation_with_several_tokens_keeps_one_on_the_way_down(
    url: str, empty: AsyncEngine
) -> None:
    alembic(url, "upgrade", "head")
    store = ConversationStore(empty)
    conversation, first = await store.create("web", "da", language_chosen=False)
    row, second = new_access(conversation.id)
    async with AsyncSession(empty) as session, session.begin():
        session.add(row)
    said, _ = await store.add_citizen_message(conversation.id, "hej", channel="web")
    await empty.dispose()
    alembic(url, "downgrade", "0001")
    async with empty.connect() as connection:
        tables = await connection.run_sync(reflected)
        kept = (await connection.execute(select(tables.tables["conversation"]))).one()
        assert kept.token_hash in {hash_token(first), hash_token(second)}
        messages = (await connection.execute(select(tables.tables["message"]))).all()
        assert [message.id for message in messages] == [said.id]


async def test_what_hangs_on_a_conversation_still_goes_with_it(
    url: str, empty: AsyncEngine
) -> None:
    alembic(url, "upgrade", "0001")
    async with empty.begin() as connection:
        await connection.run_sync(fill)
    await empty.dispose()
    alembic(url, "upgrade", "head")
    store = ConversationStore(empty)
    for conversation_id in TOKENS:
        await store.erase(conversation_id)
    async with empty.connect() as connection:
        assert not any((await connection.run_sync(held)).values())


def test_there_is_one_line_of_migrations() -> None:
    assert len(alembic("sqlite+aiosqlite://", "heads").splitlines()) == 1
