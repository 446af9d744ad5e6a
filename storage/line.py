"""A line of writers within one process: each waits for its turn, and some may go first."""

from __future__ import annotations

import asyncio
from heapq import heappop, heappush
from itertools import count


class Line:
    """One at a time; those who wait go on in the order they came, the urgent before the others."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = count()

    async def take(self, *, urgent: bool = False, patience: float) -> None:
        """Wait for the turn, which :meth:`leave` ends.

        Raises :class:`TimeoutError` after ``patience`` seconds.
        """
        if not self._taken:
            self._taken = True
            return
        called = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (not urgent, next(self._numbers), called))
        try:
            async with asyncio.timeout(patience):
                await called
        except BaseException:
            # Called at the moment of giving up: the turn belongs to the one behind.
            if called.done() and not called.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """The turn stays taken while others wait, so that nobody slips in before them."""
        while self._waiting:
            _, _, called = heappop(self._waiting)
            if not called.done():
                called.set_result(None)
                return
        self._taken = False
