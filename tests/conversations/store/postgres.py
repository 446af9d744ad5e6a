"""A PostgreSQL of its own for the tests, from Debian's packages."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.stack import free_port

DRIVERS = ("asyncpg", "psycopg")
_START_SECONDS = 30


class NoPostgres(Exception):
    """The reason, with what to do about it."""


def driver() -> str:
    """The installed driver. Raises :class:`NoPostgres`."""
    for name in DRIVERS:
        if importlib.util.find_spec(name) is not None:
            return name
    raise NoPostgres("no PostgreSQL driver in .venv: add asyncpg (or psycopg) to pyproject.toml")


def binaries() -> Path:
    """The newest server's programs. Raises :class:`NoPostgres`."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3])
    )
    if not found:
        raise NoPostgres("no PostgreSQL server: apt-get install postgresql")
    return found[-1].parent


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """The URL of a running, empty database that is gone afterwards."""
    name, programs = driver(), binaries()
    # Not below tmp_path: when root runs the tests, the server must be another user's process,
    # and pytest's folders are closed to everybody else.
    folder = Path(tempfile.mkdtemp(prefix="borgerguide-pg-"))
    options: dict[str, Any] = {"cwd": folder}
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        options |= {"user": "postgres", "group": "postgres", "extra_groups": []}
    port = free_port()
    data = folder / "data"
    setup = ["--auth=trust", "--username=guide", "--encoding=UTF8", "--locale=C", "--no-sync"]
    flags = ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1"]
    try:
        initdb: list[str | Path] = [programs / "initdb", "-D", data, *setup]
        subprocess.run(initdb, check=True, capture_output=True, **options)
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *flags, "-c", "fsync=off"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **options,
            )
        try:
            _wait(programs, port, server, folder / "log")
            yield f"postgresql+{name}://guide@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # "fast": end the sessions, then stop
            server.wait(_START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(programs: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    ready: list[str | Path] = [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + _START_SECONDS
    while subprocess.run(ready, capture_output=True, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)
