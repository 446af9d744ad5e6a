"""Limits and headers for every request, as plain ASGI middleware."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'self'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


Handler = Callable[[Request, Exception], Awaitable[Response]]


def with_headers(handler: Handler) -> Handler:
    """For the handler of unforeseen errors: it answers from outside all middleware."""

    async def handle(request: Request, error: Exception) -> Response:
        response = await handler(request, error)
        response.headers.update(HEADERS)
        return response

    return handle


class SecurityHeaders:
    """Adds the headers that browsers need to protect citizens."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class BodyLimit:
    """Refuses a body of more than ``limit`` bytes with 413, whatever its headers promise."""

    def __init__(
        self, app: ASGIApp, limit: int, exempt: str, larger: Mapping[str, int] | None = None
    ) -> None:
        """``exempt`` is the path prefix of our own processes, ``larger`` has limits by prefix."""
        self._app = app
        self._larger = larger or {}
        self._limit = limit
        self._exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._exempt):
            await self._app(scope, receive, send)
            return
        limit = next(
            (size for prefix, size in self._larger.items() if scope["path"].startswith(prefix)),
            self._limit,
        )
        # Read it first: nothing of an over-long body may reach a parser.
        chunks: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            more = message.get("more_body", False)
            if size > limit:
                error = {"error": {"code": "too_long", "message": "The request is too large."}}
                await JSONResponse(error, 413, {"Connection": "close"})(scope, receive, send)
                return
        body: Message | None = {"type": "http.request", "body": b"".join(chunks)}

        async def replay() -> Message:
            nonlocal body
            if body is not None:
                message, body = body, None
                return message
            return await receive()

        await self._app(scope, replay, send)
