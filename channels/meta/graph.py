"""A client of Meta's Graph API: one request, and what its failure means for a delivery."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import SecretStr

from conversations.delivery.port import DeliveryFailure, Rejected, TryLater, Unclear

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0

_THROTTLED = frozenset({4, 17, 32, 613, 80006})
"""Too many calls: by the app, the user, the page, of this kind, for this messaging account."""
_FINAL = frozenset({10, 100, 190, 200, 551, 1545041})
"""Not sent, and not because of the moment: no permission or outside the window, a parameter, the
token, the page's rights, a person who cannot be reached."""
_FINAL_SUBCODES = frozenset({2018278, 1545041})
"""Outside the window; a person who takes no messages. They come with several codes."""
_VAGUE = frozenset({1, 2, 1200})
"""An unknown error, a service that is away, a temporary failure: it may have been sent. So much
is not said by their description, and asking costs one request."""

_LONGEST_REASON = 180
_LONGEST_WAIT = 3600.0
_REVEALING = re.compile(r"\S*\d{8,}\S*|[\w|-]{24,}")
"""Ids of people, and tokens: Meta repeats a malformed one in its message."""


class Graph:
    """One token's way to the API. Raises only :class:`DeliveryFailure`.

    The token travels in a header: addresses end up in logs.
    """

    def __init__(self, api_url: str, version: str, token: SecretStr) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{api_url}/{version}",
            headers={"Authorization": f"Bearer {token.get_secret_value()}"},
            timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS),
        )

    async def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a question."""
        return await self._request("GET", path, params=params)

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to an order. After :class:`Unclear` it may have been carried out."""
        return await self._request("POST", path, json=body)

    async def _request(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                response = await self._client.request(method, path, **content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TryLater(f"no connection: {type(error).__name__}") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unclear(f"no answer: {type(error).__name__}") from error
        try:
            body = response.json()
        except (ValueError, RecursionError):
            body = None
        if not response.is_success:
            raise failure(response.status_code, body, response.headers.get("retry-after"))
        if not isinstance(body, dict):
            raise Unclear("an answer that cannot be read")
        return body

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()


def failure(status: int, body: object, retry_after: str | None = None) -> DeliveryFailure:
    """What an answer other than 2xx means; ``body`` is its JSON, if it is any."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        error = {}
    code, subcode = error.get("code"), error.get("error_subcode")
    reason = _reason(status, error)
    if status == 429 or _among(code, _THROTTLED):
        return TryLater(reason, _seconds(retry_after))
    if error.get("is_transient") is True:
        return Unclear(reason)
    if _among(code, _FINAL) or _among(subcode, _FINAL_SUBCODES):
        return Rejected(reason)
    if status >= 500 or _among(code, _VAGUE):
        return Unclear(reason)
    return Rejected(reason)


def _among(value: object, codes: frozenset[int]) -> bool:
    return isinstance(value, int) and value in codes


def _reason(status: int, error: Mapping[str, Any]) -> str:
    """``10/2018278: This message is sent outside of allowed window.``"""
    codes = [error.get("code"), error.get("error_subcode")]
    name = "/".join(str(code) for code in codes if isinstance(code, int)) or f"HTTP {status}"
    message = error.get("message")
    if not isinstance(message, str):
        return name
    # Cut first: what is searched then is short.
    message = _REVEALING.sub("…", " ".join(message[: 4 * _LONGEST_REASON].split()))
    return f"{name}: {message}"[:_LONGEST_REASON]


def _seconds(retry_after: str | None) -> float | None:
    if retry_after is None or not re.fullmatch(r"[0-9]{1,9}", retry_after):
        return None
    return min(float(retry_after), _LONGEST_WAIT)
