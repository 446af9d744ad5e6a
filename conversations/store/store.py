"""Conversations and messages in a SQL database. One transaction per method."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from conversations.handover import Effect
from conversations.models import (
    INTRODUCTIONS,
    Conversation,
    ConversationNotFound,
    Message,
    Rendered,
)
from conversations.states import WITH_A_PERSON, State
from conversations.store.rows import now, to_conversation, to_message
from conversations.store.tables import (
    AccessRow,
    ConversationRow,
    EarlyReportRow,
    FeedbackRow,
    InboundRow,
    MessageRow,
)
from conversations.store.writing import Said, hear, lock, note, say
from storage.sessions import Sessions

_ID = re.compile(r"[0-9a-f]{32}")
"""Ours all look like this; some databases refuse what a URL may hold instead."""


def hash_token(token: str) -> str:
    """What is stored of a bearer token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_access(conversation_id: str) -> tuple[AccessRow, str]:
    """A token that opens the conversation, and the row that remembers it."""
    token = secrets.token_urlsafe(32)
    row = AccessRow(token_hash=hash_token(token), conversation_id=conversation_id, created_at=now())
    return row, token


def new_conversation(channel: str, language: str, *, language_chosen: bool) -> ConversationRow:
    """A conversation in which nothing has been said."""
    moment = now()
    return ConversationRow(
        id=uuid.uuid4().hex,
        channel=channel,
        link_code=None,
        language=language,
        language_chosen=language_chosen,
        state=State.bot,
        last_seq=0,
        service=None,
        created_at=moment,
        updated_at=moment,
    )


@dataclass(frozen=True)
class OpenTurn:
    """A message that awaits its answer."""

    conversation: Conversation
    message: Message
    redacted: bool
    """Something was masked in the message."""
    history: list[Message]
    """What came before it, newest first."""
    introduced: bool
    """The guide has said who it is."""


