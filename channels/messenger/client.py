"""Sends by the Send API, and asks the Conversations API what became of it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from pydantic import BaseModel, Field, ValidationError

from channels.messenger.settings import MessengerSettings
from channels.meta.graph import Graph
from conversations.delivery.port import Outgoing, Rejected, Unclear
from conversations.models import Author

log = structlog.get_logger(__name__)

Clock = Callable[[], dt.datetime]

_WINDOW = dt.timedelta(hours=24)
"""How long after a citizen's message a machine may answer it."""
_STAFF_WINDOW = dt.timedelta(days=7)
_SKEW = dt.timedelta(seconds=60)
"""How far Meta's clock may be behind ours."""
_LISTED = 20
"""Messages that can be looked up in a conversation: Meta gives details of no older ones."""
_TYPING_SECONDS = 3.0


class _Party(BaseModel):
    id: str


class _Listed(BaseModel):
    id: str
    message: str | None = None
    sender: _Party | None = Field(default=None, alias="from")
    created_time: dt.datetime


class _Messages(BaseModel):
    data: list[_Listed]


class _Conversation(BaseModel):
    messages: _Messages


class _Conversations(BaseModel):
    data: list[_Conversation]


class MessengerClient:
    """One page's messages. ``clock`` tells the time, aware of its zone."""

    def __init__(self, settings: MessengerSettings, clock: Clock) -> None:
        self._page_id = settings.page_id
        self._graph = Graph(settings.api_url, settings.api_version, settings.page_token)
        self._clock = clock

    async def send(self, outgoing: Outgoing) -> str:
        """Meta's id of the message. Raises :class:`DeliveryFailure`."""
        body = {
            "recipient": {"id": outgoing.address},
            "message": {**outgoing.payload, "metadata": outgoing.id},
            **self._permission(outgoing),
        }
        answer = await self._graph.post(f"/{self._page_id}/messages", body)
        message_id = answer.get("message_id")
        if not isinstance(message_id, str) or not message_id:
            raise Unclear("an answer without a message id")
        return message_id

    def _permission(self, outgoing: Outgoing) -> dict[str, str]:
        """Why the page may write at this moment. Raises :class:`Rejected` if it may not."""
        if outgoing.heard_at is None:
            raise Rejected("window closed: the citizen has never written")
        silence = self._clock() - outgoing.heard_at
        if silence <= _WINDOW:
            return {"messaging_type": "RESPONSE"}
        if outgoing.author is not Author.staff:
            raise Rejected("window closed: the citizen last wrote more than 24 hours ago")
        if silence > _STAFF_WINDOW:
            raise Rejected("window closed: the citizen last wrote more than 7 days ago")
        return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}

    async def find(self, outgoing: Outgoing) -> str | None:
        """Meta's id of a message that may have been sent; None if it was not, as far as Meta shows.

        Meta gives details of a conversation's latest messages only. Where the citizen has written
        so much since that nothing of ours is among them, Meta will never be able to say; rather
        twice than never, the message counts as not sent.

        Raises :class:`DeliveryFailure` if Meta cannot say now: also if it shows no conversation,
        though the citizen has written.
        """
        params = {
            "platform": "messenger",
            "user_id": outgoing.address,
            "fields": f"messages.limit({_LISTED}){{id,message,from,created_time}}",
        }
        try:
            answer = await self._graph.get(f"/{self._page_id}/conversations", params)
            conversations = _Conversations.model_validate(answer).data
        except Rejected as error:
            # Refused is the question, not the message.
            raise Unclear(f"cannot ask: {error}") from error
        except ValidationError:
            raise Unclear("cannot ask: a list that cannot be read") from None
        listed = [message for each in conversations for message in each.messages.data]
        if not listed:
            raise Unclear("cannot ask: no conversation is shown")
        recent = list(self._since(outgoing.first_tried, listed))
        for message in sorted(recent, key=lambda each: each.created_time, reverse=True):
            if self._is(message, outgoing):
                return message.id
        # Nothing else leaves to an address before this is settled: what we know of came before it.
        seen = len(recent) < _LISTED or any(message.id in outgoing.known for message in recent)
        if not seen:
            log.warning("delivery_cannot_be_known", channel="messenger", delivery=outgoing.id)
        return None

    @staticmethod
    def _since(moment: dt.datetime, listed: list[_Listed]) -> Iterator[_Listed]:
        for message in listed:
            created = message.created_time
            if created.tzinfo is None:
                created = created.replace(tzinfo=dt.UTC)
            if created >= moment - _SKEW:
                yield message

    def _is(self, message: _Listed, outgoing: Outgoing) -> bool:
        return (
            message.sender is not None
            and message.sender.id == self._page_id
            and message.id not in outgoing.known
            and _plain(message.message) == _plain(outgoing.payload.get("text"))
        )

    async def typing(self, address: str) -> None:
        """Mark the citizen's messages as seen, and show that the guide writes. Never fails."""
        try:
            async with asyncio.timeout(_TYPING_SECONDS):
                for action in ("mark_seen", "typing_on"):
                    body = {"recipient": {"id": address}, "sender_action": action}
                    await self._graph.post(f"/{self._page_id}/messages", body)
        except Exception as error:
            # Nobody misses it, and the answer must not wait for it.
            log.info("typing_not_shown", channel="messenger", reason=type(error).__name__)

    async def close(self) -> None:
        """Let the connections go."""
        await self._graph.close()


def _plain(text: Any) -> str:
    """Without what may have changed on the way: spaces and line breaks."""
    return " ".join(text.split()) if isinstance(text, str) else ""
