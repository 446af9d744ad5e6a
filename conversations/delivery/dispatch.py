"""Turns what is said into parcels for the address that it goes to."""

from __future__ import annotations

from collections.abc import Mapping

from conversations.delivery.port import Outlet, Parcel
from conversations.models import Conversation, Rendered

_DANGER = "crisis_"
"""Replies with numbers to call reach also those who asked for no more messages."""


class Dispatch:
    """Knows the outlets and the address of the website."""

    def __init__(self, outlets: Mapping[str, Outlet], public_url: str) -> None:
        self._outlets = outlets
        self._public_url = public_url.rstrip("/")

    def outlet(self, channel: str) -> Outlet | None:
        """The channel's outlet; None for one whose readers fetch by themselves."""
        return self._outlets.get(channel)

    def reachable(self) -> list[str]:
        """The channels on which a conversation can go on: the citizen types where."""
        outlets = self._outlets.items()
        return [name for name, outlet in outlets if outlet.capabilities.typed_addresses]

    def link(self, conversation: Conversation) -> str | None:
        """The short link to the conversation on the web."""
        code = conversation.link_code
        return f"{self._public_url}/s/{code}" if code is not None else None

    def parcels(
        self, conversation: Conversation, channel: str, address: str | None, said: Rendered
    ) -> tuple[Parcel, ...]:
        """What to send so that ``said`` reaches the citizen there; nothing for the website."""
        outlet = self._outlets.get(channel)
        if outlet is None or address is None:
            return ()
        despite_stop = said.reply.startswith(_DANGER) or said.reply == "stopped"
        payloads = outlet.render(said, self.link(conversation))
        offered = outlet.offered(said, payloads)
        return tuple(
            Parcel(channel, address, payload, despite_stop, offered) for payload in payloads
        )
