"""What a gateway shares with itself, and with others."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from conversations.coordination import Coordination, alone, together
from tests.redis import RedisServer

NOWHERE = "redis://127.0.0.1:9/0"


@pytest.fixture
async def pair(frail: RedisServer) -> AsyncIterator[tuple[Coordination, Coordination]]:
    """Two gateways on one Redis, both listening."""
    gateways = (together(frail.url), together(frail.url))
    listening = [asyncio.ensure_future(gateway.listen()) for gateway in gateways]
    yield gateways
    for task in listening:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    for gateway in gateways:
        await gateway.close()


async def is_free(gateway: Coordination, key: str) -> bool:
    async with gateway.locks.hold(key) as ours:
        return ours


async def test_alone_everything_is_in_this_process() -> None:
    guide = alone()
    await asyncio.wait_for(guide.listen(), 1)
    async with guide.events.subscribe("a") as reader:
        await guide.events.publish("a")
        assert await reader.wait(1)
    async with guide.locks.hold("a") as ours:
        assert ours
        assert not await is_free(guide, "a")
    assert await is_free(guide, "a")
    await guide.close()


async def test_each_limit_counts_for_itself() -> None:
    guide = alone()
    messages, starts = guide.limit("messages", 1, 1), guide.limit("starts", 1, 1)
    assert await messages.take("x") == 0
    assert await messages.take("x") > 0
    assert await starts.take("x") == 0


async def test_two_that_are_alone_share_nothing() -> None:
    one, other = alone(), alone()
    async with one.locks.hold("a"):
        assert await is_free(other, "a")
    limits = [gateway.limit("messages", 1, 1) for gateway in (one, other)]
    assert [await limit.take("x") for limit in limits] == [0, 0]


async def test_what_one_says_wakes_the_readers_of_the_other(
    pair: tuple[Coordination, Coordination],
) -> None:
    one, other = pair
    async with other.events.subscribe("a") as reader:
        for _ in range(50):
            # The other one may not listen yet.
            await one.events.publish("a")
            if await reader.wait(0.1):
                return
    pytest.fail("nobody woke up")


async def test_what_one_holds_the_other_does_not_get(
    pair: tuple[Coordination, Coordination],
) -> None:
    one, other = pair
    async with one.locks.hold("a") as ours:
        assert ours
        assert not await is_free(other, "a")
        assert await is_free(other, "b")
    assert await is_free(other, "a")


async def test_limits_are_counted_over_all_and_each_for_itself(
    pair: tuple[Coordination, Coordination],
) -> None:
    one, other = pair
    messages = [gateway.limit("messages", 1, 2) for gateway in (one, other, one)]
    waits = [await limit.take("x") for limit in messages]
    assert waits[:2] == [0, 0]
    assert 0 < waits[2] <= 60
    assert await other.limit("starts", 1, 2).take("x") == 0


async def test_a_gateway_that_ends_leaves_the_other_its_connection(
    pair: tuple[Coordination, Coordination],
) -> None:
    one, other = pair
    await other.close()
    assert await is_free(one, "a")
    assert await one.limit("messages", 1, 1).take("x") == 0


async def test_setting_up_asks_nobody_and_a_missing_redis_stops_nobody() -> None:
    guide = together(NOWHERE)
    assert await guide.limit("messages", 1, 1).take("x") == 0
    assert await is_free(guide, "a")
    await guide.events.publish("a")
    await guide.close()
