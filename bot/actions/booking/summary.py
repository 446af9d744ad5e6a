"""What a citizen has asked before booking, for the caseworker: only if they agreed to it."""

from __future__ import annotations

from collections.abc import Iterable

from conversations.models import Author, Message

_MAX_LINES = 6
_MAX_LINE = 160
_BOOKING = "booking"


def summary_of(messages: Iterable[Message]) -> str:
    """The citizen's own words up to where the booking began; choices that were picked left out."""
    lines: list[str] = []
    for message in messages:
        if message.author is Author.guide and (message.reply or "").startswith(_BOOKING):
            break
        if message.author is Author.citizen and message.choice is None:
            lines.append(f"- {message.text[:_MAX_LINE]}")
    return "\n".join(lines[-_MAX_LINES:])
