"""Requests to Twilio over httpx, with failures as what they mean for a delivery."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from channels.sms.settings import CONNECT_SECONDS, TOTAL_SECONDS
from conversations.delivery.port import DeliveryFailure, Rejected, Stopped, TryLater, Unclear

_NOT_RECEIVED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
"""Ends of a request that never began."""
_STOPPED = 21610
_FULL = frozenset({20429, 21611})
"""Too many requests, and a sender whose queue at Twilio is full."""
_PHONE = re.compile(r"\+?\d{5,}[\dX]*")
_MAX_REASON = 180


class Transport(AsyncHttpClient):  # type: ignore[misc]
    """Carries the SDK's requests. Raises :class:`DeliveryFailure` for everything but a success.

    The SDK's own errors know neither ``Retry-After`` nor, for lists, the status. Its log would
    tell numbers and texts: nothing here writes to it.
    """

    def __init__(self) -> None:
        super().__init__(logging.getLogger(__name__), is_async=True)
        timeout = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS)
        self._client = httpx.AsyncClient(timeout=timeout)

    async def request(  # noqa: PLR0917 - the SDK's signature
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the SDK's; ours are those of the settings
        allow_redirects: bool = False,
    ) -> Response:
        """As the SDK calls it. Raises :class:`DeliveryFailure`."""
        try:
            # httpx limits each step, which a slow trickle could make last for ever.
            async with asyncio.timeout(TOTAL_SECONDS):
                response = await self._client.request(
                    method,
                    uri,
                    # Empty parameters would replace those that the address of a next page has.
                    params=params or None,
                    data=data,
                    headers=headers,
                    auth=auth,
                    follow_redirects=allow_redirects,
                )
        except _NOT_RECEIVED as error:
            raise TryLater(type(error).__name__) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unclear(type(error).__name__) from error
        if not response.is_success:
            raise failure(response.status_code, response.headers, response.text)
        return Response(response.status_code, response.text, response.headers)

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()


def failure(status: int, headers: Mapping[str, str], text: str) -> DeliveryFailure:
    """What an answer other than a success means for the message that was to be sent."""
    code, message = _told(text)
    # Twilio repeats the number that it does not like. It is personal, and reasons are shown.
    message = _PHONE.sub("(number)", message)
    reason = f"{code}: {message}"[:_MAX_REASON] if code is not None else f"HTTP {status}"
    if code == _STOPPED:
        return Stopped(reason)
    if status == httpx.codes.TOO_MANY_REQUESTS or code in _FULL:
        return TryLater(reason, retry_after(headers.get("retry-after", "")))
    if status >= 500:
        # Something broke there, before or after the message was taken in.
        return Unclear(reason)
    return Rejected(reason)


def _told(text: str) -> tuple[int | None, str]:
    """Twilio's error code and message, if the answer is Twilio's."""
    try:
        told = json.loads(text)
    except ValueError:
        return None, ""
    if not isinstance(told, dict) or not isinstance(told.get("code"), int):
        return None, ""
    return told["code"], str(told.get("message") or "")


def retry_after(value: str) -> float | None:
    """Seconds to wait, from a number of them or a date."""
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,6}", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - dt.datetime.now(tz=dt.UTC)).total_seconds())
