"""Tells waiting readers that a conversation has something new.

A wake-up carries no data: readers fetch what is new from the store by sequence number, so a lost
or doubled wake-up loses and doubles nothing.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol


class Subscription(Protocol):
    """One reader's view of one conversation."""

    async def wait(self, timeout: float) -> bool:
        """Whether something happened since the last call, waiting up to ``timeout`` seconds."""


class Events(Protocol):
    """Publishes and subscribes to wake-ups."""

    async def publish(self, conversation_id: str) -> None: ...

    def subscribe(self, conversation_id: str) -> AbstractAsyncContextManager[Subscription]: ...


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
    """Within one process, for the embedded set-up with a single gateway."""

    def __init__(self) -> None:
        self._wakes: dict[str, set[_Wake]] = defaultdict(set)

    async def publish(self, conversation_id: str) -> None:
        for wake in self._wakes.get(conversation_id, ()):
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
