"""Plain progress lines: what, and how long it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Failure(Exception):
    """Stops the launcher with one clear line."""


def say(line: str) -> None:
    print(line, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print what begins, and how many seconds it took."""
    started = time.monotonic()
    say(f"  {what} ...")
    yield
    say(f"  {what}: {time.monotonic() - started:.1f} s")


def fail(error: Failure) -> int:
    """One line on standard error; the exit code."""
    print(f"borgerguide: {error}", file=sys.stderr, flush=True)
    return 1
