"""Sessions on one engine: for writing, and for reading without a writer's lock."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker


class Sessions:
    """Every session is one transaction: it commits at its end, or leaves no trace."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._write = async_sessionmaker(engine, expire_on_commit=False)
        reading = engine.execution_options(sqlite_begin="DEFERRED")
        self._read = async_sessionmaker(reading, expire_on_commit=False)

    def write(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self._write.begin()

    def read(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self._read.begin()
