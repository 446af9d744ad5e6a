"""The shapes of Messenger's webhook events, as far as the guide reads them.

Each event is checked on its own. What is not named here is not looked at.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _mend(value: object) -> object:
    """Half of a surrogate pair, as cut texts have it, would make the whole text unreadable."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


Id = Annotated[str, Field(pattern=r"^[!-~]{1,80}$")]
MessageId = Annotated[str, Field(pattern=r"^[!-~]{1,200}$")]
Mended = Annotated[str, BeforeValidator(_mend)]
Milliseconds = Annotated[int, Field(ge=0, lt=253_402_300_800_000)]
"""Since 1970, up to the year 9999."""


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class Party(_Shape):
    """The page, or a citizen as this page knows them."""

    id: Id


class QuickReply(_Shape):
    payload: Mended | None = None


class Message(_Shape):
    """Written by a citizen, or, as an echo, by the page."""

    mid: MessageId
    text: Mended | None = None
    quick_reply: QuickReply | None = None
    attachments: list[Any] | None = None
    is_echo: bool = False
    is_deleted: bool = False
    is_unsupported: bool = False
    """Something that Meta hands over to no app."""
    metadata: str | None = None


class Postback(_Shape):
    """A button was tapped that is not a quick reply."""

    mid: MessageId | None = None
    payload: Mended | None = None
    title: Mended | None = None


class Delivery(_Shape):
    mids: list[MessageId] | None = None


class Read(_Shape):
    watermark: Milliseconds


class Item(_Shape):
    """One event of a batch, with what happened under the name of its kind."""

    sender: Party
    message: Message | None = None
    postback: Postback | None = None
    delivery: Delivery | None = None
    read: Read | None = None
