"""The Messenger channel, as the registry knows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Self

from fastapi import APIRouter

from channels.base import Access, Webhook, WrongSignature
from channels.intake import Event
from channels.messenger.client import Clock, MessengerClient
from channels.messenger.parse import NAME, parse
from channels.messenger.render import CAPABILITIES, render
from channels.messenger.settings import MessengerSettings
from channels.meta.routes import build_router
from channels.meta.signature import check_signature
from conversations.delivery.port import Outgoing, Payload, Rejected
from conversations.models import MessageRejected, Rendered

_NOT_SET_UP = "not set up"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class MessengerChannel:
    """A page on Messenger. Without settings every webhook and every message is refused."""

    name = NAME
    capabilities = CAPABILITIES

    def __init__(
        self,
        public_url: str,  # noqa: ARG002 - every channel is built alike
        settings: MessengerSettings | None = None,
        *,
        clock: Clock = _now,
    ) -> None:
        """Without ``settings`` the channel is there and does nothing."""
        self._settings = settings
        self._client = MessengerClient(self._settings, clock) if self._settings else None

    @classmethod
    def from_environment(cls, public_url: str) -> Self:
        """The channel as it is set up. Raises ``ValueError`` if that is done by half."""
        return cls(public_url, MessengerSettings.from_environment())

    def router(self, access: Access) -> APIRouter:
        token = self._settings.verify_token if self._settings else None
        return build_router(self, access, token)

    def verify(self, webhook: Webhook) -> None:
        if self._settings is None:
            raise WrongSignature(_NOT_SET_UP)
        check_signature(webhook, self._settings.app_secret)

    def parse(self, webhook: Webhook) -> Sequence[Event]:
        if self._settings is None:
            raise WrongSignature(_NOT_SET_UP)
        return parse(webhook.body, self._settings.page_id)

    def address_of(self, text: str) -> str:  # noqa: ARG002 - the same for every text
        # Meta gives each citizen a number for each page; nobody knows their own.
        raise MessageRejected("unknown_channel")

    def render(self, rendered: Rendered, link: str | None) -> Sequence[Payload]:
        return render(rendered, link)

    def offered(self, rendered: Rendered, payloads: Sequence[Payload]) -> int:
        return len(rendered.choices) if payloads and rendered.neutral is None else 0

    async def send(self, outgoing: Outgoing) -> str:
        return await self._ready().send(outgoing)

    async def find(self, outgoing: Outgoing) -> str | None:
        return await self._ready().find(outgoing)

    async def typing(self, address: str) -> None:
        if self._client is not None:
            await self._client.typing(address)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    def _ready(self) -> MessengerClient:
        if self._client is None:
            raise Rejected(_NOT_SET_UP)
        return self._client
