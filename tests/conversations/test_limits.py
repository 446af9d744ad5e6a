"""The token bucket, on a clock that the test turns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.limits import LocalRateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_a_burst_passes_and_then_the_wait_is_told(clock: Clock) -> None:
    limit = LocalRateLimit(30, 3, clock=clock)
    assert [await limit.take("a") for _ in range(3)] == [0, 0, 0]
    assert await limit.take("a") == pytest.approx(2.0)


async def test_after_the_told_wait_it_passes_once(clock: Clock) -> None:
    limit = LocalRateLimit(20, 1, clock=clock)
    await limit.take("a")
    wait = await limit.take("a")
    clock.now += wait - 0.1
    assert await limit.take("a") == pytest.approx(0.1)
    clock.now += 0.11
    assert await limit.take("a") == 0
    assert await limit.take("a") > 0


async def test_asking_too_early_does_not_make_the_wait_longer(clock: Clock) -> None:
    limit = LocalRateLimit(60, 1, clock=clock)
    await limit.take("a")
    waits = [await limit.take("a") for _ in range(20)]
    assert waits == pytest.approx([1.0] * 20)


async def test_keys_do_not_share(clock: Clock) -> None:
    limit = LocalRateLimit(60, 1, clock=clock)
    assert await limit.take("a") == 0
    assert await limit.take("b") == 0
    assert await limit.take("a") > 0


async def test_a_long_pause_saves_up_no_more_than_a_burst(clock: Clock) -> None:
    limit = LocalRateLimit(60, 5, clock=clock)
    await limit.take("a")
    clock.now += 24 * 3600
    passed = [await limit.take("a") == 0 for _ in range(10)]
    assert passed == [True] * 5 + [False] * 5


async def test_only_the_keys_seen_last_are_remembered(clock: Clock) -> None:
    limit = LocalRateLimit(60, 1, keys=3, clock=clock)
    for key in "abc":
        await limit.take(key)
    assert await limit.take("a") > 0  # seen again: now "b" is the oldest
    await limit.take("d")
    assert await limit.take("a") > 0
    assert await limit.take("b") == 0


async def test_memory_stays_bounded(clock: Clock) -> None:
    limit = LocalRateLimit(60, 1, keys=100, clock=clock)
    for n in range(1000):
        await limit.take(str(n))
    remembered = sum([await limit.take(str(n)) > 0 for n in range(999, 899, -1)])
    assert remembered == 100
    assert await limit.take("0") == 0


@given(
    st.integers(1, 600),
    st.integers(1, 50),
    st.lists(st.floats(0, 30), min_size=1, max_size=200),
)
async def test_never_more_than_the_burst_and_the_rate(
    per_minute: int, burst: int, pauses: list[float]
) -> None:
    clock = Clock()
    limit = LocalRateLimit(per_minute, burst, clock=clock)
    begun = clock.now
    passed = 0
    for pause in pauses:
        clock.now += pause
        passed += await limit.take("a") == 0
        assert passed <= burst + (clock.now - begun) * per_minute / 60 + 1e-6
