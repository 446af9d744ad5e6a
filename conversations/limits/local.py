"""Rates counted in one process."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable


class LocalRateLimit:
    """A token bucket per key, in this process.

    ``per_minute`` is the sustained rate, ``burst`` what may come at once. The ``keys`` least
    recently seen are forgotten first, so memory stays bounded.
    """

    def __init__(
        self,
        per_minute: float,
        burst: int,
        *,
        keys: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = per_minute / 60
        self._burst = float(burst)
        self._keys = keys
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def take(self, key: str) -> float:
        now = self._clock()
        tokens, seen = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - seen) * self._rate)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > self._keys:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self._rate
