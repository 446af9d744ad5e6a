"""A PostgreSQL of its own for the tests, from Debian's packages."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from tests.ports import free_port

_START_SECONDS = 30


class NoPostgres(Exception):
    """The reason, with what to do about it."""


def binaries() -> Path:
    """The newest server's programs. Raises :class:`NoPostgres`."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3])
    )
    if not found:
        raise NoPostgres("no PostgreSQL server: apt-get install postgresql")
    return found[-1].parent


class PostgresServer:
    """One cluster on one port; it keeps its data over a crash. As a context, from begin to end."""

    def __init__(self, *, durable: bool = False) -> None:
        """``durable``: what is committed is on the disk, so that it survives the machine, too.

        Raises :class:`NoPostgres`.
        """
        self._programs = binaries()
        # Not below tmp_path: when root runs the tests, the server must be another user's
        # process, and pytest's folders are closed to everybody else.
        self._folder = Path(tempfile.mkdtemp(prefix="borgerguide-pg-"))
        self._options: dict[str, Any] = {"cwd": self._folder}
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
            self._options |= {"user": "postgres", "group": "postgres", "extra_groups": []}
        self._fsync = "on" if durable else "off"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"postgresql+asyncpg://guide@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        """An empty cluster."""
        setup = ["--auth=trust", "--username=guide", "--encoding=UTF8", "--locale=C", "--no-sync"]
        initdb: list[str | Path] = [self._programs / "initdb", "-D", self._folder / "data", *setup]
        subprocess.run(initdb, check=True, capture_output=True, **self._options)

    def start(self) -> None:
        """Until it answers."""
        flags = ["-p", str(self.port), "-k", str(self._folder), "-c", f"fsync={self._fsync}"]
        flags += ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
        # A killed server leaves its lock behind; nobody else uses this folder.
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._options,
            )
        ready: list[str | Path] = [self._programs / "pg_isready", "-h", "127.0.0.1"]
        ready += ["-p", str(self.port)]
        deadline = time.monotonic() + _START_SECONDS
        while subprocess.run(ready, capture_output=True, check=False).returncode != 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                log_text = (self._folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{log_text}")
            time.sleep(0.05)

    def kill(self) -> None:
        """As a crash would: the server and all its connections at once."""
        assert self._process is not None, "not running"
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(_START_SECONDS)
        self._process = None

    def close(self) -> None:
        """End it and remove its data."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # "fast": end the sessions, then stop
            self._process.wait(_START_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.create()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """The URL of a running, empty database that is gone afterwards."""
    with PostgresServer() as server:
        yield server.url
