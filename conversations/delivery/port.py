"""What the outbox asks of a channel that pushes messages to a provider."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from conversations.models import Author, Capabilities, Rendered

Payload = dict[str, Any]
"""What to send, in a channel's own words; kept as JSON."""


class DeliveryFailure(Exception):
    """The root of what can go wrong when a provider is asked to send.

    * :class:`TryLater`  - not sent, and worth another try: throttled, a fault at the provider
    * :class:`Unclear`   - nobody knows whether it was sent: ask before trying again
    * :class:`Rejected`  - not sent, and never will be as it is
      * :class:`Stopped` - the citizen wants no more messages
    """


class TryLater(DeliveryFailure):
    """``after`` is the provider's own wish, in seconds."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Unclear(DeliveryFailure):
    pass


class Rejected(DeliveryFailure):
    pass


class Stopped(Rejected):
    pass


class DeliveryState(StrEnum):
    """Where a delivery stands. It only moves down this list, and ends where it says so."""

    pending = "pending"
    unclear = "unclear"
    """The provider may have it: to be asked."""
    sending = "sending"
    sent = "sent"
    delivered = "delivered"
    read = "read"
    failed = "failed"
    """The end: the provider took it and could not deliver it."""
    rejected = "rejected"
    """The end: the provider did not take it."""
    stopped = "stopped"
    """The end: the citizen wants no more messages."""


OPEN = (DeliveryState.pending, DeliveryState.unclear, DeliveryState.sending)
"""Not handed over yet: whatever comes after it to the same address waits."""
DEAD = (DeliveryState.failed, DeliveryState.rejected)
"""Undeliverable: to be looked at, and sent again if that makes sense."""


@dataclass(frozen=True)
class Parcel:
    """Something to send, before it has a place in the outbox."""

    channel: str
    address: str
    payload: Payload
    despite_stop: bool = False
    offered: int | None = None
    """How many of the choices it shows, from the first on; None: all of them."""


@dataclass(frozen=True)
class Outgoing:
    """A delivery in the hands of a worker."""

    id: str
    """Our name for it, the same at every try."""
    channel: str
    address: str
    payload: Payload
    author: Author | None
    """Who says it: some providers let people write longer than machines. None for a code."""
    attempt: int
    """Counts from 1."""
    maybe_sent: bool
    """An earlier try ended without an answer: ask the provider first."""
    first_tried: dt.datetime
    """The provider cannot have it from before this moment."""
    heard_at: dt.datetime | None
    """When the citizen last wrote from this address."""
    known: frozenset[str] = frozenset()
    """The provider's ids of other deliveries to this address: none of them is this one."""


@dataclass(frozen=True)
class StatusReport:
    """What a provider says about a delivery: by our id, or by its own."""

    channel: str
    state: DeliveryState
    status: str
    """In the provider's words."""
    delivery_id: str | None = None
    provider_id: str | None = None
    error: str | None = None
    stopped: bool = False
    """The provider will deliver nothing to this citizen any more."""


class Outlet(Protocol):
    """A channel as the outbox sees it."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def address_of(self, text: str) -> str:
        """The address that a citizen typed, in its one true form.

        Raises :class:`~conversations.models.MessageRejected` where it cannot be one.
        """

    def render(self, rendered: Rendered, link: str | None) -> Sequence[Payload]:
        """What to send for something that is said; ``link`` leads to the whole of it."""

    def offered(self, rendered: Rendered, payloads: Sequence[Payload]) -> int:
        """How many of the choices the payloads show, from the first on."""

    async def send(self, outgoing: Outgoing) -> str:
        """The provider's id. Raises :class:`DeliveryFailure`."""

    async def find(self, outgoing: Outgoing) -> str | None:
        """The provider's id of a delivery that may have been sent, or None if it was not.

        Raises :class:`DeliveryFailure` if the provider cannot say.
        """

    async def typing(self, address: str) -> None:
        """Show that the guide is writing. Never fails."""
