"""A Redis of its own for the tests, from Debian's package. Standard library only."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

_START_SECONDS = 10


class NoRedis(Exception):
    """The reason, with what to do about it."""


class RedisServer:
    """One server on one port, empty at each start; as a context, it runs from begin to end."""

    def __init__(self) -> None:
        """Raises :class:`NoRedis`."""
        program = shutil.which("redis-server")
        if program is None:
            raise NoRedis("no Redis server: apt-get install redis-server")
        self._program = program
        self._folder = Path(tempfile.mkdtemp(prefix="borgerguide-redis-"))
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Until it answers. Nothing is kept from an earlier start."""
        flags = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        flags += ["--save", "", "--appendonly", "no"]
        log = self._folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [self._program, *flags],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Redis did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def kill(self) -> None:
        """As a crash would: no warning, no clean-up."""
        self._signal(signal.SIGKILL)
        self._ended()

    def stop(self) -> None:
        """As an administrator would."""
        self._signal(signal.SIGTERM)
        self._ended()

    def hang(self) -> None:
        """Connections stay open and new ones are taken, but nothing is answered."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After :meth:`hang`."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "not running"
        os.kill(self._process.pid, number)

    def _ended(self) -> None:
        assert self._process is not None
        self._process.wait(_START_SECONDS)
        self._process = None

    def close(self) -> None:
        """End it, in whatever state it is, and remove its folder."""
        if self._process is not None:
            self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> RedisServer:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """The URL of a running, empty server that is gone afterwards. Raises :class:`NoRedis`."""
    with RedisServer() as server:
        yield server.url
