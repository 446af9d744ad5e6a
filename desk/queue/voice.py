"""What is said to a citizen from the desk: stored with the next number, and on its way out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.delivery.dispatch import Dispatch
from conversations.models import Author, Rendered, Reply
from conversations.rendering.renderer import Renderer
from conversations.store.rows import to_conversation
from conversations.store.tables import ConversationRow, MessageRow
from conversations.store.writing import Said, append, enqueue, say
from desk.queue.tables import HandoverRow

STAFF = "staff"
"""In place of a reply key, towards the channels: a person's own words."""


def staff_message_id(member_id: str, client_message_id: str) -> str:
    """What is stored of a console's id: another member's, or a citizen's, is never the same."""
    return "staff:" + hashlib.sha256(f"{member_id}:{client_message_id}".encode()).hexdigest()


class Voice:
    """Renders and addresses; the caller holds the conversation's lock."""

    def __init__(
        self, renderer: Renderer, dispatch: Dispatch, knowledge_version: Callable[[], str]
    ) -> None:
        self._renderer = renderer
        self._dispatch = dispatch
        self._knowledge_version = knowledge_version

    async def tell(
        self,
        session: AsyncSession,
        conversation: ConversationRow,
        row: HandoverRow,
        reply: Reply,
        author: Author = Author.system,
    ) -> bool:
        """One of our texts, where the citizen is; whether there is something to send."""
        channel, address = await self.target(session, conversation, row)
        rendered = self._renderer.render(reply, conversation.language)
        parcels = self._dispatch.parcels(to_conversation(conversation), channel, address, rendered)
        say(session, conversation, Said(rendered, parcels), channel, author=author)
        return bool(parcels)

    async def write(
        self,
        session: AsyncSession,
        conversation: ConversationRow,
        row: HandoverRow,
        text: str,
        *,
        name: str,
        client_message_id: str,
        redacted: bool,
        signed: bool,
    ) -> tuple[MessageRow, bool]:
        """A member's own words, and whether there is something to send.

        ``signed``: what is delivered says from whom it is.
        """
        channel, address = await self.target(session, conversation, row)
        language = conversation.language
        message = append(
            session,
            conversation,
            author=Author.staff,
            author_name=name,
            channel=channel,
            text=text,
            language=language,
            reply=None,
            redacted=redacted,
            client_message_id=client_message_id,
        )
        shown = text
        if signed:
            shown = self._renderer.sentence("staff_signed", language, {"text": text, "name": name})
        rendered = Rendered(shown, language, STAFF, more=self._renderer.sentence("more", language))
        parcels = self._dispatch.parcels(to_conversation(conversation), channel, address, rendered)
        enqueue(session, conversation.id, parcels, message)
        return message, bool(parcels)

    async def show(
        self,
        session: AsyncSession,
        conversation: ConversationRow,
        row: HandoverRow,
        card: Reply,
        *,
        name: str,
        client_message_id: str | None,
    ) -> tuple[MessageRow, bool]:
        """An entry of the knowledge in a member's name, in the citizen's language, and whether
        there is something to send. Each channel shows it as it shows the guide's own answers.
        """
        channel, address = await self.target(session, conversation, row)
        whole = self._renderer.render(card, conversation.language)
        # Nothing to press: the guide, who would answer, is silent while a person is there.
        shown = replace(whole.card, actions=()) if whole.card is not None else None
        rendered = replace(whole, card=shown, choices=())
        parcels = self._dispatch.parcels(to_conversation(conversation), channel, address, rendered)
        message = say(
            session,
            conversation,
            Said(rendered, parcels),
            channel,
            author=Author.staff,
            author_name=name,
            knowledge_version=self._knowledge_version(),
            client_message_id=client_message_id,
        )
        return message, bool(parcels)

    async def target(
        self, session: AsyncSession, conversation: ConversationRow, row: HandoverRow
    ) -> tuple[str, str | None]:
        """Channel and address: the ones that the citizen chose, or last wrote from.

        A choice holds until the citizen writes after the first answer.
        """
        wrote = (
            MessageRow.conversation_id == conversation.id,
            MessageRow.author == Author.citizen,
        )
        if row.answer_channel is not None:
            answered = (
                select(func.min(MessageRow.seq))
                .where(
                    MessageRow.conversation_id == conversation.id,
                    MessageRow.author == Author.staff,
                    MessageRow.seq > (row.message_seq or 0),
                )
                .scalar_subquery()
            )
            again = await session.scalar(select(exists().where(*wrote, MessageRow.seq > answered)))
            if not again:
                return row.answer_channel, row.answer_address
        last = await session.scalar(
            select(MessageRow).where(*wrote).order_by(MessageRow.seq.desc()).limit(1)
        )
        if last is None:
            return conversation.channel, None
        return last.channel, last.address
