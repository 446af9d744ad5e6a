"""The time of day, as something that a test can hand in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

Clock = Callable[[], dt.datetime]
"""Gives the present moment, aware."""


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
