"""What can go wrong on the way to a provider, in order or by chance."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Iterable
from enum import Enum


class Fault(Enum):
    """One way for a request to fail; the value tells whether the provider acts on it all the same.

    ``slow`` is accepted and answered as ever, only late. What is accepted and then answered with
    an error, a reset or nothing is the ambiguous case: the caller cannot know.
    """

    server_error = "refused: 500"
    throttled = "refused: too many requests"
    reset_before = "refused: the connection is closed"
    timeout_before = "refused: no answer ever comes"
    slow = "accepted: the answer is late"
    error_after = "accepted: 500"
    reset_after = "accepted: the connection is closed"
    timeout_after = "accepted: no answer ever comes"

    @property
    def accepted(self) -> bool:
        return self.value.startswith("accepted")


QUICK = (
    Fault.server_error,
    Fault.throttled,
    Fault.reset_before,
    Fault.error_after,
    Fault.reset_after,
)
"""The faults that cost a test no waiting."""


class Faults:
    """A queue of faults, then chance. May be used from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[Fault | None] = deque()
        self._chance: tuple[random.Random, float, tuple[Fault, ...]] | None = None

    def extend(self, faults: Iterable[Fault | None]) -> None:
        """Each for one request, in order; ``None`` lets a request pass."""
        with self._lock:
            self._queue.extend(faults)

    def chaos(self, rng: random.Random, share: float, kinds: tuple[Fault, ...] = QUICK) -> None:
        """From now on, when the queue is empty, ``share`` (0 to 1) of the requests fail."""
        with self._lock:
            self._chance = (rng, share, kinds)

    def clear(self) -> None:
        """All is well again."""
        with self._lock:
            self._queue.clear()
            self._chance = None

    def take(self) -> Fault | None:
        """The fault of the next request."""
        with self._lock:
            if self._queue:
                return self._queue.popleft()
            if self._chance is not None:
                rng, share, kinds = self._chance
                if rng.random() < share:
                    return rng.choice(kinds)
            return None
