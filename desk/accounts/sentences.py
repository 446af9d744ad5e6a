"""Turns the desk's errors into answers that a member can read."""

from __future__ import annotations

from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from conversations.rendering.replies import ReplyTexts, load_replies
from desk.errors import DeskError, TooManyTries

LANGUAGES = ("da", "en")
_TEXTS = Path(__file__).parents[1] / "texts"


def load_texts() -> ReplyTexts:
    """The desk's own texts; Danish is what is fallen back to."""
    return load_replies(_TEXTS, LANGUAGES)


def wanted_language(request: Request) -> str:
    """The member's; before anybody has signed in, the browser's."""
    known = getattr(request.state, "desk_language", None)
    if known is not None:
        return str(known)
    # Browsers name the language they want most first.
    header = request.headers.get("accept-language", "")
    codes = (part.strip().partition(";")[0].partition("-")[0].lower() for part in header.split(","))
    return next((code for code in codes if code in LANGUAGES), LANGUAGES[0])


class DeskSentences:
    """A FastAPI exception handler."""

    def __init__(self, texts: ReplyTexts) -> None:
        self._texts = texts

    async def answer(self, request: Request, error: Exception) -> Response:
        """Handles every :class:`DeskError`."""
        if not isinstance(error, DeskError):
            raise error
        message = self._texts.text(error.code, wanted_language(request), error.values)
        body = {"error": {"code": error.code, "message": message}}
        response = JSONResponse(body, error.status, {"Cache-Control": "no-store"})
        if isinstance(error, TooManyTries):
            response.headers["Retry-After"] = str(error.retry_after)
        return response
