"""Conversations and messages in a SQL database. One transaction per method."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from conversations import states
from conversations.models import (
    Author,
    Choice,
    Conversation,
    ConversationNotFound,
    Message,
    Rendered,
)
from conversations.states import Event, State
from conversations.store.tables import ActivityRow, ConversationRow, FeedbackRow, MessageRow

_ID = re.compile(r"[0-9a-f]{32}")
"""Ours all look like this; some databases refuse what a URL may hold instead."""


def hash_token(token: str) -> str:
    """What is stored of a bearer token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)


def _message(row: MessageRow) -> Message:
    return Message(
        id=row.id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        author=Author(row.author),
        text=row.text,
        language=row.language,
        created_at=row.created_at,
        reply=row.reply,
        service=row.service,
        candidates=tuple(row.candidates),
        choices=tuple(Choice(**choice) for choice in row.choices),
        card=row.card,
        author_name=row.author_name,
        choice=row.choice,
    )


def _conversation(row: ConversationRow) -> Conversation:
    return Conversation(
        id=row.id,
        channel=row.channel,
        language=row.language,
        language_chosen=row.language_chosen,
        state=State(row.state),
        last_seq=row.last_seq,
        service=row.service,
        created_at=row.created_at,
    )


class ConversationStore:
    """The only way to the tables. Every method that reads for a caller checks the owner."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._reads = async_sessionmaker(
            engine.execution_options(sqlite_begin="DEFERRED"), expire_on_commit=False
        )

    async def create(
        self, channel: str, language: str, *, language_chosen: bool
    ) -> tuple[Conversation, str]:
        """A new conversation and the token that opens it."""
        token = secrets.token_urlsafe(32)
        now = _now()
        row = ConversationRow(
            id=uuid.uuid4().hex,
            token_hash=hash_token(token),
            channel=channel,
            language=language,
            language_chosen=language_chosen,
            state=State.bot,
            last_seq=0,
            service=None,
            created_at=now,
            updated_at=now,
        )
        async with self._sessions.begin() as session:
            session.add(row)
        return _conversation(row), token

    async def open(self, conversation_id: str, token: str) -> Conversation:
        """The caller's conversation. Raises :class:`ConversationNotFound` for anybody else's."""
        if not _ID.fullmatch(conversation_id):
            raise ConversationNotFound(conversation_id)
        async with self._reads.begin() as session:
            row = await session.get(ConversationRow, conversation_id)
        expected = row.token_hash if row is not None else None
        if row is None or not secrets.compare_digest(expected or "", hash_token(token)):
            raise ConversationNotFound(conversation_id)
        return _conversation(row)

    async def get(self, conversation_id: str) -> Conversation:
        """For the guide's own use. Raises :class:`ConversationNotFound`."""
        async with self._reads.begin() as session:
            row = await session.get(ConversationRow, conversation_id)
        if row is None:
            raise ConversationNotFound(conversation_id)
        return _conversation(row)

    async def add_citizen_message(
        self,
        conversation_id: str,
        text: str,
        *,
        choice: str | None = None,
        client_message_id: str | None = None,
        redacted: bool = False,
    ) -> tuple[Message, bool]:
        """Store what a citizen said, once; the message, and whether it is new.

        A ``client_message_id`` that is there already gives the stored message back.
        """
        try:
            async with self._sessions.begin() as session:
                if client_message_id is not None:
                    known = await self._by_client_id(session, conversation_id, client_message_id)
                    if known is not None:
                        return _message(known), False
                conversation = await self._lock(session, conversation_id)
                row = self._append(
                    session,
                    conversation,
                    author=Author.citizen,
                    text=text,
                    language=conversation.language,
                    choice=choice,
                    redacted=redacted,
                    client_message_id=client_message_id,
                    awaits_answer=True,
                )
                before = State(conversation.state)
                conversation.state = states.after(before, Event.citizen_wrote)
                if conversation.state != before:
                    self._note(session, conversation, Event.citizen_wrote, "citizen", {})
            return _message(row), True
        except IntegrityError:
            # Two requests with one id at the same moment: the other one stored it.
            if client_message_id is None:
                raise
            async with self._reads.begin() as session:
                known = await self._by_client_id(session, conversation_id, client_message_id)
            if known is None:
                raise
            return _message(known), False

    async def finish_turn(
        self,
        message_id: str,
        replies: Sequence[Rendered],
        *,
        language: str,
        language_chosen: bool,
        service: str | None,
        knowledge_version: str | None,
        note: tuple[str, dict[str, Any]] | None = None,
    ) -> list[Message]:
        """Store the guide's answer to a message and close the turn, all or nothing.

        Does nothing for a message that is answered already or gone: a turn that was started
        twice, after a crash say, is answered once.
        """
        async with self._sessions.begin() as session:
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
            asked.awaits_answer = False
            asked.language = language
            # A language that the citizen chose while this turn ran must stand.
            if language_chosen or not conversation.language_chosen:
                conversation.language = language
                conversation.language_chosen = language_chosen
            conversation.service = service
            rows = [
                self._append(
                    session,
                    conversation,
                    author=Author.guide,
                    text=reply.text,
                    language=reply.language,
                    reply=reply.reply,
                    service=reply.service,
                    candidates=list(reply.candidates),
                    choices=[asdict(choice) for choice in reply.choices],
                    card=asdict(reply.card) if reply.card is not None else None,
                    knowledge_version=knowledge_version,
                )
                for reply in replies
            ]
            if note is not None:
                self._note(session, conversation, note[0], "guide", note[1])
        return [_message(row) for row in rows]

    async def say(self, conversation_id: str, reply: Rendered) -> Message:
        """Store something that the guide says unasked, such as the welcome."""
        async with self._sessions.begin() as session:
            conversation = await self._lock(session, conversation_id)
            row = self._append(
                session,
                conversation,
                author=Author.guide,
                text=reply.text,
                language=reply.language,
                reply=reply.reply,
                choices=[asdict(choice) for choice in reply.choices],
            )
        return _message(row)

    async def unanswered(self) -> list[tuple[str, str]]:
        """``(conversation id, message id)`` of every open turn, oldest first."""
        async with self._reads.begin() as session:
            rows = await session.execute(
                select(MessageRow.conversation_id, MessageRow.id)
                .where(MessageRow.awaits_answer)
                .order_by(MessageRow.created_at, MessageRow.seq)
            )
            return [(row[0], row[1]) for row in rows]

    async def message(self, message_id: str) -> tuple[Message, bool, bool] | None:
        """A message, whether it awaits an answer and whether something was masked in it."""
        async with self._reads.begin() as session:
            row = await session.get(MessageRow, message_id)
        return (_message(row), row.awaits_answer, row.redacted) if row is not None else None

    async def messages(
        self, conversation_id: str, after: int = 0, limit: int | None = None
    ) -> list[Message]:
        """Messages with a sequence number above ``after``, in order."""
        async with self._reads.begin() as session:
            rows = await session.scalars(
                select(MessageRow)
                .where(MessageRow.conversation_id == conversation_id, MessageRow.seq > after)
                .order_by(MessageRow.seq)
                .limit(limit)
            )
            return [_message(row) for row in rows]

    async def latest(self, conversation_id: str, before: int, limit: int) -> list[Message]:
        """The last ``limit`` messages with a sequence number below ``before``, newest first."""
        async with self._reads.begin() as session:
            rows = await session.scalars(
                select(MessageRow)
                .where(MessageRow.conversation_id == conversation_id, MessageRow.seq < before)
                .order_by(MessageRow.seq.desc())
                .limit(limit)
            )
            return [_message(row) for row in rows]

    async def typing(self, conversation_id: str) -> bool:
        """Whether the guide still works on something in this conversation."""
        async with self._reads.begin() as session:
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
        async with self._sessions.begin() as session:
            await session.execute(
                update(ConversationRow)
                .where(ConversationRow.id == conversation_id)
                .values(language=language, language_chosen=True, updated_at=_now())
            )

    async def rate(self, conversation_id: str, message_id: str, *, helpful: bool) -> None:
        """The citizen's verdict on an answer; a later one replaces it.

        Raises :class:`ConversationNotFound` for a message of another conversation.
        """
        if not _ID.fullmatch(message_id):
            raise ConversationNotFound(message_id)
        async with self._sessions.begin() as session:
            row = await session.get(MessageRow, message_id)
            if row is None or row.conversation_id != conversation_id:
                raise ConversationNotFound(message_id)
            await session.merge(
                FeedbackRow(message_id=message_id, helpful=helpful, created_at=_now())
            )

    async def erase(self, conversation_id: str) -> None:
        """Delete a conversation with everything that was said in it."""
        async with self._sessions.begin() as session:
            await session.execute(
                delete(ConversationRow).where(ConversationRow.id == conversation_id)
            )

    async def erase_older_than(self, moment: dt.datetime) -> int:
        """Delete what nobody has touched since ``moment``; how many conversations it was."""
        async with self._sessions.begin() as session:
            old = ConversationRow.updated_at < moment
            count = await session.scalar(
                select(func.count()).select_from(ConversationRow).where(old)
            )
            await session.execute(delete(ConversationRow).where(old))
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

    @staticmethod
    async def _lock(session: AsyncSession, conversation_id: str) -> ConversationRow:
        row = await session.get(ConversationRow, conversation_id, with_for_update=True)
        if row is None:
            raise ConversationNotFound(conversation_id)
        return row

    @staticmethod
    def _append(session: AsyncSession, conversation: ConversationRow, **values: Any) -> MessageRow:
        now = _now()
        conversation.last_seq += 1
        conversation.updated_at = now
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
            created_at=now,
            **(defaults | values),
        )
        session.add(row)
        return row

    @staticmethod
    def _note(
        session: AsyncSession,
        conversation: ConversationRow,
        kind: str,
        actor: str,
        details: dict[str, Any],
    ) -> None:
        session.add(
            ActivityRow(
                conversation_id=conversation.id,
                kind=kind,
                actor=actor,
                details=details,
                created_at=_now(),
            )
        )
