"""Going on elsewhere: from the website to a phone, and from a phone to the website.

Whoever can read what is sent to an address holds it. A link, or a number typed into a form, opens
nothing by itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from conversations.delivery.dispatch import Dispatch
from conversations.events.port import Events
from conversations.limits.port import RateLimit
from conversations.models import (
    Conversation,
    ConversationNotFound,
    MessageRejected,
    Reply,
    TooManyMessages,
)
from conversations.rendering.renderer import Renderer
from conversations.store.codes import (
    CodeGone,
    OneTimeCodes,
    Purpose,
    WrongCode,
    new_code,
)
from conversations.store.writing import Said
from conversations.turns import TurnRunner

_MINUTES = 10
_TRIES = 5


class Continuation:
    """Sends one-time codes and acts on the right ones."""

    def __init__(
        self,
        *,
        codes: OneTimeCodes,
        dispatch: Dispatch,
        renderer: Renderer,
        turns: TurnRunner,
        events: Events,
        per_conversation: RateLimit,
        per_address: RateLimit,
        sent: Callable[[], None],
    ) -> None:
        self._codes = codes
        self._dispatch = dispatch
        self._renderer = renderer
        self._turns = turns
        self._events = events
        self._per_conversation = per_conversation
        self._per_address = per_address
        self._sent = sent

    def channels(self) -> list[str]:
        """Where a conversation can go on."""
        return self._dispatch.reachable()

    async def begin(self, conversation: Conversation, channel: str, text: str) -> None:
        """Send a code to the address that the citizen typed.

        Raises :class:`MessageRejected` for a bad address and :class:`TooManyMessages`.
        """
        outlet = self._dispatch.outlet(channel)
        if outlet is None or channel not in self.channels():
            raise MessageRejected("unknown_channel")
        await self._send(conversation, Purpose.joining, channel, outlet.address_of(text))

    async def confirm(self, conversation: Conversation, code: str) -> None:
        """Join the address that got the code to the conversation.

        Raises :class:`MessageRejected` for a code that is wrong or gone.
        """
        language = conversation.language

        def said(joined: Conversation, channel: str, address: str) -> Said:
            rendered = self._renderer.render(Reply("joined"), language)
            return Said(rendered, self._dispatch.parcels(joined, channel, address, rendered))

        earlier = self._renderer.render(Reply("joined_earlier"), language)
        try:
            await self._codes.join(conversation.id, _digits(code), said, earlier)
        except (WrongCode, CodeGone) as error:
            raise _rejection(error) from error
        self._sent()
        # Something may have come in on the other side that is not answered yet.
        self._turns.submit(conversation.id)
        await self._events.publish(conversation.id)

    async def behind(self, link_code: str) -> Conversation:
        """The conversation behind a short link. Raises :class:`ConversationNotFound`."""
        found = await self._codes.behind(link_code)
        if found is None:
            raise ConversationNotFound(link_code)
        return found[0]

    async def ask(self, link_code: str) -> None:
        """Send a code to the address that last wrote in the conversation behind the link.

        Raises :class:`ConversationNotFound` and :class:`TooManyMessages`.
        """
        found = await self._codes.behind(link_code)
        if found is None:
            raise ConversationNotFound(link_code)
        conversation, channel, address = found
        await self._send(conversation, Purpose.opening, channel, address)

    async def open(self, link_code: str, code: str) -> tuple[str, str]:
        """The conversation's id and a new token for it.

        Raises :class:`ConversationNotFound`, and :class:`MessageRejected` for a code that is
        wrong or gone.
        """
        conversation = await self.behind(link_code)
        try:
            return conversation.id, await self._codes.open(conversation.id, _digits(code))
        except (WrongCode, CodeGone) as error:
            raise _rejection(error) from error

    async def _send(
        self, conversation: Conversation, purpose: Purpose, channel: str, address: str
    ) -> None:
        for limit, key in (
            (self._per_conversation, conversation.id),
            (self._per_address, f"{channel}:{address}"),
        ):
            if wait := await limit.take(key):
                raise TooManyMessages(wait, "codes_used_up")
        if self._dispatch.outlet(channel) is None:
            # It was set up when the citizen wrote from there, and is no more.
            raise MessageRejected("unknown_channel")
        code = new_code()
        rendered = self._renderer.render(
            Reply("one_time_code", {"code": code, "minutes": _MINUTES}), conversation.language
        )
        await self._codes.issue(
            conversation.id,
            purpose,
            code,
            self._dispatch.parcels(conversation, channel, address, rendered),
            seconds=_MINUTES * 60,
            tries=_TRIES,
        )
        self._sent()


def _digits(code: str) -> str:
    """The code as people type it: with spaces, with a dash, in the digits of their keyboard."""
    return "".join(str(unicodedata.decimal(letter)) for letter in code if letter.isdecimal())[:12]


def _rejection(error: WrongCode | CodeGone) -> MessageRejected:
    if isinstance(error, WrongCode):
        return MessageRejected("code_wrong", tries=error.tries_left)
    return MessageRejected("code_gone")
