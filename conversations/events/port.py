"""Tells waiting readers that a conversation has something new.

A wake-up carries no data: readers fetch what is new from the store by sequence number, so a lost
or doubled wake-up loses and doubles nothing.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Subscription(Protocol):
    """One reader's view of one conversation."""

    async def wait(self, timeout: float) -> bool:
        """Whether something happened since the last call, waiting up to ``timeout`` seconds."""


class Events(Protocol):
    """Publishes and subscribes to wake-ups."""

    async def publish(self, conversation_id: str) -> None:
        """Wake everybody who follows the conversation, in whichever process."""

    def subscribe(self, conversation_id: str) -> AbstractAsyncContextManager[Subscription]:
        """Wake-ups from the moment the context is entered until it is left."""
