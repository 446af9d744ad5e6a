"""Going on elsewhere: by SMS from the website, and on the website from a short link."""

import math
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from channels.web import cookie as cookie_jar
from channels.web.errors import preferred_language
from channels.web.page import same_origin
from channels.web.routes import ERRORS, PREFIX, owner_check
from channels.web.schema import CodeRequest, ContinueRequest, ContinueResponse
from conversations.continuation import Continuation
from conversations.models import (
    Conversation,
    ConversationNotFound,
    MessageRejected,
    TooManyMessages,
)
from conversations.service import Conversations, View

_TEMPLATES = Path(__file__).parent / "templates"


def build_continue_router(
    conversations: Conversations, continuation: Continuation, languages: tuple[str, ...]
) -> APIRouter:
    """The widget's calls, and the pages behind a short link (``/s/<code>``)."""
    router = APIRouter()
    Owned = Annotated[View, Depends(owner_check(conversations))]

    @router.get("/api/web/continue", tags=["web"])
    async def channels() -> ContinueResponse:
        return ContinueResponse(channels=continuation.channels())

    @router.post(
        PREFIX + "/{conversation_id}/continue", status_code=202, tags=["web"], responses=ERRORS
    )
    async def begin(view: Owned, body: ContinueRequest) -> Response:
        await continuation.begin(view.conversation, body.channel, body.address)
        return Response(status_code=202)

    @router.post(
        PREFIX + "/{conversation_id}/continue/code",
        status_code=204,
        tags=["web"],
        responses=ERRORS,
    )
    async def confirm(view: Owned, body: CodeRequest) -> Response:
        await continuation.confirm(view.conversation, body.code)
        return Response(status_code=204)

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=select_autoescape(["html"])
    )
    template = environment.get_template("continue.html")

    def page(
        language: str,
        *,
        link_code: str | None,
        sent: bool = False,
        error: str = "",
        status: int = 200,
    ) -> HTMLResponse:
        html = template.render(
            language=language,
            direction=conversations.direction(language),
            say=lambda key: conversations.sentence(key, language),
            link_code=link_code,
            sent=sent,
            error=error,
        )
        # The address itself is a secret of a kind: it must not travel on. To ourselves it must:
        # without it a browser sends our own form as a stranger's.
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
        return HTMLResponse(html, status, headers=headers)

    async def behind(request: Request, link_code: str) -> tuple[Conversation | None, str]:
        try:
            conversation = await continuation.behind(link_code)
        except ConversationNotFound:
            accepted = request.headers.get("accept-language")
            return None, preferred_language(accepted, languages)
        return conversation, conversation.language

    @router.get("/s/{link_code}", include_in_schema=False)
    async def landing(request: Request, link_code: str) -> HTMLResponse:
        # Nothing is sent by looking: messengers and mail programs open links on their own.
        conversation, language = await behind(request, link_code)
        if conversation is None:
            return page(language, link_code=None, status=404)
        return page(language, link_code=link_code)

    @router.post(
        "/s/{link_code}/code", include_in_schema=False, dependencies=[Depends(same_origin)]
    )
    async def ask(request: Request, link_code: str) -> HTMLResponse:
        _, language = await behind(request, link_code)
        try:
            await continuation.ask(link_code)
        except (ConversationNotFound, MessageRejected):
            return page(language, link_code=None, status=404)
        except TooManyMessages as wait:
            minutes = math.ceil(wait.retry_after / 60)
            error = conversations.sentence("codes_used_up", language, {"minutes": minutes})
            response = page(language, link_code=link_code, sent=True, error=error, status=429)
            response.headers["Retry-After"] = str(math.ceil(wait.retry_after))
            return response
        return page(language, link_code=link_code, sent=True)

    @router.post(
        "/s/{link_code}/open", include_in_schema=False, dependencies=[Depends(same_origin)]
    )
    async def enter(
        request: Request, link_code: str, code: Annotated[str, Form(max_length=20)] = ""
    ) -> Response:
        _, language = await behind(request, link_code)
        try:
            conversation_id, token = await continuation.open(link_code, code)
        except ConversationNotFound:
            return page(language, link_code=None, status=404)
        except MessageRejected as problem:
            error = conversations.sentence(problem.reply, language, problem.values)
            return page(language, link_code=link_code, sent=True, error=error, status=422)
        response = RedirectResponse("/chat#latest", 303)
        return cookie_jar.remember(request, response, cookie_jar.value(conversation_id, token))

    return router
