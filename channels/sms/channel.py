"""Text messages through Twilio, as the registry and the outbox know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

from fastapi import APIRouter

from channels.base import Access, Webhook, WrongSignature
from channels.intake import Event
from channels.sms.client import TwilioClient
from channels.sms.numbers import NotAPhoneNumber, Reason, normalise
from channels.sms.parse import parse
from channels.sms.render import MAX_LENGTH, offered, render
from channels.sms.routes import STATUS_PATH, build_router
from channels.sms.settings import TwilioSettings, settings_from_environment
from channels.sms.verify import verify
from conversations.delivery.port import Outgoing, Payload, Rejected
from conversations.models import Capabilities, MessageRejected, Rendered

_NOT_SET_UP = "not set up"
_WHY_NOT: Mapping[Reason, str] = {
    Reason.empty: "number_empty",
    Reason.not_a_number: "number_bad",
    Reason.impossible: "number_bad",
    Reason.not_mobile_capable: "number_no_text",
}


class SmsChannel:
    """Citizens' phones. An address is a number in E.164.

    Without ``settings`` it is there and does nothing: webhooks and messages are refused.
    """

    name = "sms"

    def __init__(self, public_url: str, settings: TwilioSettings | None) -> None:
        """``public_url`` is the guide's as Twilio calls it, without a slash at its end."""
        self._public_url = public_url
        self._settings = settings
        self.capabilities = Capabilities(
            buttons=False,
            cards=False,
            max_length=MAX_LENGTH,
            typed_addresses=settings is not None,
            typing=False,
            status_callbacks=True,
        )
        self._client = (
            TwilioClient(settings, public_url + STATUS_PATH) if settings is not None else None
        )

    @classmethod
    def from_environment(cls, public_url: str) -> Self:
        """The channel as it is set up. Raises ``ValueError`` if that is done by half."""
        return cls(public_url, settings_from_environment())

    def router(self, access: Access) -> APIRouter:
        return build_router(self, access)

    def verify(self, webhook: Webhook) -> None:
        if self._settings is None:
            raise WrongSignature(_NOT_SET_UP)
        verify(webhook, self._settings, self._public_url)

    def parse(self, webhook: Webhook) -> Sequence[Event]:
        return parse(webhook, self.name, STATUS_PATH)

    def address_of(self, text: str) -> str:
        if self._settings is None:
            raise MessageRejected("unknown_channel")
        try:
            return normalise(text)
        except NotAPhoneNumber as error:
            raise MessageRejected(_WHY_NOT[error.reason]) from error

    def render(self, rendered: Rendered, link: str | None) -> Sequence[Payload]:
        return render(rendered, link)

    def offered(self, rendered: Rendered, payloads: Sequence[Payload]) -> int:
        return offered(rendered, payloads)

    async def send(self, outgoing: Outgoing) -> str:
        return await self._twilio().send(outgoing)

    async def find(self, outgoing: Outgoing) -> str | None:
        return await self._twilio().find(outgoing)

    async def typing(self, address: str) -> None:
        """A phone cannot show it."""

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    def _twilio(self) -> TwilioClient:
        if self._client is None:
            raise Rejected(_NOT_SET_UP)
        return self._client
