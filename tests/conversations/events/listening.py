"""RedisEvents that listen, for as long as a test needs them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conversations.events.redis import RedisEvents


@asynccontextmanager
async def listening(events: RedisEvents) -> AsyncIterator[RedisEvents]:
    """One process' events, connected: the connection wakes everybody, this reader too."""
    async with events.subscribe("connected") as reader:
        task = asyncio.create_task(events.run())
        assert await reader.wait(5), "not connected"
    yield events
    task.cancel()
    await asyncio.wait([task])
