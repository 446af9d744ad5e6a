"""The knowledge base as the citizen sees it, and what members say about it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from desk.accounts.sessions import StaffSession
from desk.console.lines import Titled, titled
from desk.console.parts import ConsoleParts
from desk.console.schema import (
    CardOut,
    HitOut,
    HitsResponse,
    LinkOut,
    RemarkOut,
    RemarkRequest,
    RemarksResponse,
)
from desk.rights import Action

_FOUND = 5
_Language = Annotated[str | None, Query(max_length=8)]


def build_router(parts: ConsoleParts) -> APIRouter:
    router = APIRouter()
    shelf, remarks, gate = parts.shelf, parts.remarks, parts.door.gate
    Present = Annotated[StaffSession, Depends(gate.signed_in())]  # noqa: N806 - a type
    Editor = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(gate.signed_in(Action.edit_knowledge_notes))
    ]

    @router.get("/knowledge", dependencies=[Depends(gate.signed_in())])
    async def find(
        q: Annotated[str, Query(max_length=500)], lang: _Language = None
    ) -> HitsResponse:
        return HitsResponse(
            items=[
                HitOut(
                    service=card.service,
                    title=card.title,
                    summary=card.summary,
                    source=LinkOut(**card.source) if card.source is not None else None,
                    checked=card.checked or None,
                )
                for card in shelf.find(q, shelf.language(lang), _FOUND)
            ]
        )

    @router.get("/knowledge/{service}", dependencies=[Depends(gate.signed_in())])
    async def card(service: str, lang: _Language = None) -> CardOut:
        return CardOut.of(shelf.card(service, shelf.language(lang)))

    @router.post("/knowledge/{service}/notes", status_code=201)
    async def remark(session: Present, service: str, body: RemarkRequest) -> RemarkOut:
        made = await remarks.add(session.member, service, body.kind, body.text)
        return RemarkOut.of(
            made, _title(made.service, session.member.ui_language), session.member.name
        )

    @router.get("/knowledge-notes")
    async def list_remarks(session: Editor) -> RemarksResponse:
        member = session.member
        names = await parts.lines.names()
        return RemarksResponse(
            items=[
                RemarkOut.of(
                    one, _title(one.service, member.ui_language), names.get(one.author, one.author)
                )
                for one in await remarks.list(member)
            ]
        )

    @router.post("/knowledge-notes/{remark_id}/done", status_code=204)
    async def end_remark(session: Editor, remark_id: int) -> None:
        await remarks.done(session.member, remark_id)

    def _title(service: str, language: str) -> Titled:
        return titled(shelf.catalogue(), service, language) or Titled(service, service)

    return router
