"""One conversation: taking it, passing it on, putting it aside, ending it."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends

from desk.console.door import Seen
from desk.console.parts import ConsoleParts
from desk.console.schema import (
    ConversationOut,
    DeclineRequest,
    ResolveRequest,
    SnoozeRequest,
    TransferRequest,
)
from desk.errors import NotFound, Refused
from desk.queue.models import Entry

_LONGEST_SNOOZE = dt.timedelta(days=366)


def build_router(parts: ConsoleParts) -> APIRouter:
    """Every route answers with the conversation as it is afterwards.

    The door shows it to the member; whether they may do this to it, :class:`desk.queue.desk.Desk`
    asks under its lock, so that nothing can change in between.
    """
    router = APIRouter(prefix="/conversations/{conversation_id}")
    desk = parts.desk
    Shown = Annotated[Seen, Depends(parts.door.conversation())]  # noqa: N806 - a type

    async def answer(seen: Seen, entry: Entry) -> ConversationOut:
        line = await parts.lines.line(entry, seen.session.member.ui_language)
        if line is None:
            raise NotFound
        return ConversationOut.of(line)

    @router.post("/claim")
    async def claim(seen: Shown) -> ConversationOut:
        return await answer(seen, await desk.claim(seen.session.member, seen.id))

    @router.post("/return")
    async def put_back(seen: Shown) -> ConversationOut:
        return await answer(seen, await desk.put_back(seen.session.member, seen.id))

    @router.post("/reopen")
    async def reopen(seen: Shown) -> ConversationOut:
        return await answer(seen, await desk.reopen(seen.session.member, seen.id))

    @router.post("/spam")
    async def mark_spam(seen: Shown) -> ConversationOut:
        return await answer(seen, await desk.mark_spam(seen.session.member, seen.id))

    @router.post("/transfer")
    async def transfer(seen: Shown, body: TransferRequest) -> ConversationOut:
        member = seen.session.member
        if body.member is not None:
            entry = await desk.offer(member, seen.id, body.member, body.note)
        else:
            entry = await desk.pass_on(member, seen.id, body.team or "", body.note)
        return await answer(seen, entry)

    @router.post("/transfer/accept")
    async def accept(seen: Shown) -> ConversationOut:
        return await answer(seen, await desk.accept(seen.session.member, seen.id))

    @router.post("/transfer/decline")
    async def decline(seen: Shown, body: DeclineRequest | None = None) -> ConversationOut:
        words = body.note if body is not None else ""
        return await answer(seen, await desk.decline(seen.session.member, seen.id, words))

    @router.post("/withdraw-transfer")
    async def withdraw(seen: Shown) -> ConversationOut:
        return await answer(seen, await desk.decline(seen.session.member, seen.id))

    @router.post("/snooze")
    async def snooze(seen: Shown, body: SnoozeRequest) -> ConversationOut:
        if body.until > dt.datetime.now(tz=dt.UTC) + _LONGEST_SNOOZE:
            raise Refused("too_far_away")
        return await answer(seen, await desk.snooze(seen.session.member, seen.id, body.until))

    @router.post("/resolve")
    async def resolve(seen: Shown, body: ResolveRequest) -> ConversationOut:
        member, words = seen.session.member, body.note.strip()
        entry = await desk.resolve(member, seen.id, body.outcome)
        if words:
            # Afterwards: a note about an end that did not come would mislead.
            await desk.note(member, seen.id, words)
        return await answer(seen, entry)

    return router
