"""Sessions on one engine: for writing, and for reading without a writer's lock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from weakref import WeakKeyDictionary

from sqlalchemy.exc import TimeoutError as WaitedTooLong
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from storage.line import Line

_PATIENCE = 10.0
"""Seconds, as SQLite itself waits for a writer in another process."""

# SQLite has one writer at a time, and those who wait for it only look again now and then: under
# load one of them can miss its turn for seconds. So the writers of one process stand in a line.
_LINES: WeakKeyDictionary[AsyncEngine, Line] = WeakKeyDictionary()


class Sessions:
    """Every session is one transaction: it commits at its end, or leaves no trace."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._write = async_sessionmaker(engine, expire_on_commit=False)
        reading = engine.execution_options(sqlite_begin="DEFERRED")
        self._read = async_sessionmaker(reading, expire_on_commit=False)
        one_writer = engine.dialect.name == "sqlite"
        self._line = _LINES.setdefault(engine, Line()) if one_writer else None

    def write(self, *, urgent: bool = False) -> AbstractAsyncContextManager[AsyncSession]:
        """``urgent`` goes before other writers that wait: somebody outside counts milliseconds.

        Raises :class:`sqlalchemy.exc.TimeoutError` when others write all the time.
        """
        return self._write.begin() if self._line is None else self._in_turn(self._line, urgent)

    @asynccontextmanager
    async def _in_turn(self, line: Line, urgent: bool) -> AsyncIterator[AsyncSession]:
        try:
            await line.take(urgent=urgent, patience=_PATIENCE)
        except TimeoutError:
            raise WaitedTooLong("others wrote to the database all the time") from None
        try:
            async with self._write.begin() as session:
                yield session
        finally:
            line.leave()

    def read(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self._read.begin()
