"""What every channel offers to the composition root."""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter

from conversations.models import Capabilities


class Channel(Protocol):
    """A way for citizens to write. The contract suite runs over every registered one."""

    @property
    def name(self) -> str:
        """As stored with a conversation."""

    @property
    def capabilities(self) -> Capabilities:
        """What the renderer may use."""

    def router(self) -> APIRouter:
        """The channel's HTTP routes."""
