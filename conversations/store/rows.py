"""Rows as the models that everybody else works with."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from typing import Any

from conversations.models import Author, Choice, Conversation, Message
from conversations.states import State
from conversations.store.tables import ConversationRow, MessageRow
from storage.base import Base


def now() -> dt.datetime:
    """This moment, in UTC."""
    return dt.datetime.now(tz=dt.UTC)


def _same(row: Base, model: type[Any]) -> dict[str, Any]:
    """The row's values for the fields of a model that have the same names."""
    return {field.name: getattr(row, field.name) for field in fields(model)}


def to_message(row: MessageRow) -> Message:
    values = _same(row, Message)
    values["author"] = Author(row.author)
    values["candidates"] = tuple(row.candidates)
    values["choices"] = tuple(Choice(**choice) for choice in row.choices)
    return Message(**values)


def to_conversation(row: ConversationRow) -> Conversation:
    return Conversation(**(_same(row, Conversation) | {"state": State(row.state)}))
