"""The front door of the conversations: limits, retention, what is refused."""

from __future__ import annotations

import dataclasses
import datetime as dt

import httpx
import pytest
from sqlalchemy import select, update

from app import Parts, create_app
from conversations.store.store import ConversationStore
from conversations.store.tables import ConversationRow
from tests.conversations.citizen import AsyncCitizen, until


async def test_a_conversation_begins_with_a_welcome_and_suggestions(
    client: httpx.AsyncClient, parts: Parts
) -> None:
    citizen = await AsyncCitizen.begin(client)
    (welcome,) = (await citizen.read())["messages"]
    assert (welcome["author"], welcome["reply"], welcome["seq"]) == ("guide", "welcome", 1)
    offered = tuple(choice["choice"] for choice in welcome["choices"])
    assert offered == parts.knowledge.catalogue().suggestions


async def test_the_language_of_the_start_is_a_guess_and_not_a_choice(
    client: httpx.AsyncClient,
) -> None:
    citizen = await AsyncCitizen.begin(client, "en")
    (answer,) = await citizen.say("Hvad koster et nyt pas?")
    assert answer["language"] == "da"


async def test_starting_is_limited_per_address(parts: Parts) -> None:
    settings = parts.settings.model_copy(update={"conversations_per_minute": 2})
    app = create_app(dataclasses.replace(parts, settings=settings))
    async with app.router.lifespan_context(app):
        for address, statuses in [("10.0.0.1", [201, 201, 429]), ("10.0.0.2", [201])]:
            transport = httpx.ASGITransport(app, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://guide") as client:
                answers = [await client.post("/api/web/conversations") for _ in statuses]
            assert [answer.status_code for answer in answers] == statuses
        assert int(answers[0].headers.get("Retry-After", 0)) >= 0


async def test_old_conversations_are_erased_without_being_asked(parts: Parts) -> None:
    store = ConversationStore(parts.engine)
    old, _ = await store.create("web", "da", language_chosen=False)
    fresh, _ = await store.create("web", "da", language_chosen=False)
    moment = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=parts.settings.retention_days + 1)
    async with parts.engine.begin() as connection:
        await connection.execute(
            update(ConversationRow).where(ConversationRow.id == old.id).values(updated_at=moment)
        )

    async def only_the_fresh_one() -> bool:
        async with parts.engine.connect() as connection:
            left = await connection.scalars(select(ConversationRow.id))
            return left.all() == [fresh.id]

    app = create_app(parts)
    async with app.router.lifespan_context(app):
        await until(only_the_fresh_one)


@pytest.mark.parametrize("length", [2000, 2001])
async def test_the_limit_of_length_is_the_settings(
    client: httpx.AsyncClient, parts: Parts, length: int
) -> None:
    citizen = await AsyncCitizen.begin(client)
    accepted = await citizen.post(text="å" * length)
    expected = 202 if length <= parts.settings.max_message_length else 413
    assert accepted.status_code == expected
