"""Tells waiting readers that a conversation has something new.

A wake-up carries no data: readers fetch what is new from the store by sequence number, so a lost
or doubled wake-up loses and doubles nothing.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

PASSING = "typing:"
"""How topics begin whose wake-up is all there is: nothing in the store tells of it.

So nobody is woken for them on suspicion. ``typing:citizen:7`` also wakes who follows
``typing:citizen``.
"""


class Subscription(Protocol):
    """One reader's view of what it follows."""

    async def wait(self, timeout: float) -> frozenset[str]:
        """The topics on which something happened since the last call; none after ``timeout``
        seconds without any.
        """


class Events(Protocol):
    """Publishes and subscribes to wake-ups."""

    async def publish(self, conversation_id: str) -> None:
        """Wake everybody who follows the conversation, in whichever process."""

    def subscribe(self, *topics: str) -> AbstractAsyncContextManager[Subscription]:
        """Wake-ups from the moment the context is entered until it is left."""
