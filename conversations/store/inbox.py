"""What providers hand over: each thing once, in one transaction with all that follows from it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from conversations.models import Conversation, Message
from conversations.store.rows import now, to_conversation, to_message
from conversations.store.store import new_conversation
from conversations.store.tables import (
    AddressRow,
    ConversationRow,
    InboundRow,
    MessageRow,
    OptOutRow,
)
from conversations.store.writing import Said, hear, lock, say
from storage.sessions import Sessions

_CODE_LETTERS = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
"""No two that look alike: short links are read off a screen and typed, too."""
_CODE_LENGTH = 10
"""57 bits: too many to try, and a link alone opens nothing."""


class Wish(StrEnum):
    """Whether the citizen wants messages."""

    stop = "stop"
    start = "start"


@dataclass(frozen=True)
class Letter:
    """A citizen's message, cleaned and masked, as it is stored."""

    channel: str
    address: str
    provider_message_id: str
    text: str
    choice: str | None
    redacted: bool
    language: str
    """The language to begin in, if this begins a conversation."""


@dataclass(frozen=True)
class Verdict:
    """What is to be done with a message: answer it by the pipeline, or at once, or not at all."""

    awaits_answer: bool = True
    text: str | None = None
    """What to store in place of the letter's text."""
    said: tuple[Said, ...] = ()
    wish: Wish | None = None


Decide = Callable[[Conversation, Message | None], Verdict]
"""From the conversation and the guide's latest message in it."""


class Inbox:
    """The way in for channels that push."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def known(self, channel: str, provider_message_id: str) -> bool:
        """Whether this has been handed over before."""
        async with self._sessions.read() as session:
            return await session.get(InboundRow, (channel, provider_message_id)) is not None

    async def receive(self, letter: Letter, decide: Decide) -> str | None:
        """Store a message and what ``decide`` makes of it; the conversation's id.

        None if it was there already: then nothing is stored.
        """
        try:
            async with self._sessions.write() as session:
                return await self._receive(session, letter, decide)
        except IntegrityError:
            # Two copies, or two first messages from one address, at the same moment: the other
            # one is stored now, so this time it is found.
            async with self._sessions.write() as session:
                return await self._receive(session, letter, decide)

    async def _receive(self, session: AsyncSession, letter: Letter, decide: Decide) -> str | None:
        if await session.get(InboundRow, (letter.channel, letter.provider_message_id)):
            return None
        moment = now()
        session.add(
            InboundRow(
                channel=letter.channel,
                provider_message_id=letter.provider_message_id,
                received_at=moment,
            )
        )
        conversation = await self._conversation(session, letter)
        last = await session.scalar(
            select(MessageRow)
            .where(MessageRow.conversation_id == conversation.id, MessageRow.author == "guide")
            .order_by(MessageRow.seq.desc())
            .limit(1)
        )
        verdict = decide(
            to_conversation(conversation), to_message(last) if last is not None else None
        )
        heard = hear(
            session,
            conversation,
            channel=letter.channel,
            address=letter.address,
            text=verdict.text if verdict.text is not None else letter.text,
            choice=letter.choice,
            redacted=letter.redacted,
            awaits_answer=verdict.awaits_answer,
        )
        for said in verdict.said:
            say(session, conversation, said, letter.channel, answers=heard.id)
        if verdict.wish is not None:
            await session.execute(
                delete(OptOutRow).where(
                    OptOutRow.channel == letter.channel, OptOutRow.address == letter.address
                )
            )
        if verdict.wish is Wish.stop:
            session.add(
                OptOutRow(channel=letter.channel, address=letter.address, created_at=moment)
            )
        return conversation.id

    @staticmethod
    async def _conversation(session: AsyncSession, letter: Letter) -> ConversationRow:
        """The conversation that the address leads to; a new one for a new address."""
        key = (letter.channel, letter.address)
        address = await session.get(AddressRow, key)
        if address is not None:
            # The lock first: the address may lead elsewhere when it is ours.
            await lock(session, address.conversation_id)
            await session.refresh(address)
            address.heard_at = now()
            return await lock(session, address.conversation_id)
        conversation = new_conversation(letter.channel, letter.language, language_chosen=False)
        conversation.link_code = new_link_code()
        session.add(conversation)
        await session.flush()
        session.add(
            AddressRow(
                channel=letter.channel,
                address=letter.address,
                conversation_id=conversation.id,
                heard_at=now(),
                created_at=now(),
            )
        )
        await session.flush()
        return conversation


def new_link_code() -> str:
    """The end of a short link."""
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
