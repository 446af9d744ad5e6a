"""Wake-ups within one process, for the embedded set-up with a single gateway."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conversations.events.port import Subscription


class _Wake:
    def __init__(self) -> None:
        self.event = asyncio.Event()

    async def wait(self, timeout: float) -> bool:
        try:
            async with asyncio.timeout(timeout):
                await self.event.wait()
        except TimeoutError:
            return False
        self.event.clear()
        return True


class LocalEvents:
    """Those who publish and those who read share this process."""

    def __init__(self) -> None:
        self._wakes: dict[str, set[_Wake]] = defaultdict(set)

    async def publish(self, conversation_id: str) -> None:
        for wake in self._wakes.get(conversation_id, ()):
            wake.event.set()

    def wake_everybody(self) -> None:
        """Send all readers to the store, when it is not known who has missed something."""
        for wakes in self._wakes.values():
            for wake in wakes:
                wake.event.set()

    @asynccontextmanager
    async def subscribe(self, conversation_id: str) -> AsyncIterator[Subscription]:
        wake = _Wake()
        self._wakes[conversation_id].add(wake)
        try:
            yield wake
        finally:
            self._wakes[conversation_id].discard(wake)
            if not self._wakes[conversation_id]:
                del self._wakes[conversation_id]
