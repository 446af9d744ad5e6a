"""Turns what can go wrong into answers that a citizen can read."""

from __future__ import annotations

import math

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from conversations.models import (
    ConversationNotFound,
    MessageRejected,
    TooManyMessages,
)
from conversations.rendering.renderer import Renderer

_TOO_LONG = 413


def preferred_language(header: str | None, supported: tuple[str, ...]) -> str:
    """The first supported language of an ``Accept-Language`` header, by its weights."""
    wanted = []
    for part in (header or "").split(","):
        code, _, rest = part.strip().partition(";")
        try:
            weight = float(rest.partition("q=")[2] or 1)
        except ValueError:
            weight = 0.0
        wanted.append((-weight, code.split("-")[0].lower()))
    return next((code for _, code in sorted(wanted) if code in supported), supported[0])


class ErrorSentences:
    """FastAPI exception handlers that speak the citizen's language."""

    def __init__(self, renderer: Renderer, languages: tuple[str, ...]) -> None:
        self._renderer = renderer
        self._languages = languages

    def language(self, request: Request) -> str:
        """The conversation's, as far as the route knows it; else the browser's."""
        known = getattr(request.state, "language", None)
        return known or preferred_language(request.headers.get("accept-language"), self._languages)

    def response(
        self, request: Request, status: int, code: str, values: dict[str, object] | None = None
    ) -> JSONResponse:
        """An error body with the sentence ``code`` of the reply texts."""
        message = self._renderer.sentence(code, self.language(request), values)
        return JSONResponse({"error": {"code": code, "message": message}}, status)

    async def conversation_error(self, request: Request, error: Exception) -> Response:
        """Handles every :class:`ConversationError`."""
        if isinstance(error, ConversationNotFound):
            return self.response(request, 404, "not_found")
        if isinstance(error, TooManyMessages):
            seconds = max(1, math.ceil(error.retry_after))
            values: dict[str, object] = {"seconds": seconds, "minutes": math.ceil(seconds / 60)}
            response = self.response(request, 429, error.reply, values)
            response.headers["Retry-After"] = str(seconds)
            return response
        if isinstance(error, MessageRejected):
            status = _TOO_LONG if error.reply == "too_long" else 422
            return self.response(request, status, error.reply, error.values)
        raise error

    async def failed(self, request: Request, error: Exception) -> Response:
        """Handles what nobody foresaw. It is logged elsewhere; the citizen gets a sentence."""
        return self.response(request, 500, "failed")

    async def bad_request(self, request: Request, error: Exception) -> Response:
        """Handles bodies and parameters that do not fit the schema. The input is not echoed."""
        return self.response(request, 422, "bad_request")
