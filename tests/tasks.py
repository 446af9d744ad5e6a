"""Work beside a test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager


@asynccontextmanager
async def kept_running(work: Coroutine[object, object, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Run ``work`` beside the block; cancel it at the end and wait until it has ended.

    An error that it ended with is raised: nothing dies unseen.
    """
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
