"""What could not be delivered, and sending it once more."""

from typing import Annotated

from fastapi import APIRouter, Depends

from desk.accounts.sessions import StaffSession
from desk.console.door import sound_id
from desk.console.parts import ConsoleParts
from desk.console.schema import DeadLetterOut, DeadLettersResponse
from desk.errors import NotFound
from desk.rights import Action


def build_router(parts: ConsoleParts) -> APIRouter:
    """Without texts and addresses: only that something went wrong, and how."""
    router = APIRouter(prefix="/dead-letters")
    gate, outbox = parts.door.gate, parts.outbox

    @router.get("", dependencies=[Depends(gate.signed_in(Action.see_dead_letters))])
    async def list_letters() -> DeadLettersResponse:
        return DeadLettersResponse(
            items=[DeadLetterOut.of(letter) for letter in await outbox.dead()]
        )

    @router.post("/{letter_id}/resend", status_code=204)
    async def resend(
        session: Annotated[StaffSession, Depends(gate.signed_in(Action.resend_dead_letters))],
        letter_id: str,
    ) -> None:
        if not await outbox.resend(sound_id(letter_id)):
            raise NotFound
        parts.sent()
        await parts.accounts.audit.record(
            session.member.id, "dead_letter_resent", f"delivery:{letter_id}"
        )

    return router
