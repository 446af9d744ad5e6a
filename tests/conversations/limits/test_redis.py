"""Rates over several processes, and what a failing Redis does to them."""

from __future__ import annotations

import asyncio
import time

from conversations.limits.redis import RedisRateLimit
from conversations.redis import RedisClient
from tests.redis import RedisServer

KEY = "borgerguide:limit:messages:a"


async def passed(*limits: RedisRateLimit, asked: int) -> int:
    waits = await asyncio.gather(*(limit.take("a") for limit in limits for _ in range(asked)))
    return waits.count(0)


async def test_processes_count_together(redis: RedisClient, redis_url: str) -> None:
    other = RedisClient(redis_url)
    limits = [RedisRateLimit(client, 1, 10, "messages") for client in (redis, other)]
    assert await passed(*limits, asked=20) == 10
    await other.aclose()


async def test_different_things_are_counted_apart(redis: RedisClient) -> None:
    starts, messages = (RedisRateLimit(redis, 1, 1, prefix) for prefix in ("starts", "messages"))
    assert await starts.take("a") == 0
    assert await messages.take("a") == 0
    assert await starts.take("a") > 0


async def test_real_time_fills_the_bucket(redis: RedisClient) -> None:
    limit = RedisRateLimit(redis, 600, 1, "messages")
    assert await limit.take("a") == 0
    await asyncio.sleep(await limit.take("a") + 0.01)
    assert await limit.take("a") == 0


async def test_a_bucket_that_is_full_again_is_forgotten(redis: RedisClient) -> None:
    limit = RedisRateLimit(redis, 1200, 2, "messages")
    await limit.take("a")
    assert await redis.ask("test", lambda redis: redis.exists(KEY)) == 1
    await asyncio.sleep(0.1)
    assert await redis.ask("test", lambda redis: redis.exists(KEY)) == 0


async def test_no_key_lives_longer_than_it_says_something(redis: RedisClient) -> None:
    limit = RedisRateLimit(redis, 30, 4, "messages")
    for _ in range(10):
        await limit.take("a")
    assert 7 < await redis.ask("test", lambda redis: redis.pttl(KEY)) / 1000 <= 8


async def test_without_redis_the_same_numbers_hold(
    frail: RedisServer, frail_client: RedisClient
) -> None:
    limit = RedisRateLimit(frail_client, 1, 5, "messages")
    frail.kill()
    assert await passed(limit, asked=20) == 5
    assert await limit.take("b") == 0


async def test_redis_counts_again_once_it_is_back(
    frail: RedisServer, frail_client: RedisClient
) -> None:
    limit = RedisRateLimit(frail_client, 1, 5, "messages")
    assert await passed(limit, asked=20) == 5
    frail.kill()
    await passed(limit, asked=20)
    frail.start()
    assert await passed(limit, asked=20) == 5  # it has come back empty
    assert await frail_client.ask("test", lambda redis: redis.exists(KEY)) == 1


async def test_a_hanging_redis_costs_a_second_and_lets_through_no_more(frail: RedisServer) -> None:
    client = RedisClient(frail.url)
    limit = RedisRateLimit(client, 1, 5, "messages")
    frail.hang()
    begun = time.monotonic()
    assert await passed(limit, asked=20) == 5
    assert await passed(limit, asked=20) == 0
    assert time.monotonic() - begun < 1.5
    frail.go_on()
    await client.aclose()
