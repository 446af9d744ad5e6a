"""What providers hand over: each thing once, in one transaction with all that follows from it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from conversations.models import Conversation, ConversationNotFound
from conversations.store.rows import now, to_conversation
from conversations.store.store import new_conversation
from conversations.store.tables import (
    AddressRow,
    ConversationRow,
    InboundRow,
    OptOutRow,
)
from conversations.store.writing import Said, hear, lock, opt_out, say
from storage.sessions import Sessions

_CODE_LETTERS = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
"""No two that look alike: short links are read off a screen and typed, too."""
_TRIES = 5
"""For a message that collides with another transaction."""
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


Decide = Callable[[Conversation], Verdict]


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
        for tries_left in reversed(range(_TRIES)):
            try:
                async with self._sessions.write(urgent=True) as session:
                    return await self._receive(session, letter, decide)
            except (IntegrityError, ConversationNotFound):
                # Two copies or two first messages at the same moment, or a conversation that is
                # just being joined or erased: what stands in the way now is found next time.
                if not tries_left:
                    raise
        return None

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
        verdict = decide(to_conversation(conversation))
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
        if verdict.wish is Wish.stop:
            await opt_out(session, letter.channel, letter.address)
        elif verdict.wish is Wish.start:
            await session.execute(
                delete(OptOutRow).where(
                    OptOutRow.channel == letter.channel, OptOutRow.address == letter.address
                )
            )
        return conversation.id

    @staticmethod
    async def _conversation(session: AsyncSession, letter: Letter) -> ConversationRow:
        """The conversation that the address leads to; a new one for a new address."""
        key = (letter.channel, letter.address)
        address = await session.get(AddressRow, key)
        if address is not None:
            led_to = address.conversation_id
            conversation = await lock(session, led_to)
            # The address may lead elsewhere now that the lock is ours.
            await session.refresh(address)
            if address.conversation_id != led_to:
                raise ConversationNotFound(led_to)
            address.heard_at = now()
            return conversation
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
