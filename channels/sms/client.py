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
_NEVER_OLD = dt.datetime.max.replace(tzinfo=dt.UTC)


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
        body = outgoing.payload["body"]
        with _readable():
            message = await self._messages.create_async(
                to=outgoing.address,
                body=body,
                status_callback=f"{self._status_url}?delivery={outgoing.id}",
                # What can be replaced is replaced already, and :meth:`find` compares texts.
                smart_encoded=False,
                **self._sender,
            )
            return _sid(message)

    async def find(self, outgoing: Outgoing) -> str | None:
        """Twilio's id of a message that may have been sent; the oldest, if several may be it.

        Raises :class:`~conversations.delivery.port.DeliveryFailure` if Twilio cannot say.
        """
        body = outgoing.payload["body"].strip()
        try:
            with _readable():
                candidates = [
                    message
                    for message in await self._since(outgoing.address, outgoing.first_tried - _SKEW)
                    if message.direction == "outbound-api"
                    and (message.body or "").strip() == body
                    and message.sid not in outgoing.known
                ]
                # They come newest first: of several in the same second, the last is the oldest.
                oldest = min(reversed(candidates), key=_created, default=None)
                return _sid(oldest) if oldest is not None else None
        except Rejected as error:
            # The question was refused. That says nothing of the message.
            raise Unclear(str(error)) from error

    async def _since(self, address: str, moment: dt.datetime) -> list[Any]:
        """The messages to an address that were created from ``moment`` on, newest first.

        Twilio's filter by date knows days, and goes by when a message was sent: one that still
        waits there has no such date, and must be found all the same. So there is none here.
        """
        recent: list[Any] = []
        page = await self._messages.page_async(to=address, page_size=_PAGE)
        for _ in range(_PAGES):
            some = [message for message in page if _created(message) >= moment]
            recent += some
            page = await page.next_page_async() if some else None
            if page is None:
                return recent
        raise Unclear("too many messages to look through")

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()


@contextmanager
def _readable() -> Iterator[None]:
    """Raises :class:`Unclear` for an answer that the SDK cannot read: a proxy's page, say."""
    try:
        yield
    except (TwilioException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unclear(f"unreadable answer: {type(error).__name__}") from error


def _created(message: Any) -> dt.datetime:
    """When Twilio took it on; without a date it counts as new."""
    created = message.date_created
    return created if isinstance(created, dt.datetime) else _NEVER_OLD


def _sid(message: Any) -> str:
    if not isinstance(message.sid, str) or not message.sid:
        raise TypeError("a message without an id")
    return message.sid
