"""What several gateways must agree on: who works on what, how often, and what is new."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from conversations.events.local import LocalEvents
from conversations.events.port import Events
from conversations.events.redis import RedisEvents
from conversations.limits.local import LocalRateLimit
from conversations.limits.port import RateLimit
from conversations.limits.redis import RedisRateLimit
from conversations.locks.local import LocalLocks
from conversations.locks.port import Locks
from conversations.locks.redis import RedisLocks
from conversations.redis import RedisClient


async def _nothing() -> None:
    return


@dataclass(frozen=True)
class Coordination:
    """One set of back-ends that belong together."""

    events: Events
    locks: Locks
    limit: Callable[[str, float, int], RateLimit]
    """From what is counted, the sustained rate per minute and the burst."""
    listen: Callable[[], Awaitable[None]] = _nothing
    """To be run for as long as the gateway runs; ends at once where there is nothing to hear."""
    close: Callable[[], Awaitable[None]] = _nothing


def alone() -> Coordination:
    """For a single gateway: everything in this process."""
    return Coordination(
        LocalEvents(), LocalLocks(), lambda _, per_minute, burst: LocalRateLimit(per_minute, burst)
    )


def together(redis_url: str) -> Coordination:
    """For several gateways on one Redis. Does not connect yet."""
    client = RedisClient(redis_url)
    events = RedisEvents(client)
    return Coordination(
        events,
        RedisLocks(client),
        lambda what, per_minute, burst: RedisRateLimit(client, per_minute, burst, what),
        events.run,
        client.aclose,
    )
