"""Fills an outbox."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.delivery.port import Parcel
from conversations.models import Author
from conversations.store.outbox import Outbox
from conversations.store.tables import ConversationRow
from conversations.store.writing import append, enqueue


async def put(outbox: Outbox, conversation_id: str, parcels: Sequence[Parcel]) -> None:
    """Each parcel brings a message of the guide's."""
    async with outbox._sessions.write() as session:
        conversation = await session.get_one(ConversationRow, conversation_id)
        for parcel in parcels:
            message = append(
                session,
                conversation,
                author=Author.guide,
                channel=parcel.channel,
                text="hej",
                language="da",
            )
            enqueue(session, conversation_id, [parcel], message)


async def put_code(outbox: Outbox, conversation_id: str, parcels: Sequence[Parcel]) -> None:
    """A one-time code: it belongs to no message."""
    async with outbox._sessions.write() as session:
        enqueue(session, conversation_id, parcels)
