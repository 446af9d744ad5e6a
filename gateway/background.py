"""Work that goes on beside the requests, for as long as the gateway runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

log = structlog.get_logger(__name__)

_PAUSE = 2.0
"""Seconds before a job that failed begins again: the database may be away."""

Job = Callable[[], Awaitable[None]]


def every(seconds: float, work: Callable[[], Awaitable[object]]) -> Job:
    """A job that does ``work`` now and then for ever."""

    async def job() -> None:
        while True:
            await work()
            await asyncio.sleep(seconds)

    return job


class Background:
    """Named jobs. One that fails is logged and begun again; one that ends has ended."""

    def __init__(self, jobs: Mapping[str, Job]) -> None:
        self._jobs = jobs
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._keep(name, job), name=name)
            for name, job in self._jobs.items()
        ]

    async def stop(self) -> None:
        """Cancel everything, and wait until it has ended."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, name: str, job: Job) -> None:
        while not self._stopping:
            try:
                await job()
                return
            except Exception:
                log.exception("job_failed", job=name)
                if not self._stopping:
                    await asyncio.sleep(_PAUSE)
