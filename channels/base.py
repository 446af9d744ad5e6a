"""What every channel offers to the composition root, and what it gets from it.

A channel that pushes is pure at both ends: :meth:`PushChannel.parse` reads a provider's request
into events, :meth:`~conversations.delivery.port.Outlet.render` shapes what is said. In between
the core stores, answers and delivers; the channel's router only carries requests to
:meth:`Access.take`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from fastapi import APIRouter

from channels.intake import Event, Intake
from conversations.continuation import Continuation
from conversations.delivery.port import Outlet
from conversations.models import Capabilities
from conversations.service import Conversations


@dataclass(frozen=True)
class Access:
    """What a channel's routes may use."""

    conversations: Conversations
    continuation: Continuation
    intake: Intake
    languages: tuple[str, ...]


class Channel(Protocol):
    """A way for citizens to write. The contract suite runs over every registered one."""

    @property
    def name(self) -> str:
        """As stored with a message."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can show and do."""

    def router(self, access: Access) -> APIRouter:
        """The channel's HTTP routes."""


@dataclass(frozen=True)
class Webhook:
    """A provider's request, before anything of it is believed."""

    path: str
    """With the query, as it was sent."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class WebhookRefused(Exception):
    """The root of what can be wrong with a provider's request.

    * :class:`WrongSignature`   - not from the provider, or not for us: 403, and nothing is stored
    * :class:`MalformedWebhook` - from the provider, but not to be read: 400
    """

    status = 400


class WrongSignature(WebhookRefused):
    status = 403


class MalformedWebhook(WebhookRefused):
    pass


@runtime_checkable
class PushChannel(Channel, Outlet, Protocol):
    """A channel whose provider calls us, and that we call to send."""

    def verify(self, webhook: Webhook) -> None:
        """Raises :class:`WrongSignature` for what the provider did not sign."""

    def parse(self, webhook: Webhook) -> Sequence[Event]:
        """What has happened, in order. Raises :class:`MalformedWebhook`."""

    async def close(self) -> None:
        """Let connections to the provider go."""
