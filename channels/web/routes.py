"""The widget's JSON interface."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sse_starlette import EventSourceResponse

from channels.web.schema import (
    ErrorResponse,
    FeedbackRequest,
    LanguageRequest,
    MessageOut,
    MessagesResponse,
    SayRequest,
    SayResponse,
    StartRequest,
    StartResponse,
)
from channels.web.stream import event_stream
from conversations.models import ConversationNotFound
from conversations.service import Conversations, View

PREFIX = "/api/web/conversations"
ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorResponse, "description": "Unknown, or somebody else's"},
    413: {"model": ErrorResponse, "description": "Too long"},
    422: {"model": ErrorResponse, "description": "Not understood; says why"},
    429: {"model": ErrorResponse, "description": "Too often; see Retry-After"},
}
"""What the routes of a conversation may answer instead."""
_MAX_SEQ = 2**31 - 1
_NUMBER = re.compile(r"[0-9]{1,18}")
_bearer = HTTPBearer(auto_error=False, description="The conversation's token")


def client_address(request: Request) -> str:
    """The caller, as the server sees it (behind a trusted proxy: as that says)."""
    return request.client.host if request.client else "unknown"


def owner_check(conversations: Conversations) -> Callable[..., Awaitable[View]]:
    """A dependency: the conversation in the path, for whoever has its token."""

    async def owned(
        request: Request,
        conversation_id: str,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> View:
        # No token, a wrong one and an unknown id all look the same from outside.
        if credentials is None:
            raise ConversationNotFound(conversation_id)
        view = await conversations.open(conversation_id, credentials.credentials)
        request.state.language = view.conversation.language
        return view

    return owned


def build_router(conversations: Conversations, name: str) -> APIRouter:
    """The routes of the web channel."""
    router = APIRouter(prefix=PREFIX, tags=["web"], responses=ERRORS)

    Owned = Annotated[View, Depends(owner_check(conversations))]

    @router.post("", status_code=201)
    async def start(request: Request, body: StartRequest | None = None) -> StartResponse:
        language = body.language if body is not None else None
        conversation, token = await conversations.start(name, language, client_address(request))
        return StartResponse(conversation_id=conversation.id, token=token)

    @router.post("/{conversation_id}/messages", status_code=202)
    async def say(view: Owned, body: SayRequest) -> SayResponse:
        message = await conversations.say(
            view,
            body.text or "",
            channel=name,
            choice=body.choice,
            client_message_id=body.client_message_id,
        )
        return SayResponse(message_id=message.id, seq=message.seq)

    @router.get("/{conversation_id}/messages")
    async def read(
        view: Owned, after: Annotated[int, Query(ge=0, le=_MAX_SEQ)] = 0
    ) -> MessagesResponse:
        return MessagesResponse(
            messages=[MessageOut.of(message) for message in await conversations.read(view, after)],
            state=view.conversation.state,
            typing=view.typing,
            language=view.conversation.language,
        )

    @router.get("/{conversation_id}/events", response_class=EventSourceResponse)
    async def events(
        request: Request,
        view: Owned,
        conversation_id: str,
        credentials: Annotated[HTTPAuthorizationCredentials, Depends(_bearer)],
        after: Annotated[int, Query(ge=0, le=_MAX_SEQ)] = 0,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> EventSourceResponse:
        if last_event_id is not None and _NUMBER.fullmatch(last_event_id):
            after = min(int(last_event_id), _MAX_SEQ)

        async def reopen() -> View:
            return await conversations.open(conversation_id, credentials.credentials)

        stream = event_stream(conversations, view, reopen, after)
        return EventSourceResponse(stream, ping=15, send_timeout=30)

    @router.post("/{conversation_id}/typing", status_code=204)
    async def typing(view: Owned) -> Response:
        await conversations.writes(view)
        return Response(status_code=204)

    @router.post("/{conversation_id}/language", status_code=204)
    async def choose_language(view: Owned, body: LanguageRequest) -> Response:
        await conversations.choose_language(view, body.language)
        return Response(status_code=204)

    @router.post("/{conversation_id}/messages/{message_id}/feedback", status_code=204)
    async def rate(view: Owned, message_id: str, body: FeedbackRequest) -> Response:
        await conversations.rate(view, message_id, helpful=body.helpful)
        return Response(status_code=204)

    @router.delete("/{conversation_id}", status_code=204)
    async def erase(view: Owned) -> Response:
        await conversations.erase(view)
        return Response(status_code=204)

    return router
