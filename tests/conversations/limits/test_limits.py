"""The token bucket on every back-end, with time that the test lets pass."""

from __future__ import annotations

import uuid
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.limits.local import LocalRateLimit
from conversations.limits.port import RateLimit
from conversations.limits.redis import RedisRateLimit
from conversations.redis import RedisClient

# Redis' own clock goes on while a test runs: so much may a wait differ, in seconds.
SLACK = 0.1


class World(Protocol):
    """Where limits are kept, and where time passes."""

    def limit(self, per_minute: int, burst: int) -> RateLimit: ...

    async def later(self, seconds: float) -> None: ...


class LocalWorld:
    def __init__(self) -> None:
        self.now = 1000.0

    def limit(self, per_minute: int, burst: int) -> RateLimit:
        return LocalRateLimit(per_minute, burst, clock=lambda: self.now)

    async def later(self, seconds: float) -> None:
        self.now += seconds


class RedisWorld:
    """Instead of waiting, what is stored grows older."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    def limit(self, per_minute: int, burst: int) -> RateLimit:
        return RedisRateLimit(self._client, per_minute, burst, uuid.uuid4().hex)

    async def later(self, seconds: float) -> None:
        for key in await self._client.ask("test", lambda redis: redis.keys("*")):
            assert isinstance(key, bytes)
            source = """
                local left = redis.call('PTTL', KEYS[1]) - tonumber(ARGV[1]) * 1000
                if left <= 0 then return redis.call('DEL', KEYS[1]) end
                redis.call('PEXPIRE', KEYS[1], math.floor(left))
                redis.call('HINCRBYFLOAT', KEYS[1], 'seen', -tonumber(ARGV[1]))
            """
            await self._client.script("test", source, key.decode(), seconds)


@pytest.fixture
def world(shared: RedisClient | None) -> World:
    return LocalWorld() if shared is None else RedisWorld(shared)


async def test_a_burst_passes_and_then_the_wait_is_told(world: World) -> None:
    limit = world.limit(30, 3)
    assert [await limit.take("a") for _ in range(3)] == [0, 0, 0]
    assert await limit.take("a") == pytest.approx(2.0, abs=SLACK)


async def test_after_the_told_wait_it_passes_once(world: World) -> None:
    limit = world.limit(20, 1)
    await limit.take("a")
    wait = await limit.take("a")
    await world.later(wait - 0.5)
    assert await limit.take("a") == pytest.approx(0.5, abs=SLACK)
    await world.later(0.51)
    assert await limit.take("a") == 0
    assert await limit.take("a") > 0


async def test_asking_too_early_does_not_make_the_wait_longer(world: World) -> None:
    limit = world.limit(60, 1)
    await limit.take("a")
    waits = [await limit.take("a") for _ in range(20)]
    assert waits == pytest.approx([1.0] * 20, abs=SLACK)


async def test_keys_do_not_share(world: World) -> None:
    limit = world.limit(60, 1)
    assert await limit.take("a") == 0
    assert await limit.take("b") == 0
    assert await limit.take("a") > 0


async def test_a_long_pause_saves_up_no_more_than_a_burst(world: World) -> None:
    limit = world.limit(60, 5)
    await limit.take("a")
    await world.later(24 * 3600)
    passed = [await limit.take("a") == 0 for _ in range(10)]
    assert passed == [True] * 5 + [False] * 5


@given(
    st.integers(1, 600),
    st.integers(1, 50),
    st.lists(st.floats(0, 30), min_size=1, max_size=50),
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example has its own limit
)
async def test_never_more_than_the_burst_and_the_rate(
    world: World, per_minute: int, burst: int, pauses: list[float]
) -> None:
    limit = world.limit(per_minute, burst)
    gone = 0.0
    passed = 0
    for pause in pauses:
        await world.later(pause)
        gone += pause
        passed += await limit.take("a") == 0
        # A second more for what the example itself takes.
        assert passed <= burst + (gone + 1) * per_minute / 60
