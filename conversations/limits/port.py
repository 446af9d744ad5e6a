"""How often somebody may do something."""

from __future__ import annotations

from typing import Protocol


class RateLimit(Protocol):
    """Counts per key (a conversation, a client address)."""

    async def take(self, key: str) -> float:
        """0 if it may go ahead, otherwise the seconds to wait until it may."""