class ConversationStore:
    """The only way to the tables. Every method that reads for a caller checks the owner."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def create(
        self, channel: str, language: str, *, language_chosen: bool
    ) -> tuple[Conversation, str]:
        """A new conversation and the token that opens it."""
        row = new_conversation(channel, language, language_chosen=language_chosen)
        access, token = new_access(row.id)
        async with self._sessions.write() as session:
            session.add(row)
            await session.flush()
            session.add(access)
        return to_conversation(row), token

    async def open(self, conversation_id: str, token: str) -> Conversation:
        """The caller's conversation. Raises :class:`ConversationNotFound` for anybody else's."""
        if not _ID.fullmatch(conversation_id):
            raise ConversationNotFound(conversation_id)
        async with self._sessions.read() as session:
            row = await session.scalar(
                select(ConversationRow)
                .join(AccessRow, AccessRow.conversation_id == ConversationRow.id)
                .where(
                    ConversationRow.id == conversation_id,
                    AccessRow.token_hash == hash_token(token),
                )
            )
        if row is None:
            raise ConversationNotFound(conversation_id)
        return to_conversation(row)

    async def get(self, conversation_id: str) -> Conversation:
        """For the guide's own use. Raises :class:`ConversationNotFound`."""
        async with self._sessions.read() as session:
            row = await session.get(ConversationRow, conversation_id)
        if row is None:
            raise ConversationNotFound(conversation_id)
        return to_conversation(row)

    async def add_citizen_message(
        self,
        conversation_id: str,
        text: str,
        *,
        channel: str,
        choice: str | None = None,
        client_message_id: str | None = None,
        redacted: bool = False,
    ) -> tuple[Message, bool]:
        """Store what a citizen said, once; the message, and whether it is new.

        A ``client_message_id`` that is there already gives the stored message back.
        """
        try:
            async with self._sessions.write() as session:
                if client_message_id is not None:
                    known = await self._by_client_id(session, conversation_id, client_message_id)
                    if known is not None:
                        return to_message(known), False
                conversation = await lock(session, conversation_id)
                row = hear(
                    session,
                    conversation,
                    channel=channel,
                    text=text,
                    choice=choice,
                    redacted=redacted,
                    client_message_id=client_message_id,
                    awaits_answer=True,
                )
            return to_message(row), True
        except IntegrityError:
            # Two requests with one id at the same moment: the other one stored it.
            if client_message_id is None:
                raise
            async with self._sessions.read() as session:
                known = await self._by_client_id(session, conversation_id, client_message_id)
            if known is None:
                raise
            return to_message(known), False

    async def finish_turn(
        self,
        message_id: str,
        replies: Sequence[Said],
        *,
        language: str,
        language_chosen: bool,
        service: str | None,
        knowledge_version: str | None,
        activity: tuple[str, dict[str, Any]] | None = None,
        effect: Effect | None = None,
        urgent: bool = False,
    ) -> list[Message]:
        """Store the guide's answer to a message and close the turn, all or nothing.

        ``effect`` runs in the same transaction. If a person has taken the conversation meanwhile
        the guide says nothing, unless it is ``urgent``.

        Does nothing for a message that is answered already or gone: a turn that was started
        twice, after a crash say, is answered once.
        """
        async with self._sessions.write() as session:
            # The conversation first, as everybody does: two orders of locking could deadlock.
            owner = await session.get(MessageRow, message_id)
            if owner is None:
                return []
            conversation = await session.get(
                ConversationRow, owner.conversation_id, with_for_update=True
            )
            asked = await session.get(MessageRow, message_id, populate_existing=True)
            if conversation is None or asked is None or not asked.awaits_answer:
                return []
            if asked.conversation_id != conversation.id:
                # It moved while we waited for the lock; it is still open, and found there.
                return []
            asked.awaits_answer = False
            asked.language = language
            # A language that the citizen chose while this turn ran must stand.
            if language_chosen or not conversation.language_chosen:
                conversation.language = language
                conversation.language_chosen = language_chosen
            conversation.service = service
            silent = State(conversation.state) in WITH_A_PERSON and not urgent
            rows = [
                say(
                    session,
                    conversation,
                    reply,
                    asked.channel,
                    answers=asked.id,
                    knowledge_version=knowledge_version,
                )
                for reply in (() if silent else replies)
            ]
            if effect is not None:
                await effect(session, conversation)
            if activity is not None:
                note(session, conversation, activity[0], "guide", activity[1])
        return [to_message(row) for row in rows]

    async def say(self, conversation_id: str, reply: Rendered) -> Message:
        """Store something that the guide says unasked on the website, such as the welcome."""
        async with self._sessions.write() as session:
            conversation = await lock(session, conversation_id)
            row = say(session, conversation, Said(reply), conversation.channel)
        return to_message(row)

    async def unanswered(self, before: dt.datetime | None = None) -> list[str]:
        """The conversations with an open turn, the longest waiting first.

        ``before``: only where the citizen has waited since then.
        """
        waiting = select(MessageRow.conversation_id).where(MessageRow.awaits_answer)
        if before is not None:
            waiting = waiting.where(MessageRow.created_at < before)
        async with self._sessions.read() as session:
            rows = await session.scalars(
                waiting.group_by(MessageRow.conversation_id).order_by(
                    func.min(MessageRow.created_at)
                )
            )
            return list(rows)

    async def next_turn(self, conversation_id: str, history: int) -> OpenTurn | None:
        """The first message of the conversation that awaits an answer, with what came before it.

        ``history`` is how many earlier messages are wanted.
        """
        async with self._sessions.read() as session:
            row = await session.scalar(
                select(MessageRow)
                .where(MessageRow.conversation_id == conversation_id, MessageRow.awaits_answer)
                .order_by(MessageRow.seq)
                .limit(1)
            )
            conversation = await session.get(ConversationRow, conversation_id)
            if row is None or conversation is None:
                return None
            earlier = await session.scalars(
                select(MessageRow)
                .where(MessageRow.conversation_id == conversation_id, MessageRow.seq < row.seq)
                .order_by(MessageRow.seq.desc())
                .limit(history)
            )
            introduced = await session.scalar(
                select(
                    exists().where(
                        MessageRow.conversation_id == conversation_id,
                        MessageRow.reply.in_(INTRODUCTIONS),
                    )
                )
            )
            return OpenTurn(
                conversation=to_conversation(conversation),
                message=to_message(row),
                redacted=row.redacted,
                history=[to_message(item) for item in earlier],
                introduced=bool(introduced),
            )

    async def messages(
        self, conversation_id: str, after: int = 0, limit: int | None = None
    ) -> list[Message]:
        """Messages with a sequence number above ``after``, in order."""
        async with self._sessions.read() as session:
            rows = await session.scalars(
                select(MessageRow)
                .where(MessageRow.conversation_id == conversation_id, MessageRow.seq > after)
                .order_by(MessageRow.seq)
                .limit(limit)
            )
            return [to_message(row) for row in rows]

    async def typing(self, conversation_id: str) -> bool:
        """Whether the guide still works on something in this conversation."""
        async with self._sessions.read() as session:
            found = await session.scalar(
                select(
                    exists().where(
                        MessageRow.conversation_id == conversation_id, MessageRow.awaits_answer
                    )
                )
            )
        return bool(found)

    async def choose_language(self, conversation_id: str, language: str) -> None:
        """The citizen wants this language from now on, whatever they type."""
        async with self._sessions.write() as session:
            await session.execute(
                update(ConversationRow)
                .where(ConversationRow.id == conversation_id)
                .values(language=language, language_chosen=True, updated_at=now())
            )

    async def rate(self, conversation_id: str, message_id: str, *, helpful: bool) -> None:
        """The citizen's verdict on an answer; a later one replaces it.

        Raises :class:`ConversationNotFound` for a message of another conversation.
        """
        if not _ID.fullmatch(message_id):
            raise ConversationNotFound(message_id)
        async with self._sessions.write() as session:
            row = await session.get(MessageRow, message_id)
            if row is None or row.conversation_id != conversation_id:
                raise ConversationNotFound(message_id)
            await session.merge(
                FeedbackRow(message_id=message_id, helpful=helpful, created_at=now())
            )

    async def erase(self, conversation_id: str) -> None:
        """Delete a conversation with everything that was said in it."""
        async with self._sessions.write() as session:
            await session.execute(
                delete(ConversationRow).where(ConversationRow.id == conversation_id)
            )

    async def erase_older_than(self, moment: dt.datetime, spare: Select[str] | None = None) -> int:
        """Delete what nobody has touched since ``moment``; how many conversations it was.

        ``spare`` finds the ids of conversations that must stay all the same.
        """
        async with self._sessions.write() as session:
            old: ColumnElement[bool] = ConversationRow.updated_at < moment
            if spare is not None:
                old &= ConversationRow.id.not_in(spare)
            count = await session.scalar(
                select(func.count()).select_from(ConversationRow).where(old)
            )
            await session.execute(delete(ConversationRow).where(old))
            for table in (InboundRow, EarlyReportRow):
                await session.execute(delete(table).where(table.received_at < moment))
        return int(count or 0)

    @staticmethod
    async def _by_client_id(
        session: AsyncSession, conversation_id: str, client_message_id: str
    ) -> MessageRow | None:
        found: MessageRow | None = await session.scalar(
            select(MessageRow).where(
                MessageRow.conversation_id == conversation_id,
                MessageRow.client_message_id == client_message_id,
            )
        )
        return found
