"""What only rates counted in one process must do."""

from __future__ import annotations

from conversations.limits.local import LocalRateLimit


def standing_still() -> float:
    return 1000.0


async def test_only_the_keys_seen_last_are_remembered() -> None:
    limit = LocalRateLimit(60, 1, keys=3, clock=standing_still)
    for key in "abc":
        await limit.take(key)
    assert await limit.take("a") > 0  # seen again: now "b" is the oldest
    await limit.take("d")
    assert await limit.take("a") > 0
    assert await limit.take("b") == 0


async def test_memory_stays_bounded() -> None:
    limit = LocalRateLimit(60, 1, keys=100, clock=standing_still)
    for n in range(1000):
        await limit.take(str(n))
    remembered = sum([await limit.take(str(n)) > 0 for n in range(999, 899, -1)])
    assert remembered == 100
    assert await limit.take("0") == 0
