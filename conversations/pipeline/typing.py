"""Step: show the citizen that the guide is writing, where the channel can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from conversations.delivery.port import Outlet
from conversations.pipeline.turn import Turn


class ShowTyping:
    """Tells the provider, and does not wait for it."""

    def __init__(self, outlet: Callable[[str], Outlet | None]) -> None:
        self._outlet = outlet
        self._under_way: set[asyncio.Task[None]] = set()

    async def __call__(self, turn: Turn) -> None:
        message = turn.message
        outlet = self._outlet(message.channel)
        if outlet is None or message.address is None or not outlet.capabilities.typing:
            return
        task = asyncio.create_task(outlet.typing(message.address))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
