"""Wake-ups within one process."""

from __future__ import annotations

import asyncio

import pytest

from conversations.events import LocalEvents


@pytest.fixture
def events() -> LocalEvents:
    return LocalEvents()


async def test_a_waiting_reader_is_woken(events: LocalEvents) -> None:
    async with events.subscribe("a") as reader:
        waiting = asyncio.create_task(reader.wait(5))
        await asyncio.sleep(0)
        await events.publish("a")
        assert await waiting


async def test_what_happened_before_the_wait_is_not_lost(events: LocalEvents) -> None:
    async with events.subscribe("a") as reader:
        await events.publish("a")
        assert await reader.wait(0.01)


async def test_several_wake_ups_are_one(events: LocalEvents) -> None:
    async with events.subscribe("a") as reader:
        await events.publish("a")
        await events.publish("a")
        assert await reader.wait(0.01)
        assert not await reader.wait(0.01)


async def test_silence_ends_the_wait(events: LocalEvents) -> None:
    async with events.subscribe("a") as reader:
        assert not await reader.wait(0.01)


async def test_another_conversation_wakes_nobody(events: LocalEvents) -> None:
    async with events.subscribe("a") as reader:
        await events.publish("b")
        assert not await reader.wait(0.01)


async def test_all_readers_of_a_conversation_are_woken(events: LocalEvents) -> None:
    async with events.subscribe("a") as one, events.subscribe("a") as two:
        await events.publish("a")
        assert await one.wait(0.01)
        assert await two.wait(0.01)


async def test_one_reader_leaving_does_not_deafen_the_other(events: LocalEvents) -> None:
    async with events.subscribe("a") as stays:
        async with events.subscribe("a") as leaves:
            pass
        await events.publish("a")
        assert await stays.wait(0.01)
        assert not await leaves.wait(0.01)


async def test_nothing_is_kept_of_readers_that_left(events: LocalEvents) -> None:
    with pytest.raises(RuntimeError):
        async with events.subscribe("a"):
            raise RuntimeError
    async with events.subscribe("b"):
        pass
    await events.publish("c")
    assert not events._wakes
