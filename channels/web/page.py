"""The guide on a plain HTML page: no script, one form."""

import asyncio
import math
import re
import unicodedata
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup, escape

from channels.web import cookie as cookie_jar
from channels.web.errors import preferred_language
from channels.web.routes import client_address
from conversations.models import (
    Author,
    ConversationError,
    ConversationNotFound,
    MessageRejected,
    TooManyMessages,
)
from conversations.service import Conversations, View

_TEMPLATES = Path(__file__).parent / "templates"
_PATIENCE = 8.0
"""Seconds to hold a request until the answer is there, so that nobody has to reload."""
_CHANNEL_NAMES = {"sms": "SMS", "messenger": "Messenger"}
"""The same in every language."""
_URL_OR_GROUPS = re.compile(
    r"(?P<url>https?://[^\s<>]+[^\s<>.,;:!?)،؛؟])|\+?[0-9]+(?:[ \u00a0][0-9]+)+"
)
_LINK = Markup('<a href="{0}">{0}</a>')
_GROUPS = Markup('<bdi dir="ltr">{0}</bdi>')
"""Among words from right to left, each group of a number would change places with the next."""


def linked(text: str) -> Markup:
    """The text as HTML: escaped, with its web addresses as links and its numbers in order."""
    parts, end = [], 0
    for match in _URL_OR_GROUPS.finditer(text):
        parts.append(escape(text[end : match.start()]))
        parts.append((_LINK if match["url"] else _GROUPS).format(match[0]))
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def flow(text: str, direction: str | None) -> str:
    """The ``dir`` of a text that is said to be in a language of this direction.

    ``auto`` alone asks the first letter, and an Arabic sentence that begins with "MitID" would
    fall apart.
    """
    from_the_right = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
    return "rtl" if direction == "rtl" and from_the_right else "auto"


def same_origin(request: Request) -> None:
    """Refuses a form that another site sent: the second wall, behind the SameSite cookie."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "The form was sent from another site.")


def build_page_router(
    conversations: Conversations, name: str, languages: tuple[str, ...]
) -> APIRouter:
    """``/chat`` and its forms."""
    router = APIRouter(include_in_schema=False)
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=select_autoescape(["html"])
    )
    environment.filters["linked"] = linked
    environment.filters["flow"] = flow
    template = environment.get_template("chat.html")
    directions = {item.code: item.direction for item in conversations.languages()}

    def spoken(request: Request, view: View | None) -> str:
        if view is not None:
            return view.conversation.language
        return preferred_language(request.headers.get("accept-language"), languages)

    async def current(request: Request) -> View | None:
        try:
            return await conversations.open(*cookie_jar.read(request))
        except ConversationNotFound:
            return None

    Current = Annotated[View | None, Depends(current)]

    async def begin(request: Request, language: str | None = None) -> tuple[View, str]:
        wanted = language or spoken(request, None)
        conversation, token = await conversations.start(name, wanted, client_address(request))
        return await conversations.open(conversation.id, token), cookie_jar.value(
            conversation.id, token
        )

    def back(request: Request, cookie: str | None) -> Response:
        return cookie_jar.remember(request, RedirectResponse("/chat#latest", 303), cookie)

    async def render(
        request: Request, view: View | None, *, error: str = "", draft: str = "", status: int = 200
    ) -> HTMLResponse:
        language = spoken(request, view)
        messages = await conversations.read(view, 0) if view is not None else []
        last = messages[-1] if messages else None
        html = template.render(
            language=language,
            direction=directions[language],
            directions=directions,
            languages=conversations.languages(),
            channel_names=_CHANNEL_NAMES,
            messages=messages,
            choices=last.choices if last is not None and last.author is Author.guide else (),
            typing=view is not None and view.typing,
            max_length=conversations.max_length,
            say=lambda key: conversations.sentence(key, language),
            error=error,
            draft=draft,
        )
        return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})

    @router.get("/chat.css")
    async def style() -> FileResponse:
        return FileResponse(_TEMPLATES / "chat.css", media_type="text/css")

    @router.get("/chat")
    async def page(request: Request, view: Current) -> HTMLResponse:
        return await render(request, view)

    @router.post("/chat", dependencies=[Depends(same_origin)])
    async def say(
        request: Request,
        view: Current,
        text: Annotated[str, Form()] = "",
        choice: Annotated[str | None, Form(max_length=80)] = None,
    ) -> Response:
        cookie = None
        try:
            if view is None:
                view, cookie = await begin(request)
            await conversations.say(view, text, channel=name, choice=choice, client_message_id=None)
        except MessageRejected as error:
            sentence = conversations.sentence(error.reply, spoken(request, view), error.values)
            response = await render(request, view, error=sentence, draft=text, status=422)
            return cookie_jar.remember(request, response, cookie)
        except TooManyMessages as error:
            seconds = math.ceil(error.retry_after)
            values = {"seconds": seconds}
            sentence = conversations.sentence("rate_limited", spoken(request, view), values)
            response = await render(request, view, error=sentence, draft=text, status=429)
            response.headers["Retry-After"] = str(seconds)
            return cookie_jar.remember(request, response, cookie)
        await _wait(view)
        return back(request, cookie)

    async def _wait(view: View) -> None:
        try:
            async with asyncio.timeout(_PATIENCE), conversations.follow(view) as subscription:
                while await conversations.typing(view):
                    await subscription.wait(_PATIENCE)
        except TimeoutError:
            pass

    @router.post("/chat/language", dependencies=[Depends(same_origin)])
    async def choose(
        request: Request, view: Current, language: Annotated[str, Form(max_length=8)]
    ) -> Response:
        try:
            if view is not None:
                await conversations.choose_language(view, language)
                return back(request, None)
            _, cookie = await begin(request, language)
        except ConversationError as error:
            raise HTTPException(422, "Unknown language.") from error
        return back(request, cookie)

    @router.post("/chat/erase", dependencies=[Depends(same_origin)])
    async def erase(view: Current) -> Response:
        if view is not None:
            await conversations.erase(view)
        return cookie_jar.forget(RedirectResponse("/chat", 303))

    return router
