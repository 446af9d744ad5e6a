"""What every back-end of the wake-ups must do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from conversations.events.local import LocalEvents
from conversations.events.port import Events
from conversations.events.redis import RedisEvents
from conversations.redis import RedisClient
from tests.conversations.events.listening import listening


@pytest.fixture
async def events(shared: RedisClient | None) -> AsyncIterator[Events]:
    if shared is None:
        yield LocalEvents()
        return
    async with listening(RedisEvents(shared)) as redis_events:
        yield redis_events


async def test_a_waiting_reader_is_woken(events: Events) -> None:
    async with events.subscribe("a") as reader:
        waiting = asyncio.create_task(reader.wait(5))
        await asyncio.sleep(0)
        await events.publish("a")
        assert await waiting


async def test_what_happened_before_the_wait_is_not_lost(events: Events) -> None:
    async with events.subscribe("a") as reader:
        await events.publish("a")
        assert await reader.wait(0.05)


async def test_several_wake_ups_are_one(events: Events) -> None:
    async with events.subscribe("a") as reader:
        await events.publish("a")
        await events.publish("a")
        assert await reader.wait(0.05)
        assert not await reader.wait(0.05)


async def test_silence_ends_the_wait(events: Events) -> None:
    async with events.subscribe("a") as reader:
        assert not await reader.wait(0.05)


async def test_another_conversation_wakes_nobody(events: Events) -> None:
    async with events.subscribe("a") as reader:
        await events.publish("b")
        assert not await reader.wait(0.05)


async def test_a_reader_of_several_topics_hears_which(events: Events) -> None:
    async with events.subscribe("a", "typing:staff:a") as reader:
        await events.publish("typing:staff:a")
        assert await reader.wait(0.05) == {"typing:staff:a"}
        await events.publish("typing:citizen:a")
        assert not await reader.wait(0.05)
        await events.publish("a")
        await events.publish("typing:staff:a")
        assert await reader.wait(0.05) == {"a", "typing:staff:a"}


async def test_passing_signs_can_be_followed_for_everybody(events: Events) -> None:
    async with events.subscribe("typing:citizen") as reader:
        await events.publish("typing:citizen:a")
        await events.publish("typing:citizen:b")
        await events.publish("typing:staff:c")
        assert await reader.wait(0.05) == {"typing:citizen:a", "typing:citizen:b"}


async def test_all_readers_of_a_conversation_are_woken(events: Events) -> None:
    async with events.subscribe("a") as one, events.subscribe("a") as two:
        await events.publish("a")
        assert await one.wait(0.05)
        assert await two.wait(0.05)


async def test_one_reader_leaving_does_not_deafen_the_other(events: Events) -> None:
    async with events.subscribe("a") as stays:
        async with events.subscribe("a") as leaves:
            pass
        await events.publish("a")
        assert await stays.wait(0.05)
        assert not await leaves.wait(0.05)


async def test_a_reader_that_fails_leaves_too(events: Events) -> None:
    with pytest.raises(ZeroDivisionError):
        async with events.subscribe("a") as leaves:
            raise ZeroDivisionError
    await events.publish("a")
    assert not await leaves.wait(0.05)
