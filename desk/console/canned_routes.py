"""Replies ready to use."""

from typing import Annotated

from fastapi import APIRouter, Depends

from desk.accounts.sessions import StaffSession
from desk.console.canned import fill
from desk.console.lines import titled
from desk.console.parts import ConsoleParts
from desk.console.schema import (
    CannedOut,
    CannedRequest,
    CannedResponse,
    FillRequest,
    FillResponse,
)
from desk.rights import Action


def build_router(parts: ConsoleParts) -> APIRouter:
    router = APIRouter(prefix="/canned-replies")
    canned, shelf, gate = parts.canned, parts.shelf, parts.door.gate
    Present = Annotated[StaffSession, Depends(gate.signed_in())]  # noqa: N806 - a type
    Writer = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(gate.signed_in(Action.write))
    ]
    Manager = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(gate.signed_in(Action.manage_canned_replies))
    ]

    @router.get("")
    async def list_replies(session: Present) -> CannedResponse:
        found = await canned.list(session.member)
        return CannedResponse(items=[CannedOut.of(reply) for reply in found])

    @router.post("", status_code=201)
    async def add(session: Manager, body: CannedRequest) -> CannedOut:
        shelf.language(body.language)
        return CannedOut.of(await canned.add(session.member, body.new()))

    @router.put("/{reply_id}")
    async def change(session: Manager, reply_id: int, body: CannedRequest) -> CannedOut:
        shelf.language(body.language)
        return CannedOut.of(await canned.change(session.member, reply_id, body.new()))

    @router.delete("/{reply_id}", status_code=204)
    async def remove(session: Manager, reply_id: int) -> None:
        await canned.remove(session.member, reply_id)

    @router.post("/{reply_id}/fill")
    async def fill_in(session: Writer, reply_id: int, body: FillRequest) -> FillResponse:
        seen = await parts.door.see(session, body.conversation_id)
        reply = await canned.get(session.member, reply_id)
        service = titled(shelf.catalogue(), seen.entry.service, reply.language)
        values = {"name": session.member.name, "phone": shelf.phone()}
        if service is not None:
            values["service"] = service.title
        return FillResponse(text=fill(reply.text, values))

    return router
