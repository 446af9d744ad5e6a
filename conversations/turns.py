"""One turn at a time per conversation; turns of different conversations side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from conversations.locks.port import Locks
from conversations.metrics import TURNS_WAITING

log = structlog.get_logger(__name__)


class TurnRunner:
    """Answers what is open in a conversation, the oldest first, until nothing is.

    Nothing here is the only copy: what was submitted and not finished stands in the store as
    awaiting an answer, and is found there again. With several gateways, a lock per conversation
    keeps two of them from doing the same work; the store makes it count once in any case.
    """

    def __init__(
        self,
        run: Callable[[str], Awaitable[object]],
        is_open: Callable[[str], Awaitable[bool]],
        done: Callable[[str], Awaitable[None]],
        locks: Locks,
        *,
        at_once: int = 32,
    ) -> None:
        """``run`` answers the next open message of a conversation, ``is_open`` says whether there
        is another, and ``done`` is told after each."""
        self._run = run
        self._is_open = is_open
        self._done = done
        self._locks = locks
        self._slots = asyncio.Semaphore(at_once)
        self._again: dict[str, bool] = {}
        """The conversations in work, and whether something came in meanwhile."""
        self._workers: set[asyncio.Task[None]] = set()

    def submit(self, conversation_id: str) -> None:
        """There is something to answer in this conversation."""
        if conversation_id in self._again:
            self._again[conversation_id] = True
            return
        self._again[conversation_id] = True
        TURNS_WAITING.inc()
        worker = asyncio.create_task(self._work(conversation_id))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, conversation_id: str) -> None:
        try:
            while self._again[conversation_id]:
                self._again[conversation_id] = False
                async with self._slots, self._locks.hold(conversation_id) as ours:
                    if ours:
                        await self._run(conversation_id)
                        await self._tell(conversation_id)
                # After letting go: whoever found the lock taken has left its message to us, and
                # whoever comes later finds the lock free. Nothing falls between the two.
                if ours and await self._is_open(conversation_id):
                    self._again[conversation_id] = True
        except Exception:
            # The messages stay open in the store, where they are looked for again.
            log.exception("turn_not_stored", conversation=conversation_id)
        finally:
            TURNS_WAITING.dec()
            del self._again[conversation_id]

    async def _tell(self, conversation_id: str) -> None:
        try:
            await self._done(conversation_id)
        except Exception:
            # Readers look by themselves after a while; the next turn must not wait.
            log.exception("wake_up_failed", conversation=conversation_id)

    async def close(self, grace: float = 10.0) -> None:
        """Let running turns end, for ``grace`` seconds at most; cancel the rest."""
        if self._workers:
            await asyncio.wait(self._workers, timeout=grace)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
