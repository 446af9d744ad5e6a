"""What every back-end of the locks must do."""

from __future__ import annotations

import asyncio
import time

import pytest

from conversations.locks.local import LocalLocks
from conversations.locks.port import Locks
from conversations.locks.redis import RedisLocks
from conversations.redis import RedisClient


@pytest.fixture
def locks(shared: RedisClient | None) -> Locks:
    return LocalLocks() if shared is None else RedisLocks(shared)


async def test_a_free_lock_is_given(locks: Locks) -> None:
    async with locks.hold("a") as ours:
        assert ours


async def test_a_held_lock_is_refused_at_once(locks: Locks) -> None:
    async with locks.hold("a"):
        begun = time.monotonic()
        async with locks.hold("a") as ours:
            assert not ours
        assert time.monotonic() - begun < 0.5


async def test_who_was_refused_takes_nothing_away(locks: Locks) -> None:
    async with locks.hold("a"):
        for _ in range(3):
            async with locks.hold("a") as ours:
                assert not ours


async def test_keys_do_not_share(locks: Locks) -> None:
    async with locks.hold("a") as one, locks.hold("b") as two:
        assert one
        assert two


async def test_it_is_free_afterwards(locks: Locks) -> None:
    for _ in range(3):
        async with locks.hold("a") as ours:
            assert ours


async def test_it_is_free_after_a_failure(locks: Locks) -> None:
    with pytest.raises(ZeroDivisionError):
        async with locks.hold("a"):
            raise ZeroDivisionError
    async with locks.hold("a") as ours:
        assert ours


async def test_it_is_free_after_a_holder_was_cancelled(locks: Locks) -> None:
    held = asyncio.Event()

    async def work() -> None:
        async with locks.hold("a"):
            held.set()
            await asyncio.sleep(60)

    holder = asyncio.create_task(work())
    await held.wait()
    holder.cancel()
    await asyncio.wait([holder])
    assert holder.cancelled()
    async with locks.hold("a") as ours:
        assert ours


async def test_of_many_at_once_one_gets_it(locks: Locks) -> None:
    working = most = given = 0

    async def work() -> None:
        nonlocal working, most, given
        async with locks.hold("a") as ours:
            if ours:
                given += 1
                working += 1
                most = max(most, working)
                await asyncio.sleep(0.002)
                working -= 1

    for _ in range(5):
        await asyncio.gather(*(work() for _ in range(20)))
    assert most == 1
    assert given >= 5
