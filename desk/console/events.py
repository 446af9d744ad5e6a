"""The stream that keeps open pages up to date."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header
from sse_starlette import EventSourceResponse

from desk.accounts.sessions import StaffSession
from desk.console.parts import ConsoleParts

_PING_SECONDS = 15
_SEND_SECONDS = 30


def build_router(parts: ConsoleParts) -> APIRouter:
    """Events carry ids and numbers only: what they are about is read where rights are asked."""
    router = APIRouter()
    # An open page is no sign of anybody.
    Follower = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(parts.door.gate.signed_in(active=False))
    ]

    @router.get("/events", response_class=EventSourceResponse)
    async def follow(
        session: Follower, last_event_id: Annotated[str | None, Header()] = None
    ) -> EventSourceResponse:
        stream = await parts.feeds.stream(session, last_event_id)
        return EventSourceResponse(
            stream,
            ping=_PING_SECONDS,
            send_timeout=_SEND_SECONDS,
            headers={"Cache-Control": "no-store"},
        )

    return router
