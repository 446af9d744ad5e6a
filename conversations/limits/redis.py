"""Rates counted in Redis, for all processes together."""

from __future__ import annotations

from conversations.limits.local import LocalRateLimit
from conversations.redis import RedisAway, RedisClient

_TAKE = """
-- The same bucket as LocalRateLimit's: KEYS[1]; ARGV: tokens per second, size.
local rate, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'seen')
local tokens = tonumber(bucket[1] or size)
local seen = tonumber(bucket[2] or now)
tokens = math.min(size, tokens + math.max(0, now - seen) * rate)
local wait = 0
if tokens >= 1 then
    tokens = tokens - 1
else
    wait = (1 - tokens) / rate
end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'seen', now)
-- A bucket that is full again says no more than one that does not exist.
redis.call('PEXPIRE', KEYS[1], math.ceil((size - tokens) / rate * 1000))
-- A number would lose what stands behind its point.
return string.format('%.6f', wait)
"""


class RedisRateLimit:
    """A token bucket per key, in Redis and by Redis' own clock.

    ``per_minute`` is the sustained rate, ``burst`` what may come at once, over all processes.
    ``prefix`` keeps apart what is counted: a conversation's messages, an address' conversations.
    A key is gone when its bucket is full again.

    While Redis is away each process counts for itself, with the same numbers: some more may pass
    then, by the number of processes, but not everything, and nobody is refused for it.
    """

    def __init__(self, client: RedisClient, per_minute: float, burst: int, prefix: str) -> None:
        self._client = client
        self._rate = per_minute / 60
        self._burst = burst
        self._prefix = f"borgerguide:limit:{prefix}:"
        self._alone = LocalRateLimit(per_minute, burst)

    async def take(self, key: str) -> float:
        try:
            wait = await self._client.script(
                "limit", _TAKE, self._prefix + key, self._rate, self._burst
            )
        except RedisAway:
            return await self._alone.take(key)
        return float(wait)
