"""Wake-ups between processes, and what a failing Redis does to them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from conversations.events.redis import RedisEvents
from conversations.redis import RedisClient
from tests.conversations.events.listening import listening
from tests.redis import RedisServer


@pytest.fixture
async def pair(redis_url: str) -> AsyncIterator[tuple[RedisEvents, RedisEvents]]:
    """As two gateways have them: each with its own connections."""
    here, there = RedisClient(redis_url), RedisClient(redis_url)
    async with listening(RedisEvents(here)) as one, listening(RedisEvents(there)) as two:
        yield one, two
    await here.aclose()
    await there.aclose()


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent connection is doubted soon."""
    monkeypatch.setattr("conversations.events.redis._QUIET_SECONDS", 0.2)


async def connections(client: RedisClient) -> int:
    return len(await client.ask("test", lambda redis: redis.client_list()))


async def test_another_process_is_woken(pair: tuple[RedisEvents, RedisEvents]) -> None:
    here, there = pair
    async with there.subscribe("a") as reader, there.subscribe("b") as other:
        await here.publish("a")
        assert await reader.wait(5)
        assert not await other.wait(0.05)


async def test_processes_wake_each_other(pair: tuple[RedisEvents, RedisEvents]) -> None:
    here, there = pair
    async with here.subscribe("a") as left, there.subscribe("a") as right:
        for _ in range(20):
            await here.publish("a")
            assert await right.wait(5)
            assert await left.wait(0)
            await there.publish("a")
            assert await left.wait(5)
            assert await right.wait(0)


async def test_two_channels_on_one_redis_do_not_mix(redis_url: str) -> None:
    client = RedisClient(redis_url)
    test, production = (RedisEvents(client, channel=name) for name in ("test", "production"))
    async with listening(test), test.subscribe("a") as reader:
        await production.publish("a")
        assert not await reader.wait(0.05)
    await client.aclose()


async def test_what_is_not_ours_on_the_channel_does_no_harm(redis: RedisClient) -> None:
    async with listening(RedisEvents(redis)) as events, events.subscribe("a") as reader:
        await redis.ask("test", lambda redis: redis.publish("borgerguide:events", b""))
        await redis.ask("test", lambda redis: redis.publish("borgerguide:events", b"\xff a\xff"))
        assert not await reader.wait(0.3)  # nor is the connection made anew
        await RedisEvents(redis).publish("a")
        assert await reader.wait(5)


async def test_many_readers_share_one_connection(redis: RedisClient) -> None:
    async with listening(RedisEvents(redis)) as events:
        before = await connections(redis)
        readers = [events.subscribe(str(n)) for n in range(200)]
        for reader in readers:
            await reader.__aenter__()
        assert await connections(redis) == before
        for reader in readers:
            await reader.__aexit__(None, None, None)


async def test_the_same_process_is_woken_without_redis(
    frail: RedisServer, frail_client: RedisClient
) -> None:
    events = RedisEvents(frail_client)
    frail.kill()
    async with events.subscribe("a") as reader:
        await events.publish("a")
        assert await reader.wait(0)


async def test_after_a_crash_of_redis_everybody_is_woken_and_all_goes_on(
    frail: RedisServer, frail_client: RedisClient
) -> None:
    async with (
        listening(RedisEvents(frail_client)) as here,
        listening(RedisEvents(frail_client)) as there,
        there.subscribe("a") as reader,
        there.subscribe("b") as other,
    ):
        frail.kill()
        await here.publish("a")
        assert not await reader.wait(0.3)
        frail.start()
        assert await reader.wait(5)  # for what it has missed
        assert await other.wait(5)
        deadline = time.monotonic() + 5
        while True:  # until both listen again and have woken whom they had to
            await here.publish("a")
            if await reader.wait(0.1) and not await other.wait(0.2):
                break
            assert time.monotonic() < deadline


async def test_it_begins_without_redis(frail: RedisServer, frail_client: RedisClient) -> None:
    frail.stop()
    events = RedisEvents(frail_client)
    task = asyncio.create_task(events.run())
    async with events.subscribe("a") as reader:
        assert not await reader.wait(0.3)
        frail.start()
        assert await reader.wait(5)
    task.cancel()
    await asyncio.wait([task])


async def test_a_wake_up_that_could_not_be_sent_is_made_up_for(
    frail_client: RedisClient, quickly: None
) -> None:
    async with (
        listening(RedisEvents(frail_client)) as here,
        listening(RedisEvents(frail_client)) as there,
        there.subscribe("a") as reader,
    ):
        await frail_client.ask(
            "test", lambda redis: redis.acl_setuser("default", commands=["-publish"])
        )
        await here.publish("a")
        assert not await reader.wait(0.3)
        await frail_client.ask(
            "test", lambda redis: redis.acl_setuser("default", commands=["+publish"])
        )
        assert await reader.wait(2)
        assert not await reader.wait(0.5)


async def test_a_hanging_redis_is_noticed_while_nothing_is_published(
    frail: RedisServer, frail_client: RedisClient, quickly: None
) -> None:
    async with (
        listening(RedisEvents(frail_client)) as events,
        events.subscribe("a") as reader,
    ):
        frail.hang()
        assert not await reader.wait(1)
        frail.go_on()
        assert await reader.wait(5)


async def test_a_hanging_redis_delays_a_wake_up_and_loses_none(
    frail: RedisServer, frail_client: RedisClient, quickly: None
) -> None:
    async with (
        listening(RedisEvents(frail_client)) as here,
        listening(RedisEvents(frail_client)) as there,
        there.subscribe("a") as reader,
    ):
        await reader.wait(0)
        frail.hang()
        begun = time.monotonic()
        await here.publish("a")
        await here.publish("a")
        assert time.monotonic() - begun < 0.5
        frail.go_on()
        assert await reader.wait(5)


async def test_with_its_usual_patience_a_hanging_redis_costs_a_second(frail: RedisServer) -> None:
    client = RedisClient(frail.url)
    events = RedisEvents(client)
    await events.publish("a")
    frail.hang()
    begun = time.monotonic()
    for _ in range(10):
        await events.publish("a")
    assert time.monotonic() - begun < 1.5
    frail.go_on()
    await client.aclose()


async def test_it_ends_when_it_is_told_to(redis: RedisClient) -> None:
    async with listening(RedisEvents(redis)):
        pass
    assert await connections(redis) == 1
