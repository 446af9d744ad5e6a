"""Whether a member is there: what they say, and that their page is open."""

from typing import Annotated

from fastapi import APIRouter, Depends

from desk.accounts.sessions import StaffSession
from desk.console.parts import ConsoleParts
from desk.console.schema import PresenceRequest


def build_router(parts: ConsoleParts) -> APIRouter:
    """A member says this of themselves only, so there is no right to it but being signed in."""
    router = APIRouter()
    Present = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(parts.door.gate.signed_in())
    ]

    @router.put("/presence", status_code=204)
    async def say(session: Present, body: PresenceRequest) -> None:
        await parts.desk.set_presence(session.member, body.state)

    # Pages beat only while somebody sits there, so this does keep the session alive.
    @router.post("/heartbeat", status_code=204)
    async def beat(session: Present) -> None:
        await parts.desk.presence.beat(session.member.id)

    return router
