"""Redis for the suites of everything that runs on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from conversations.redis import RedisClient
from tests.redis import NoRedis, RedisServer, redis_server


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis that all tests share; skips, and says what is missing."""
    try:
        with redis_server() as url:
            yield url
    except NoRedis as missing:
        pytest.skip(str(missing))


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[RedisClient]:
    """A client of an empty Redis."""
    client = RedisClient(redis_url)
    await client.ask("test", lambda redis: redis.flushall())
    yield client
    await client.aclose()


@pytest.fixture(params=["local", "redis"])
async def shared(request: pytest.FixtureRequest) -> AsyncIterator[RedisClient | None]:
    """For a suite of all back-ends: None for the local one, then an empty Redis."""
    if request.param == "local":
        yield None
        return
    client = RedisClient(request.getfixturevalue("redis_url"))
    await client.ask("test", lambda redis: redis.flushall())
    yield client
    await client.aclose()


@pytest.fixture
def frail() -> Iterator[RedisServer]:
    """A Redis of this test's own, to be killed, stopped and started; skips as above."""
    try:
        with RedisServer() as server:
            yield server
    except NoRedis as missing:
        pytest.skip(str(missing))


@pytest.fixture
async def frail_client(frail: RedisServer) -> AsyncIterator[RedisClient]:
    """A client that gives Redis little time, so that its tests need little."""
    client = RedisClient(frail.url, patience=0.3, pause=0.5)
    yield client
    await client.aclose()
