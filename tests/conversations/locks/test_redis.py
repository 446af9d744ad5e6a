"""Locks between processes, and what a failing Redis does to them."""

from __future__ import annotations

import asyncio
import sys
import time

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from conversations.locks.redis import RedisLocks
from conversations.redis import RedisClient
from settings import ROOT
from tests.redis import RedisServer

KEY = "borgerguide:lock:a"


async def free(locks: RedisLocks, key: str = "a") -> bool:
    async with locks.hold(key) as ours:
        return ours


async def test_another_process_is_refused(redis: RedisClient, redis_url: str) -> None:
    other = RedisClient(redis_url)
    async with RedisLocks(redis).hold("a"):
        assert not await free(RedisLocks(other))
    assert await free(RedisLocks(other))
    await other.aclose()


async def test_it_is_held_for_longer_than_a_lease(redis: RedisClient) -> None:
    locks = RedisLocks(redis, lease=0.2)
    async with locks.hold("a"):
        for _ in range(6):
            await asyncio.sleep(0.1)
            assert not await free(locks)


async def test_nothing_is_left_behind(redis: RedisClient) -> None:
    async with RedisLocks(redis, lease=0.1).hold("a"):
        await asyncio.sleep(0.1)
    assert await redis.ask("test", lambda redis: redis.dbsize()) == 0
    assert len(asyncio.all_tasks()) == 1


async def test_a_crashed_holder_is_rid_of_it_after_the_lease(
    redis: RedisClient, redis_url: str
) -> None:
    program = f"""
import asyncio
from conversations.locks.redis import RedisLocks
from conversations.redis import RedisClient

async def main():
    async with RedisLocks(RedisClient({redis_url!r}), lease=0.6).hold("a"):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    holder.kill()
    await holder.wait()
    locks = RedisLocks(redis)
    assert not await free(locks)
    begun = time.monotonic()
    while not await free(locks):
        assert time.monotonic() - begun < 2
        await asyncio.sleep(0.02)


async def test_who_lost_it_takes_nothing_from_the_next(redis: RedisClient) -> None:
    locks = RedisLocks(redis, lease=60)
    async with locks.hold("a"):
        await redis.ask("test", lambda redis: redis.set(KEY, "another holder"))
    assert await redis.ask("test", lambda redis: redis.get(KEY)) == b"another holder"


async def test_losing_it_is_logged(redis: RedisClient) -> None:
    with capture_logs() as logs:
        async with RedisLocks(redis, lease=0.15).hold("a"):
            await redis.ask("test", lambda redis: redis.set(KEY, "another holder"))
            await asyncio.sleep(0.15)
    assert [entry["event"] for entry in logs] == ["lock_lost"]


async def test_without_redis_everybody_gets_it(
    frail: RedisServer, frail_client: RedisClient
) -> None:
    frail.kill()
    locks = RedisLocks(frail_client)
    async with locks.hold("a") as one, locks.hold("a") as two:
        assert one
        assert two


async def test_an_outage_is_logged_once_and_each_failure_counted(
    frail: RedisServer, frail_client: RedisClient
) -> None:
    def errors() -> float:
        return REGISTRY.get_sample_value("borgerguide_redis_errors_total", {"use": "lock"}) or 0

    locks, before = RedisLocks(frail_client), errors()
    with capture_logs() as logs:
        for _ in range(2):
            frail.kill()
            for _ in range(5):
                await free(locks)
            frail.start()
            await free(locks)
    assert [entry["event"] for entry in logs] == ["redis_away", "redis_back"] * 2
    assert errors() - before == pytest.approx(2 * 5 * 2)  # taking and giving back


async def test_what_a_restarted_redis_forgot_is_taken_again(
    frail: RedisServer, frail_client: RedisClient
) -> None:
    locks = RedisLocks(frail_client, lease=0.3)
    async with locks.hold("a"):
        frail.kill()
        frail.start()
        await asyncio.sleep(0.25)
        assert not await free(locks)
    assert await free(locks)


async def test_what_was_given_without_redis_is_taken_once_it_is_back(
    frail: RedisServer, frail_client: RedisClient
) -> None:
    locks = RedisLocks(frail_client, lease=0.3)
    frail.kill()
    async with locks.hold("a") as ours:
        assert ours
        frail.start()
        await asyncio.sleep(0.25)
        assert not await free(locks)
    assert await free(locks)


async def test_a_hanging_redis_costs_a_second(frail: RedisServer) -> None:
    client = RedisClient(frail.url)
    locks = RedisLocks(client)
    frail.hang()
    begun = time.monotonic()
    for _ in range(10):
        assert await free(locks)
    assert time.monotonic() - begun < 1.5
    frail.go_on()
    await client.aclose()


async def test_redis_hanging_while_it_is_held_costs_a_second_at_the_end(
    frail: RedisServer,
) -> None:
    client = RedisClient(frail.url)
    async with RedisLocks(client, lease=0.3).hold("a"):
        frail.hang()
        await asyncio.sleep(0.2)  # a renewal is under way
        begun = time.monotonic()
    assert time.monotonic() - begun < 1.5
    frail.go_on()
    await client.aclose()
