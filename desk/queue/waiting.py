"""How long it will take, worked out from the queue as it is. No I/O here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

_ENOUGH = 3
"""Ended conversations that a guess needs at least."""
_STEPS = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120)
"""Minutes to say: anything finer would sound surer than it is."""


@dataclass(frozen=True)
class Outlook:
    """A citizen's place, and the minutes until somebody comes; None if nobody can tell."""

    position: int
    minutes: int | None


def outlook(position: int, slots: int, busy: int, handling: Sequence[float]) -> Outlook:
    """``slots`` are the conversations that those present can have at once, ``busy`` how many they
    have, ``handling`` the seconds that the last ended ones took.

    A slot comes free every ``handling / slots`` seconds; those ahead take the free ones first.
    """
    if slots <= 0 or len(handling) < _ENOUGH:
        return Outlook(position, None)
    free = max(0, slots - busy)
    seconds = median(handling) * max(0, position - free) / slots
    minutes = max(1, math.ceil(seconds / 60))
    if minutes > _STEPS[-1]:
        return Outlook(position, None)
    return Outlook(position, next(step for step in _STEPS if step >= minutes))
