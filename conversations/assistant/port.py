"""What the pipeline asks of a dialogue engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from conversations.models import Reply


class AssistantUnavailable(Exception):
    """The dialogue did not answer in time, or not with anything that could be said."""


@dataclass(frozen=True)
class Context:
    """What the gateway knows of a conversation and the dialogue needs.

    It goes along with every message, so that a restarted dialogue process has lost nothing.
    """

    language: str
    channel: str
    service: str | None
    """The service last answered about."""
    aspect: str | None
    offered: tuple[str, ...]
    """The choice codes under the latest answer, in order."""
    last_reply: str | None
    failures: int
    """How many answers in a row were "I did not understand"."""
    message_id: str = ""
    """The message that is being answered: the same again if its turn is taken up anew."""
    address: str | None = None
    """Where the message came from, on channels that have addresses."""


class Assistant(Protocol):
    async def respond(
        self, conversation_id: str, text: str, choice: str | None, context: Context
    ) -> list[Reply]:
        """What to say to a message. Raises :class:`AssistantUnavailable`."""

    async def ready(self) -> bool:
        """Whether the dialogue would answer now."""
