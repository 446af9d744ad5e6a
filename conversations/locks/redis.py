"""Locks between processes, kept in Redis."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from conversations.redis import RedisAway, RedisClient

log = structlog.get_logger(__name__)

_TAKE = """
-- Takes a free lock or keeps our own: KEYS[1]; ARGV: token, lease in milliseconds.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
    return 1
end
if redis.call('GET', KEYS[1]) == ARGV[1] then
    return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
"""
_RELEASE = """
-- Only our own: after a lost lease it may be somebody else's by now.
if redis.call('GET', KEYS[1]) == ARGV[1] then
    return redis.call('DEL', KEYS[1])
end
return 0
"""


class RedisLocks:
    """A key in Redis per lock, lent for ``lease`` seconds and renewed while it is held.

    A holder that crashes is rid of its lock when the lease ends. A lock is advice: while Redis is
    away everybody gets it, and a holder that stands still for longer than the lease loses it
    unawares. So what is done under a lock must be safe to do twice. A lock that was given while
    Redis was away, or that Redis has forgotten, is taken for good at the next renewal. A Redis
    that hung may do afterwards what it was asked, so a lock may stand for one lease unheld.
    """

    def __init__(self, client: RedisClient, *, lease: float = 15.0) -> None:
        self._client = client
        self._lease = lease

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[bool]:
        name, token = f"borgerguide:lock:{key}", secrets.token_hex(16)
        if not await self._take(name, token):
            yield False
            return
        done = asyncio.Event()
        renewal = asyncio.create_task(self._renew(name, token, done))
        try:
            yield True
        finally:
            # A renewal under way ends first, lest it takes what has just been released.
            done.set()
            await renewal
            await self._release(name, token)

    async def _take(self, name: str, token: str) -> bool:
        milliseconds = round(self._lease * 1000)
        try:
            taken = await self._client.script("lock", _TAKE, name, token, milliseconds)
        except RedisAway:
            return True
        return bool(taken)

    async def _renew(self, name: str, token: str, done: asyncio.Event) -> None:
        while not done.is_set():
            try:
                async with asyncio.timeout(self._lease / 3):
                    await done.wait()
            except TimeoutError:
                if not await self._take(name, token):
                    log.warning("lock_lost", lock=name)
                    return

    async def _release(self, name: str, token: str) -> None:
        # Also what was given without Redis: the request may have reached it after all.
        with contextlib.suppress(RedisAway):  # the lease ends by itself
            await self._client.script("lock", _RELEASE, name, token)
