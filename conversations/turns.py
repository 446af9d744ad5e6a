"""One turn at a time per conversation; turns of different conversations side by side."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from conversations.metrics import TURNS_WAITING

log = structlog.get_logger(__name__)


class TurnRunner:
    """Works through messages in the order in which they were submitted.

    Nothing here is the only copy: what was submitted and not finished stands in the store as
    awaiting an answer, and is submitted again at the next start.
    """

    def __init__(
        self,
        run: Callable[[str], Awaitable[object]],
        done: Callable[[str], Awaitable[None]],
        *,
        at_once: int = 32,
    ) -> None:
        self._run = run
        self._done = done
        self._slots = asyncio.Semaphore(at_once)
        self._waiting: dict[str, deque[str]] = {}
        self._workers: set[asyncio.Task[None]] = set()

    def submit(self, conversation_id: str, message_id: str) -> None:
        """Queue a message behind the others of its conversation."""
        TURNS_WAITING.inc()
        queue = self._waiting.get(conversation_id)
        if queue is not None:
            queue.append(message_id)
            return
        self._waiting[conversation_id] = deque([message_id])
        worker = asyncio.create_task(self._work(conversation_id))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, conversation_id: str) -> None:
        queue = self._waiting[conversation_id]
        try:
            while queue:
                async with self._slots:
                    try:
                        await self._run(queue[0])
                    except Exception:
                        # The message stays open in the store; the next start tries again.
                        log.exception("turn_not_stored", conversation=conversation_id)
                queue.popleft()
                TURNS_WAITING.dec()
                try:
                    await self._done(conversation_id)
                except Exception:
                    # Readers look by themselves after a while; the next turn must not wait.
                    log.exception("wake_up_failed", conversation=conversation_id)
        finally:
            TURNS_WAITING.dec(len(queue))
            del self._waiting[conversation_id]

    async def close(self, grace: float = 10.0) -> None:
        """Let running turns end, for ``grace`` seconds at most; cancel the rest."""
        if self._workers:
            await asyncio.wait(self._workers, timeout=grace)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
