"""The web channel's JSON."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from conversations.models import Message

_Id = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,80}$")]
"""Printable ASCII: what every database can store."""


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StartRequest(_Request):
    language: Annotated[str, StringConstraints(max_length=8)] | None = None


class StartResponse(BaseModel):
    conversation_id: str
    token: str


class SayRequest(_Request):
    """Exactly one of ``text`` and ``choice``."""

    text: str | None = None
    choice: Annotated[str, StringConstraints(max_length=80)] | None = None
    client_message_id: _Id | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> SayRequest:
        if (self.text is None) == (self.choice is None):
            raise ValueError("exactly one of text and choice is needed")
        return self


class SayResponse(BaseModel):
    message_id: str
    seq: int


class LanguageRequest(_Request):
    language: Annotated[str, StringConstraints(max_length=8)]


class FeedbackRequest(_Request):
    helpful: bool


class ContinueRequest(_Request):
    """Where to go on: a channel, and the citizen's address there as they type it."""

    channel: Annotated[str, StringConstraints(max_length=20)] = "sms"
    address: Annotated[str, StringConstraints(max_length=80)]


class CodeRequest(_Request):
    code: Annotated[str, StringConstraints(max_length=20)]


class ContinueResponse(BaseModel):
    channels: list[str]


class ChoiceOut(BaseModel):
    title: str
    choice: str


class MessageOut(BaseModel):
    """A message as the public interface promises it.

    ``card``, ``author_name`` and ``channel`` are extras.
    """

    id: str
    seq: int
    author: Literal["citizen", "guide", "staff", "system"]
    text: str
    language: str
    reply: str | None
    service: str | None
    candidates: list[str]
    choices: list[ChoiceOut]
    created_at: dt.datetime
    card: dict[str, Any] | None = None
    author_name: str | None = None
    channel: str = "web"

    @classmethod
    def of(cls, message: Message) -> MessageOut:
        return cls(
            id=message.id,
            seq=message.seq,
            author=message.author.value,
            text=message.text,
            language=message.language,
            reply=message.reply,
            service=message.service,
            candidates=list(message.candidates),
            choices=[ChoiceOut(title=c.title, choice=c.choice) for c in message.choices],
            created_at=message.created_at,
            card=message.card,
            author_name=message.author_name,
            channel=message.channel,
        )


class MessagesResponse(BaseModel):
    messages: list[MessageOut]
    state: str
    typing: bool
    language: str


class ErrorDetail(BaseModel):
    code: str
    message: str = Field(description="A sentence in the citizen's language")


class ErrorResponse(BaseModel):
    error: ErrorDetail
