"""One-time codes, and what holding one opens: the website, or a second channel."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from conversations.delivery.port import Parcel
from conversations.models import Conversation, ConversationNotFound, Rendered
from conversations.states import State
from conversations.store.inbox import new_link_code
from conversations.store.rows import now, to_conversation
from conversations.store.store import new_access
from conversations.store.tables import (
    ActivityRow,
    AddressRow,
    ConversationRow,
    DeliveryRow,
    MessageRow,
    OneTimeCodeRow,
)
from conversations.store.writing import Said, enqueue, lock, note, say
from storage.sessions import Sessions


class Purpose(StrEnum):
    """What a right code does."""

    joining = "join"
    """The address leads to this conversation from now on."""
    opening = "open"
    """The browser gets a token for this conversation."""


class CodeError(Exception):
    """The root of what can be wrong with a code.

    * :class:`WrongCode`  - with ``tries_left`` above 0
    * :class:`CodeGone`   - never asked for, too old, used, or tried too often
    """


class WrongCode(CodeError):
    def __init__(self, tries_left: int) -> None:
        super().__init__(f"{tries_left} tries left")
        self.tries_left = tries_left


class CodeGone(CodeError):
    pass


Follow = Callable[[AsyncSession, ConversationRow, ConversationRow], Awaitable[None]]
"""From one conversation to the other, before the first one is deleted."""


class _MovedMeanwhile(Exception):
    """The address leads elsewhere than a moment ago: look again."""


_TRIES = 5
"""Looks at an address that others move at the same time."""


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def _hash(conversation_id: str, purpose: Purpose, code: str) -> str:
    # A million codes are soon tried by whoever has the table; the ten minutes protect, and
    # nobody reads a valid code out of a backup or a log.
    return hashlib.sha256(f"{conversation_id}:{purpose}:{code}".encode()).hexdigest()


class OneTimeCodes:
    """One code at a time for each conversation and purpose. One transaction per method."""

    def __init__(self, engine: AsyncEngine, follow: Follow | None = None) -> None:
        """``follow`` brings along what others keep about a conversation that joins another."""
        self._sessions = Sessions(engine)
        self._follow = follow

    async def behind(self, link_code: str) -> tuple[Conversation, str, str] | None:
        """The conversation behind a short link, with the channel and address last heard from."""
        if not link_code.isalnum():
            # Some databases refuse what a URL may hold.
            return None
        async with self._sessions.read() as session:
            found = (
                await session.execute(
                    select(ConversationRow, AddressRow)
                    .join(AddressRow, AddressRow.conversation_id == ConversationRow.id)
                    .where(ConversationRow.link_code == link_code)
                    .order_by(AddressRow.heard_at.desc().nulls_last())
                    .limit(1)
                )
            ).first()
        if found is None:
            return None
        return to_conversation(found[0]), found[1].channel, found[1].address

    async def issue(
        self,
        conversation_id: str,
        purpose: Purpose,
        code: str,
        parcels: Sequence[Parcel],
        *,
        seconds: float,
        tries: int,
    ) -> None:
        """Remember a code and send it, all or nothing; an earlier one is void.

        Raises ``ConversationNotFound``.
        """
        async with self._sessions.write() as session:
            await lock(session, conversation_id)
            await session.execute(
                delete(OneTimeCodeRow).where(
                    OneTimeCodeRow.conversation_id == conversation_id,
                    OneTimeCodeRow.purpose == purpose,
                )
            )
            session.add(
                OneTimeCodeRow(
                    conversation_id=conversation_id,
                    purpose=purpose,
                    channel=parcels[0].channel,
                    address=parcels[0].address,
                    code_hash=_hash(conversation_id, purpose, code),
                    tries_left=tries,
                    expires_at=now() + dt.timedelta(seconds=seconds),
                )
            )
            enqueue(session, conversation_id, parcels)

    async def open(self, conversation_id: str, code: str) -> str:
        """Use a code up; a new token that opens the conversation.

        Raises :class:`WrongCode`, :class:`CodeGone` and ``ConversationNotFound``.
        """
        problem: CodeError | None = None
        token = ""
        async with self._sessions.write() as session:
            await lock(session, conversation_id)
            row = await self._code(session, conversation_id, Purpose.opening)
            problem = await self._use_up(session, row, code)
            if problem is None:
                access, token = new_access(conversation_id)
                session.add(access)
        # A wrong guess costs a try: it is counted by the commit, and told after it.
        if problem is not None:
            raise problem
        return token

    async def join(
        self,
        conversation_id: str,
        code: str,
        said: Callable[[Conversation, str, str], Said],
        earlier: Rendered,
    ) -> None:
        """Use a code up; the address it went to leads to this conversation from now on.

        What was said there before comes along, behind ``earlier``; ``said`` makes the last word
        from the conversation, the channel and the address. Raises as :meth:`open`.
        """
        for _ in range(_TRIES):
            try:
                problem = await self._join(conversation_id, code, said, earlier)
            except _MovedMeanwhile:
                continue
            if problem is not None:
                raise problem
            return
        raise ConversationNotFound(conversation_id)

    async def _join(
        self,
        conversation_id: str,
        code: str,
        said: Callable[[Conversation, str, str], Said],
        earlier: Rendered,
    ) -> CodeError | None:
        async with self._sessions.write() as session:
            row = await self._code(session, conversation_id, Purpose.joining)
            key = (row.channel, row.address) if row is not None else None
            other_id = await self._led_to(session, key) or conversation_id
            locked = await self._lock_both(session, conversation_id, other_id)
            if (await self._led_to(session, key) or conversation_id) != other_id:
                raise _MovedMeanwhile
            row = await self._code(session, conversation_id, Purpose.joining)
            problem = await self._use_up(session, row, code)
            if problem is not None or row is None:
                return problem
            conversation = locked[conversation_id]
            if other_id != conversation_id:
                await self._move(session, locked[other_id], conversation, earlier)
            elif await session.get(AddressRow, key) is None:
                session.add(
                    AddressRow(
                        channel=row.channel,
                        address=row.address,
                        conversation_id=conversation_id,
                        heard_at=None,
                        created_at=now(),
                    )
                )
            if conversation.link_code is None:
                conversation.link_code = new_link_code()
            note(session, conversation, "joined", "citizen", {"channel": row.channel})
            last = said(to_conversation(conversation), row.channel, row.address)
            say(session, conversation, last, row.channel)
        return None

    @staticmethod
    async def _led_to(session: AsyncSession, key: tuple[str, str] | None) -> str | None:
        """The conversation that an address leads to now."""
        if key is None:
            return None
        found: str | None = await session.scalar(
            select(AddressRow.conversation_id).where(
                AddressRow.channel == key[0], AddressRow.address == key[1]
            )
        )
        return found

    @staticmethod
    async def _lock_both(
        session: AsyncSession, conversation_id: str, other_id: str
    ) -> dict[str, ConversationRow]:
        # In a fixed order: two joins the other way round would wait for each other.
        locked = {}
        for item in sorted({conversation_id, other_id}):
            try:
                locked[item] = await lock(session, item)
            except ConversationNotFound:
                if item == conversation_id:
                    raise
                # Somebody else has joined it while we waited.
                raise _MovedMeanwhile from None
        return locked

    @staticmethod
    async def _code(
        session: AsyncSession, conversation_id: str, purpose: Purpose
    ) -> OneTimeCodeRow | None:
        found: OneTimeCodeRow | None = await session.scalar(
            select(OneTimeCodeRow)
            .where(
                OneTimeCodeRow.conversation_id == conversation_id,
                OneTimeCodeRow.purpose == purpose,
            )
            .execution_options(populate_existing=True)
        )
        return found

    @staticmethod
    async def _use_up(
        session: AsyncSession, row: OneTimeCodeRow | None, code: str
    ) -> CodeError | None:
        """None if the code was right; it is gone then."""
        if row is None or row.tries_left <= 0 or row.expires_at <= now():
            return CodeGone()
        given = _hash(row.conversation_id, Purpose(row.purpose), code)
        if not secrets.compare_digest(row.code_hash, given):
            row.tries_left -= 1
            return WrongCode(row.tries_left) if row.tries_left else CodeGone()
        await session.delete(row)
        return None

    async def erase_expired(self) -> None:
        """Forget codes that nobody can use any more."""
        async with self._sessions.write() as session:
            await session.execute(delete(OneTimeCodeRow).where(OneTimeCodeRow.expires_at < now()))

    async def _move(
        self,
        session: AsyncSession,
        source: ConversationRow,
        target: ConversationRow,
        earlier: Rendered,
    ) -> None:
        """Everything of one conversation to the end of the other; the empty one is deleted."""
        say(session, target, Said(earlier), target.channel)
        await session.flush()
        # Numbers are unique in a conversation: these begin where the other's end.
        await session.execute(
            update(MessageRow)
            .where(MessageRow.conversation_id == source.id)
            # Their browsers' ids were unique over there only, and are of no more use.
            .values(
                conversation_id=target.id,
                seq=MessageRow.seq + target.last_seq,
                client_message_id=None,
            )
        )
        target.last_seq += source.last_seq
        if target.state in (State.bot, State.resolved) and source.state != State.resolved:
            # Whoever waited for a person there waits on.
            target.state = source.state
        for table in (AddressRow, DeliveryRow, ActivityRow):
            await session.execute(
                update(table)
                .where(table.conversation_id == source.id)
                .values(conversation_id=target.id)
            )
        if self._follow is not None:
            await self._follow(session, source, target)
        link_code, source.link_code = source.link_code, None
        await session.flush()
        if target.link_code is None:
            # The links that were sent there lead here from now on.
            target.link_code = link_code
        await session.delete(source)
