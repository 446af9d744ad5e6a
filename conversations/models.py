"""What the pipeline, the stores and the channels pass to each other. No I/O here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from conversations.states import State


class ConversationError(Exception):
    """The root of what can go wrong with a citizen's request.

    * :class:`ConversationNotFound` - unknown id, or not the caller's: the two look the same
    * :class:`MessageRejected`      - the message cannot be taken; ``reply`` says why
    * :class:`TooManyMessages`      - try again after ``retry_after`` seconds
    """


class ConversationNotFound(ConversationError):
    pass


class MessageRejected(ConversationError):
    """``reply`` is the key of a sentence for the citizen, with its ``values``."""

    def __init__(self, reply: str, **values: Any) -> None:
        super().__init__(reply)
        self.reply = reply
        self.values = values


class TooManyMessages(ConversationError):
    """``reply`` is the key of a sentence that may use ``{seconds}`` or ``{minutes}``."""

    def __init__(self, retry_after: float, reply: str = "rate_limited") -> None:
        super().__init__(f"retry after {retry_after:.0f} s")
        self.retry_after = retry_after
        self.reply = reply


INTRODUCTIONS = ("welcome", "welcome_short")
"""The replies that say that the guide is a machine."""


class Author(StrEnum):
    citizen = "citizen"
    guide = "guide"
    staff = "staff"
    system = "system"


@dataclass(frozen=True)
class Choice:
    """Something the citizen can pick instead of typing. ``choice`` comes back as it is."""

    title: str
    choice: str
    short: str | None = None
    """The title in fewer letters, where there is one."""


@dataclass(frozen=True)
class CardItem:
    text: str
    url: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class CardRow:
    kind: str
    label: str
    items: tuple[CardItem, ...]


@dataclass(frozen=True)
class Card:
    """A service's answer in parts, for channels that can show more than text."""

    service: str
    title: str
    summary: str
    authority: dict[str, Any]
    """``name``, ``own`` (is it the municipality?) and ``note`` (whose job it is, if not)."""
    rows: tuple[CardRow, ...]
    links: tuple[dict[str, str], ...]
    source: dict[str, str] | None
    checked: str
    actions: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What the guide wants to say: a key with values, in no language yet."""

    key: str
    values: dict[str, Any] = field(default_factory=dict)
    service: str | None = None
    aspect: str | None = None
    candidates: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    """Choice codes such as ``service:pas-voksen`` or ``human``; the renderer titles them."""


@dataclass(frozen=True)
class Rendered:
    """A reply in one language, shaped for one channel."""

    text: str
    language: str
    reply: str
    service: str | None = None
    candidates: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    card: Card | None = None
    neutral: str | None = None
    """For what is about benefits, illness or family: what to say where others may read along."""
    more: str = ""
    """What stands in front of a link to the whole answer."""


@dataclass(frozen=True)
class Message:
    """One stored message; ``seq`` counts from 1 within its conversation."""

    id: str
    conversation_id: str
    seq: int
    author: Author
    text: str
    language: str
    created_at: dt.datetime
    channel: str = "web"
    address: str | None = None
    """Where a citizen's message came from, on channels that have addresses."""
    reply: str | None = None
    service: str | None = None
    candidates: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    offered: int | None = None
    """How many of the choices there was room for where it was sent; None: all of them."""
    card: dict[str, Any] | None = None
    author_name: str | None = None
    choice: str | None = None
    """The code of the choice that the citizen picked, if the message is one."""


@dataclass(frozen=True)
class Conversation:
    """A citizen's conversation, whatever channels it runs over."""

    id: str
    channel: str
    language: str
    language_chosen: bool
    """The citizen asked for this language, so detection does not change it."""
    state: State
    last_seq: int
    service: str | None
    """The service last answered about: context when the dialogue is away."""
    created_at: dt.datetime
    link_code: str | None = None
    """The end of the short link to it; the link alone opens nothing."""


@dataclass(frozen=True)
class Capabilities:
    """What a channel can do; what the guide says is degraded to it."""

    buttons: bool = True
    """Choices can be picked; otherwise they are numbered lines."""
    cards: bool = True
    """More than text can be shown."""
    max_length: int | None = None
    """Characters in one message."""
    max_choices: int | None = None
    max_title: int | None = None
    """Characters on a button."""
    typed_addresses: bool = False
    """A citizen can type where to be reached, so a conversation can go on here."""
    typing: bool = False
    """The citizen can be shown that the guide is writing."""
    status_callbacks: bool = False
    """The provider tells what became of a message."""
