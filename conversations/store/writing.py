"""What several transactions have in common: number a message, note an event, fill the outbox."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import states
from conversations.delivery.port import DeliveryState, Parcel
from conversations.models import Author, ConversationNotFound, Rendered
from conversations.states import Event, State
from conversations.store.rows import now
from conversations.store.tables import (
    ActivityRow,
    ConversationRow,
    DeliveryRow,
    MessageRow,
    OptOutRow,
)
from storage.base import Base


@dataclass(frozen=True)
class Said:
    """Something that the guide or a person says, with what is to be sent for it."""

    rendered: Rendered
    parcels: tuple[Parcel, ...] = ()


async def insert_once(session: AsyncSession, table: type[Base], **values: Any) -> None:
    """A row, unless there is one with its key: also when two come at the same moment."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    await session.execute(insert(table).values(**values).on_conflict_do_nothing())


async def opt_out(session: AsyncSession, channel: str, address: str) -> None:
    """This address gets no more messages."""
    await insert_once(session, OptOutRow, channel=channel, address=address, created_at=now())


async def lock(session: AsyncSession, conversation_id: str) -> ConversationRow:
    """The conversation, until the end of the transaction nobody else's to change.

    Raises :class:`ConversationNotFound`.
    """
    row = await session.get(ConversationRow, conversation_id, with_for_update=True)
    if row is None:
        raise ConversationNotFound(conversation_id)
    return row


def append(session: AsyncSession, conversation: ConversationRow, **values: Any) -> MessageRow:
    """A message with the conversation's next number."""
    moment = now()
    conversation.last_seq += 1
    conversation.updated_at = moment
    defaults: dict[str, Any] = {
        "candidates": [],
        "choices": [],
        "card": None,
        "redacted": False,
        "awaits_answer": False,
    }
    row = MessageRow(
        id=uuid.uuid4().hex,
        conversation_id=conversation.id,
        seq=conversation.last_seq,
        created_at=moment,
        **(defaults | values),
    )
    session.add(row)
    return row


def hear(session: AsyncSession, conversation: ConversationRow, **values: Any) -> MessageRow:
    """A citizen's message, and what it does to the conversation's state."""
    row = append(
        session,
        conversation,
        author=Author.citizen,
        language=conversation.language,
        **values,
    )
    before = State(conversation.state)
    conversation.state = states.after(before, Event.citizen_wrote)
    if conversation.state != before:
        note(session, conversation, Event.citizen_wrote, "citizen", {})
    return row


def say(
    session: AsyncSession,
    conversation: ConversationRow,
    said: Said,
    channel: str,
    *,
    author: Author = Author.guide,
    author_name: str | None = None,
    answers: str | None = None,
    knowledge_version: str | None = None,
    client_message_id: str | None = None,
) -> MessageRow:
    """What somebody says to the citizen, together with its way out."""
    rendered = said.rendered
    row = append(
        session,
        conversation,
        author=author,
        author_name=author_name,
        answers=answers,
        channel=channel,
        text=rendered.text,
        language=rendered.language,
        reply=rendered.reply,
        service=rendered.service,
        candidates=list(rendered.candidates),
        choices=[asdict(choice) for choice in rendered.choices],
        offered=said.parcels[0].offered if said.parcels else None,
        card=asdict(rendered.card) if rendered.card is not None else None,
        knowledge_version=knowledge_version,
        client_message_id=client_message_id,
    )
    enqueue(session, conversation.id, said.parcels, row)
    return row


def enqueue(
    session: AsyncSession,
    conversation_id: str,
    parcels: Iterable[Parcel],
    message: MessageRow | None = None,
) -> None:
    """Rows of the outbox: they are sent if, and only if, this transaction commits."""
    moment = now()
    for parcel in parcels:
        session.add(
            DeliveryRow(
                public_id=uuid.uuid4().hex,
                conversation_id=conversation_id,
                channel=parcel.channel,
                address=parcel.address,
                message=message,
                payload=parcel.payload,
                despite_stop=parcel.despite_stop,
                state=DeliveryState.pending,
                attempts=0,
                due_at=moment,
                created_at=moment,
                updated_at=moment,
            )
        )


def note(
    session: AsyncSession,
    conversation: ConversationRow,
    kind: str,
    actor: str,
    details: dict[str, Any],
) -> None:
    """An entry of the activity trail."""
    session.add(
        ActivityRow(
            conversation_id=conversation.id,
            kind=kind,
            actor=actor,
            details=details,
            created_at=now(),
        )
    )
