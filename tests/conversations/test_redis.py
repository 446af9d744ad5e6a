"""Asking Redis, and not waiting for it."""

from __future__ import annotations

import asyncio
import time

import pytest

from conversations.redis import RedisAway, RedisClient
from tests.redis import RedisServer


async def answers(client: RedisClient) -> bool:
    try:
        return bool(await client.ask("test", lambda redis: redis.ping()))
    except RedisAway:
        return False


@pytest.mark.parametrize("url", ["", "localhost:6379", "http://localhost:6379"])
def test_a_url_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="scheme"):
        RedisClient(url)


async def test_all_connections_work_right_after_a_restart(frail: RedisServer) -> None:
    client = RedisClient(frail.url)
    assert all(await asyncio.gather(*(answers(client) for _ in range(20))))
    frail.kill()
    frail.start()
    await asyncio.sleep(0.05)  # for this process to hear that they are closed
    assert all(await asyncio.gather(*(answers(client) for _ in range(20))))
    await client.aclose()


async def test_a_hanging_redis_is_left_alone_for_the_pause(
    frail: RedisServer, frail_client: RedisClient
) -> None:
    assert await answers(frail_client)
    frail.hang()
    begun = time.monotonic()
    assert not await answers(frail_client)
    assert 0.25 < time.monotonic() - begun < 0.6
    frail.go_on()
    for _ in range(20):
        assert not await answers(frail_client)
    await asyncio.sleep(0.55)
    assert await answers(frail_client)


async def test_a_refusal_is_like_an_absence(redis: RedisClient) -> None:
    with pytest.raises(RedisAway):
        await redis.script("test", "return redis.call('NONSENSE')", "a")
    assert await answers(redis)  # and no reason for a pause


async def test_who_is_cancelled_leaves_no_answer_to_the_next(redis: RedisClient) -> None:
    for _ in range(20):
        asking = asyncio.create_task(
            redis.ask("test", lambda redis: redis.echo("meant for somebody else"))
        )
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        assert await redis.ask("test", lambda redis: redis.echo("mine")) == b"mine"
