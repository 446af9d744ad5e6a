"""Wake-ups within one process, for the embedded set-up with a single gateway."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conversations.events.port import PASSING, Subscription


class _Wake:
    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._heard: set[str] = set()

    def tell(self, topic: str) -> None:
        self._heard.add(topic)
        self._event.set()

    async def wait(self, timeout: float) -> frozenset[str]:
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return frozenset()
        self._event.clear()
        heard = frozenset(self._heard)
        self._heard.clear()
        return heard


class LocalEvents:
    """Those who publish and those who read share this process."""

    def __init__(self) -> None:
        self._wakes: dict[str, set[_Wake]] = defaultdict(set)

    async def publish(self, conversation_id: str) -> None:
        followed = [conversation_id]
        if conversation_id.startswith(PASSING):
            followed.append(conversation_id.rpartition(":")[0])
        for topic in followed:
            for wake in self._wakes.get(topic, ()):
                wake.tell(conversation_id)

    def wake_everybody(self) -> None:
        """Send all readers to the store, when it is not known who has missed something."""
        for topic, wakes in self._wakes.items():
            if not topic.startswith(PASSING):
                for wake in wakes:
                    wake.tell(topic)

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[Subscription]:
        wake = _Wake()
        for topic in topics:
            self._wakes[topic].add(wake)
        try:
            yield wake
        finally:
            for topic in topics:
                self._wakes[topic].discard(wake)
                if not self._wakes[topic]:
                    del self._wakes[topic]
