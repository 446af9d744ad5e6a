"""Takes in what providers hand over: once, in order, and answered even where it is no question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import structlog

from conversations.delivery.dispatch import Dispatch
from conversations.events.port import Events
from conversations.limits.port import RateLimit
from conversations.models import Conversation, Rendered, Reply
from conversations.redaction import clean, mask_cpr
from conversations.rendering.renderer import Renderer
from conversations.store.inbox import Inbox, Letter, Verdict, Wish
from conversations.store.writing import Said
from conversations.turns import TurnRunner
from knowledge.crisis.detector import CrisisDetector

log = structlog.get_logger(__name__)


class Request(StrEnum):
    """A message that is about the channel and not for the guide."""

    stop = "stop"
    start = "start"
    help = "help"
    welcome = "welcome"
    """The citizen opened the channel without saying anything yet."""


@dataclass(frozen=True)
class Received:
    """A citizen's message as a channel has read it off its provider."""

    channel: str
    address: str
    provider_message_id: str
    """Unique for the channel: the next copy has the same."""
    text: str = ""
    choice: str | None = None
    """The code of a choice that was offered as a button."""
    title: str | None = None
    attachments: bool = False
    """Something else than text came with it, or instead of it."""
    request: Request | None = None
    language: str | None = None
    """Of the request, where its word belongs to one language only."""
    answered: bool = False
    """The provider has answered the request by itself."""


class Reception:
    """The front door for channels that push. Nothing here waits for the dialogue."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        turns: TurnRunner,
        events: Events,
        dispatch: Dispatch,
        renderer: Renderer,
        crisis: CrisisDetector,
        messages: RateLimit,
        notices: RateLimit,
        language: str,
        max_length: int,
        sent: Callable[[], None],
    ) -> None:
        """``language`` is the one to begin in, ``messages`` the limit per address,
        ``notices`` how often somebody is told of it; ``sent`` is
        told when the outbox may have something new."""
        self._inbox = inbox
        self._turns = turns
        self._events = events
        self._dispatch = dispatch
        self._renderer = renderer
        self._crisis = crisis
        self._messages = messages
        self._notices = notices
        self._language = language
        self._max_length = max_length
        self._sent = sent

    async def receive(self, received: Received) -> bool:
        """Store a message and see to its answer; whether it was new."""
        if await self._inbox.known(received.channel, received.provider_message_id):
            return False
        text = clean(received.text)
        too_long = len(text) > self._max_length
        # Masked whole: a number that the cut goes through would be no number any more.
        masked, redacted = mask_cpr(text)
        masked = masked[: self._max_length]
        allowed = await self._allowed(received, masked)
        tell = not allowed and await self._notices.take(_key(received)) == 0
        letter = Letter(
            channel=received.channel,
            address=received.address,
            provider_message_id=received.provider_message_id,
            text=masked or received.title or "",
            choice=received.choice if self._is_choice(received.choice) else None,
            redacted=redacted,
            language=self._language,
        )

        def decide(conversation: Conversation) -> Verdict:
            # STOP is heard however fast it comes.
            if not allowed and received.request is None:
                # One notice, not one for each message: the answers cost money, too.
                said = (self._said(received, conversation, "slow_down", {}),) if tell else ()
                return Verdict(awaits_answer=False, said=said)
            return self._decide(received, conversation, letter, too_long=too_long)

        conversation_id = await self._inbox.receive(letter, decide)
        if conversation_id is None:
            return False
        self._turns.submit(conversation_id)
        self._sent()
        try:
            await self._events.publish(conversation_id)
        except Exception:
            # It is stored; whoever follows the conversation looks by themselves after a while.
            log.exception("wake_up_failed", conversation=conversation_id)
        return True

    async def _allowed(self, received: Received, text: str) -> bool:
        if await self._messages.take(_key(received)) == 0:
            return True
        alarm = self._crisis.detect(text)
        return alarm is not None and alarm.certain

    def _decide(
        self,
        received: Received,
        conversation: Conversation,
        letter: Letter,
        *,
        too_long: bool,
    ) -> Verdict:
        def at_once(key: str, wish: Wish | None = None, **values: object) -> Verdict:
            said = self._said(received, conversation, key, values)
            return Verdict(awaits_answer=False, said=(said,), wish=wish)

        if received.request is Request.stop:
            if received.answered:
                return Verdict(awaits_answer=False, wish=Wish.stop)
            return at_once("stopped", Wish.stop)
        if received.request is Request.start:
            if received.answered:
                return Verdict(awaits_answer=False, wish=Wish.start)
            return at_once("started", Wish.start)
        if received.request is Request.help:
            if received.answered:
                return Verdict(awaits_answer=False)
            return at_once("channel_help")
        if received.request is Request.welcome:
            return at_once("welcome_short")
        if too_long:
            return at_once("too_long", limit=self._max_length)
        if not letter.text and letter.choice is None:
            return at_once("no_pictures" if received.attachments else "empty")
        if letter.choice is not None:
            # Whole, and in the citizen's language: what stood on the button may be cut.
            return Verdict(text=self._renderer.title(letter.choice, conversation.language))
        return Verdict()

    def _is_choice(self, code: str | None) -> bool:
        try:
            return code is not None and bool(self._renderer.title(code, self._language))
        except KeyError:
            return False

    def _said(
        self, received: Received, conversation: Conversation, key: str, values: dict[str, object]
    ) -> Said:
        language = received.language or conversation.language
        rendered: Rendered = self._renderer.render(Reply(key, values), language)
        parcels = self._dispatch.parcels(conversation, received.channel, received.address, rendered)
        return Said(rendered, parcels)


def _key(received: Received) -> str:
    return f"{received.channel}:{received.address}"
