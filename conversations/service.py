"""What channels may do with conversations: start, say, read, follow, rate, erase."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Select

from conversations import typing
from conversations.events.port import Events, Subscription
from conversations.limits.port import RateLimit
from conversations.models import (
    Conversation,
    Message,
    MessageRejected,
    Reply,
    TooManyMessages,
)
from conversations.redaction import clean, mask_cpr
from conversations.rendering.renderer import Renderer
from conversations.states import GUIDE_MAY_SPEAK, WITH_A_PERSON
from conversations.store.store import ConversationStore
from conversations.turns import TurnRunner
from knowledge.catalogue import Language
from knowledge.crisis.detector import CrisisDetector

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class View:
    """What a reader sees of a conversation beside its messages."""

    conversation: Conversation
    typing: bool


class Conversations:
    """The front door that every channel uses."""

    def __init__(
        self,
        *,
        store: ConversationStore,
        turns: TurnRunner,
        events: Events,
        renderer: Renderer,
        crisis: CrisisDetector,
        languages: tuple[Language, ...],
        suggestions: tuple[str, ...],
        starts: RateLimit,
        messages: RateLimit,
        signs: RateLimit,
        max_length: int,
        spare: Select[str] | None = None,
    ) -> None:
        """``signs`` is how often somebody may be seen writing; ``spare`` finds the conversations
        that must not be erased for their age.
        """
        self._store = store
        self._turns = turns
        self._events = events
        self._renderer = renderer
        self._crisis = crisis
        self._languages = languages
        self._codes = tuple(language.code for language in languages)
        self._suggestions = suggestions
        self._starts = starts
        self._messages = messages
        self._signs = signs
        self._spare = spare
        self.max_length = max_length

    async def resume(self, older_than: float = 0.0) -> int:
        """Take up what a stop or a crash left unanswered; in how many conversations.

        ``older_than``: only what has waited for so many seconds; the rest is being worked on.
        """
        before = dt.datetime.now(tz=dt.UTC) - dt.timedelta(seconds=older_than)
        waiting = await self._store.unanswered(before)
        for conversation_id in waiting:
            self._turns.submit(conversation_id)
        return len(waiting)

    async def start(
        self, channel: str, language: str | None, client: str
    ) -> tuple[Conversation, str]:
        """A new conversation, welcomed; and the token that opens it.

        ``client`` is the caller's address, for the rate limit. Raises
        :class:`TooManyMessages`, and :class:`MessageRejected` for an unknown language.
        """
        if language is not None and language not in self._codes:
            raise MessageRejected("unknown_language")
        if wait := await self._starts.take(client):
            raise TooManyMessages(wait)
        conversation, token = await self._store.create(
            channel, language or self._codes[0], language_chosen=False
        )
        welcome = Reply("welcome", choices=self._suggestions)
        await self._store.say(
            conversation.id, self._renderer.render(welcome, conversation.language)
        )
        return conversation, token

    def languages(self) -> tuple[Language, ...]:
        """The languages that the guide answers in."""
        return self._languages

    def direction(self, language: str) -> str:
        """``ltr`` or ``rtl``."""
        return next(item.direction for item in self._languages if item.code == language)

    def sentence(self, key: str, language: str, values: Mapping[str, Any] | None = None) -> str:
        """One of the guide's texts, for pages and errors."""
        return self._renderer.sentence(key, language, values)

    async def typing(self, view: View) -> bool:
        """Whether the guide still works on this conversation."""
        return await self._store.typing(view.conversation.id)

    async def open(self, conversation_id: str, token: str) -> View:
        """The caller's conversation. Raises ``ConversationNotFound`` for anybody else's."""
        conversation = await self._store.open(conversation_id, token)
        typing = conversation.state in GUIDE_MAY_SPEAK and await self._store.typing(conversation.id)
        return View(conversation, typing)

    async def say(
        self,
        view: View,
        text: str,
        *,
        channel: str,
        choice: str | None,
        client_message_id: str | None,
    ) -> Message:
        """Take what the citizen said, and start the guide on it.

        Raises :class:`MessageRejected` for an empty or over-long text or an unknown choice, and
        :class:`TooManyMessages`; a message about danger is never turned away for its rate.
        """
        conversation = view.conversation
        if choice is not None:
            try:
                text = self._renderer.title(choice, conversation.language)
            except KeyError:
                raise MessageRejected("unknown_choice") from None
        if len(text) > self.max_length:
            raise MessageRejected("too_long", limit=self.max_length)
        text = clean(text)
        if not text:
            raise MessageRejected("empty")
        if wait := await self._messages.take(conversation.id):
            alarm = self._crisis.detect(text)
            if alarm is None or not alarm.certain:
                raise TooManyMessages(wait)
        masked, redacted = mask_cpr(text)
        message, new = await self._store.add_citizen_message(
            conversation.id,
            masked,
            channel=channel,
            choice=choice,
            client_message_id=client_message_id,
            redacted=redacted,
        )
        if new:
            self._turns.submit(conversation.id)
            await self._events.publish(conversation.id)
        return message

    async def read(self, view: View, after: int) -> list[Message]:
        """The messages with a sequence number above ``after``."""
        return await self._store.messages(view.conversation.id, after)

    async def writes(self, view: View) -> None:
        """The citizen is typing. Whoever has the conversation sees it; without anybody there, and
        too often, it is passed over in silence.
        """
        conversation = view.conversation
        if conversation.state in WITH_A_PERSON and not await self._signs.take(conversation.id):
            await self._events.publish(typing.by_citizen(conversation.id))

    def follow(self, view: View) -> AbstractAsyncContextManager[Subscription]:
        """Wake-ups for everything new in the conversation, and while a member of staff writes."""
        conversation_id = view.conversation.id
        return self._events.subscribe(conversation_id, typing.by_staff(conversation_id))

    async def choose_language(self, view: View, language: str) -> None:
        """Answer in this language from now on. Raises :class:`MessageRejected`."""
        if language not in self._codes:
            raise MessageRejected("unknown_language")
        await self._store.choose_language(view.conversation.id, language)
        await self._events.publish(view.conversation.id)

    async def rate(self, view: View, message_id: str, *, helpful: bool) -> None:
        """Store the citizen's verdict. Raises ``ConversationNotFound`` for a foreign message."""
        await self._store.rate(view.conversation.id, message_id, helpful=helpful)

    async def erase(self, view: View) -> None:
        """Delete everything that was said."""
        await self._store.erase(view.conversation.id)
        await self._events.publish(view.conversation.id)

    async def erase_old(self, days: int) -> int:
        """Delete conversations that nobody has touched for ``days``; how many."""
        moment = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=days)
        erased = await self._store.erase_older_than(moment, self._spare)
        if erased:
            log.info("erased_old_conversations", count=erased)
        return erased
