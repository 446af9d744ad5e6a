"""Sends text messages through Twilio, and finds out about those that nobody answered for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from channels.sms.settings import TwilioSettings
from channels.sms.transport import Transport
from conversations.delivery.port import Outgoing, Rejected, Unclear

_SKEW = dt.timedelta(minutes=1)
"""How much Twilio's clock may be behind ours."""
_PAGE = 100
_PAGES = 5
"""Messages to one citizen to look through: more than any outage piles up."""
_SERVICE = "MG"


class TwilioClient:
    """One account with Twilio, through Twilio's SDK."""

    def __init__(self, settings: TwilioSettings, status_url: str) -> None:
        """``status_url`` is called back about each message, with our id for it."""
        self._status_url = status_url
        sid = settings.account_sid
        self._transport = Transport()
        client = Client(
            sid,
            settings.auth_token.get_secret_value(),
            http_client=self._transport,
            # Not empty, or the SDK reads a region and credentials from the real one.
            environment={"TWILIO_ACCOUNT_SID": sid},
        )
        client.api.base_url = settings.api_url
        # The SDK loads its modules now: half a second that the first message should not wait.
        self._messages = client.messages
        chosen = "messaging_service_sid" if settings.sender.startswith(_SERVICE) else "from_"
        self._sender = {chosen: settings.sender}

    async def send(self, outgoing: Outgoing) -> str:
        """Twilio's id. Raises :class:`~conversations.delivery.port.DeliveryFailure`."""
        with _readable():
            message = await self._messages.create_async(
                to=outgoing.address,
                body=outgoing.payload["body"],
                status_callback=f"{self._status_url}?delivery={outgoing.id}",
                # What is replaceable is replaced already, and ``find`` compares texts.
                smart_encoded=False,
                **self._sender,
            )
            return _sid(message.sid)

    async def find(self, outgoing: Outgoing) -> str | None:
        """Twilio's id of a message that may have been sent; the oldest, if several may be it.

        There is no filter by date: Twilio's goes by when a message was sent, and one that still
        waits to be sent has been taken on all the same.
        Raises :class:`~conversations.delivery.port.DeliveryFailure` if Twilio cannot say.
        """
        since = outgoing.first_tried - _SKEW
        found: list[tuple[dt.datetime, str]] = []
        try:
            with _readable():
                page = await self._messages.page_async(to=outgoing.address, page_size=_PAGE)
                for _ in range(_PAGES):
                    messages = list(page)
                    recent = [item for item in messages if _created(item) >= since]
                    found += [(_created(item), _sid(item.sid)) for item in recent if _is(item, outgoing)]
                    if len(recent) < len(messages):
                        page = None
                    else:
                        page = await page.next_page_async()
                    if page is None:
                        # Newest first: of those of the same second, the last is the oldest.
                        return min(reversed(found))[1] if found else None
        except Rejected as error:
            raise Unclear(f"not to be asked: {error}") from error
        raise Unclear("too many messages to look through")

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()
