"""How long to wait before another try."""

from __future__ import annotations

import random

_FIRST = 1.0
_LONGEST = 300.0


def delay(attempt: int, asked: float | None, rng: random.Random) -> float:
    """Seconds until the next try after ``attempt`` tries.

    Doubles up to five minutes, with half of it left to chance so that many that failed together
    do not come back together. ``asked`` is the provider's own wish: never sooner than that.
    """
    longest = min(_LONGEST, _FIRST * 2.0 ** (attempt - 1))
    jittered = longest * (0.5 + rng.random() / 2)
    return max(jittered, asked or 0.0)
