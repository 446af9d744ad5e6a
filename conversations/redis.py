"""Redis, asked briefly: nobody who waits for an answer ever waits for Redis for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from conversations.metrics import REDIS_ERRORS

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")


class RedisAway(Exception):
    """Redis did not answer in time, or refused."""


class RedisClient:
    """One pool of connections, shared by everything in this process that uses Redis.

    An answer may take ``patience`` seconds. After one that took longer nobody asks for ``pause``
    seconds, so that a Redis that hangs delays a turn once and not at each of its steps. A Redis
    that is gone says so at once and needs no pause: it is used again as soon as it is back.

    ``use`` says what something is asked for, in the log and in the metrics: the log has one line
    when a use loses Redis and one when it has it again.
    """

    def __init__(self, url: str, *, patience: float = 1.0, pause: float = 5.0) -> None:
        """Does not connect yet. Raises ``ValueError`` for a URL that is not Redis'."""
        self._redis = Redis.from_url(
            url,
            socket_timeout=patience,
            socket_connect_timeout=patience,
            # Each user has its own answer to a failure, and none of them is to wait longer.
            retry=Retry(NoBackoff(), 0),
            # The older protocol: the newer one's notices of maintenance stop the pool from
            # noticing connections that a restart of Redis has closed.
            protocol=2,
        )
        self._patience = patience
        self._pause = pause
        self._paused_until = 0.0
        self._without: set[str] = set()

    async def ask(self, use: str, command: Callable[[Redis], Awaitable[Answer]]) -> Answer:
        """The answer to ``command``. Raises :class:`RedisAway`."""
        if time.monotonic() < self._paused_until:
            REDIS_ERRORS.labels(use).inc()
            raise RedisAway
        try:
            async with asyncio.timeout(self._patience):
                answer = await command(self._redis)
        except (TimeoutError, RedisTimeout) as error:
            self._paused_until = time.monotonic() + self._pause
            self.failed(use, error)
            raise RedisAway from error
        except (RedisError, OSError) as error:
            self.failed(use, error)
            raise RedisAway from error
        self.answered(use)
        return answer

    async def script(self, use: str, source: str, key: str, *args: str | float) -> Any:
        """What a Lua script gives back for its one key. Raises :class:`RedisAway`."""
        # Sent whole each time: it is short, and a restarted Redis knows no scripts by their hash.
        return await self.ask(use, lambda redis: redis.eval(source, 1, key, *args))

    def pubsub(self) -> PubSub:
        """A connection to listen on. Its user tells of :meth:`failed` and :meth:`answered`."""
        return self._redis.pubsub()

    def failed(self, use: str, error: Exception) -> None:
        """Count, and log if it is the first failure in a row."""
        REDIS_ERRORS.labels(use).inc()
        if use not in self._without:
            self._without.add(use)
            log.warning("redis_away", use=use, error=f"{type(error).__name__}: {error}")

    def answered(self, use: str) -> None:
        """Log, if it is the first success after failures."""
        if use in self._without:
            self._without.remove(use)
            log.info("redis_back", use=use)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._redis.aclose()
