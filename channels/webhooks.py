"""Carries a provider's request through verifying and reading into the core."""

from __future__ import annotations

from urllib.parse import quote

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse, Response

from channels.base import Access, PushChannel, Webhook, WebhookRefused

log = structlog.get_logger(__name__)

PREFIX = "/channels/"
"""Where providers call."""


async def take(request: Request, channel: PushChannel, access: Access) -> None:
    """Verify, read and store. Raises :class:`WebhookRefused`.

    The signature comes before everything: nothing that is unsigned reaches a parser.
    """
    webhook = await webhook_of(request)
    channel.verify(webhook)
    await access.intake.take(channel.parse(webhook))


async def webhook_of(request: Request) -> Webhook:
    """The request as the provider sent it."""
    # As it was signed: not decoded.
    raw: bytes = request.scope.get("raw_path") or quote(request.url.path).encode()
    query: bytes = request.scope["query_string"]
    path = (raw.partition(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")
    return Webhook(path, dict(request.headers), await request.body())


async def refuse(_: Request, error: Exception) -> Response:
    """The answer to a request that was refused; for FastAPI's exception handlers."""
    status = error.status if isinstance(error, WebhookRefused) else WebhookRefused.status
    log.warning("webhook_refused", reason=str(error) or type(error).__name__)
    code = "forbidden" if status == 403 else "bad_request"
    return JSONResponse({"error": {"code": code, "message": str(error)}}, status)
