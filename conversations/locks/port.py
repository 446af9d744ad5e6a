"""Who may work on something now."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Locks(Protocol):
    """At most one holder per key."""

    def hold(self, key: str) -> AbstractAsyncContextManager[bool]:
        """True inside if the lock was free and is now ours until the end.

        False at once, without waiting, if somebody else holds it.
        """
