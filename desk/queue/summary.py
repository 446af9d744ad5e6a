"""What somebody must know before taking over, by rule from what was said. No I/O here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from conversations.handover import CHOICES, HUMAN
from conversations.models import Author, Conversation, Message
from conversations.pipeline.turn import FAILED_REPLIES
from desk.queue.models import Entry

_AREA = ("district_", "nearest")
"""Replies to somebody who has said where they live."""
_ASKED = 3
_LENGTH = 200


@dataclass(frozen=True)
class Summary:
    """In the order in which a colleague would tell it."""

    reason: str
    services: tuple[str, ...]
    """Ids, the one last spoken of first."""
    asked: tuple[str, ...]
    """The citizen's last questions, the oldest first, shortened."""
    area: str | None
    """Where they live, as they said it."""
    failed: tuple[str, ...]
    """What the guide did not understand, shortened."""
    danger: bool
    language: str
    channel: str
    """Where the citizen last wrote from."""
    waited: int
    """Seconds from the request until somebody took it, or until now."""


def summarise(
    conversation: Conversation, messages: Sequence[Message], entry: Entry, now: dt.datetime
) -> Summary:
    """From the whole conversation in order."""
    asked: list[str] = []
    failed: list[str] = []
    services: list[str] = []
    area: str | None = None
    danger = False
    channel = conversation.channel
    last: Message | None = None
    for message in messages:
        if message.author is Author.citizen:
            channel = message.channel
            last = message
            if not _about_handing_over(message):
                asked.append(_short(message.text))
            continue
        if message.author is not Author.guide:
            continue
        if message.service is not None:
            services = [item for item in services if item != message.service]
            services.append(message.service)
        reply = message.reply or ""
        danger = danger or reply.startswith("crisis_")
        if last is None:
            continue
        if reply.startswith(_AREA):
            area = _short(last.text)
        elif reply in FAILED_REPLIES:
            failed.append(_short(last.text))
    return Summary(
        reason=entry.reason,
        services=tuple(reversed(services)),
        asked=tuple(asked[-_ASKED:]),
        area=area,
        failed=tuple(failed[-_ASKED:]),
        danger=danger,
        language=conversation.language,
        channel=channel,
        waited=max(0, int(((entry.claimed_at or now) - entry.queued_at).total_seconds())),
    )


def _about_handing_over(message: Message) -> bool:
    return message.choice == HUMAN or message.choice in CHOICES


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LENGTH else line[: _LENGTH - 1].rstrip() + "…"
