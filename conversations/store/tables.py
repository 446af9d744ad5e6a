"""The tables, as Alembic migrates them (``migrations/``)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, UtcDateTime


class ConversationRow(Base):
    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    """Where it began."""
    link_code: Mapped[str | None] = mapped_column(String(16), unique=True)
    """The end of its short link. Whoever opens the link still needs a one-time code."""
    language: Mapped[str] = mapped_column(String(8))
    language_chosen: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(20))
    last_seq: Mapped[int] = mapped_column(Integer)
    service: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


class AccessRow(Base):
    """A bearer token that opens a conversation; each browser has its own."""

    __tablename__ = "access"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the token; the token itself is never stored."""
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class AddressRow(Base):
    """Where a citizen can be reached outside the website, and the conversation that it leads to."""

    __tablename__ = "address"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    address: Mapped[str] = mapped_column(String(80), primary_key=True)
    """A number in E.164, or what the provider calls the citizen."""
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    heard_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    """When the citizen last wrote from here: some providers allow answers for a time only."""
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class OptOutRow(Base):
    """Somebody who wants no more messages. It outlives the conversation."""

    __tablename__ = "opt_out"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    address: Mapped[str] = mapped_column(String(80), primary_key=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class InboundRow(Base):
    """What a provider has handed over already: its next copy is nothing new."""

    __tablename__ = "inbound"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    provider_message_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    received_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


class DeliveryRow(Base):
    """The outbox: one row for each thing to send, written together with what it says."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_channel_address_state", "channel", "address", "state", "id"),
        Index("ix_delivery_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    """Counts up: deliveries to one address leave in this order."""
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    """Our name for it in front of the provider."""
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(80))
    message_id: Mapped[str | None] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), index=True
    )
    """None for what is no part of the conversation, a one-time code say."""
    # Never read: it tells the session which row must be there first.
    message: Mapped[MessageRow | None] = relationship(lazy="raise", passive_deletes=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What to send, in the channel's own words."""
    despite_stop: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    """When to try next; while it is being sent, when to give that try up as lost."""
    tried_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    """When it was first handed to the provider, as far as it was."""
    provider_id: Mapped[str | None] = mapped_column(String(200), index=True)
    provider_status: Mapped[str | None] = mapped_column(String(24))
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class EarlyReportRow(Base):
    """What a provider reported of a message before it had told us the message's id."""

    __tablename__ = "early_report"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(24))
    error: Mapped[str | None] = mapped_column(String(200))
    stopped: Mapped[bool] = mapped_column(Boolean)
    received_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


class OneTimeCodeRow(Base):
    """A code that was sent to an address to learn who holds it."""

    __tablename__ = "one_time_code"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(80))
    code_hash: Mapped[str] = mapped_column(String(64))
    tries_left: Mapped[int] = mapped_column(Integer)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


class MessageRow(Base):
    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "client_message_id"),
        Index("ix_message_awaits_answer", "awaits_answer", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    seq: Mapped[int] = mapped_column(Integer)
    channel: Mapped[str] = mapped_column(String(20))
    """How it came, or the channel of the message that it answers."""
    address: Mapped[str | None] = mapped_column(String(80))
    """Where a citizen's message came from: the answer goes back there."""
    author: Mapped[str] = mapped_column(String(10))
    author_name: Mapped[str | None] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    reply: Mapped[str | None] = mapped_column(String(64))
    service: Mapped[str | None] = mapped_column(String(64))
    candidates: Mapped[list[str]] = mapped_column(JSON)
    choices: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    offered: Mapped[int | None] = mapped_column(Integer)
    """How many of the choices there was room for where it was sent; None: all of them."""
    card: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    choice: Mapped[str | None] = mapped_column(String(80))
    redacted: Mapped[bool] = mapped_column(Boolean)
    """Something was masked in the text before it was stored."""
    client_message_id: Mapped[str | None] = mapped_column(String(80))
    awaits_answer: Mapped[bool] = mapped_column(Boolean)
    """A citizen's message that the guide has not worked through yet: the queue of turns."""
    answers: Mapped[str | None] = mapped_column(String(32))
    """The id of the citizen's message that the guide answers with this."""
    knowledge_version: Mapped[str | None] = mapped_column(String(32))
    """Which knowledge an answer came from: guidance must be provable afterwards."""
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class ActivityRow(Base):
    """What happened to a conversation, in order; rows are only ever added."""

    __tablename__ = "activity"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class FeedbackRow(Base):
    __tablename__ = "feedback"

    message_id: Mapped[str] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), primary_key=True
    )
    helpful: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
