"""The lists, and searching in what was said."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from conversations.redaction import clean
from desk.accounts.sessions import StaffSession
from desk.console.lines import shortened
from desk.console.parts import ConsoleParts
from desk.console.schema import (
    ConversationOut,
    CountsOut,
    FoundOut,
    PageResponse,
    SearchResponse,
)
from desk.queue.models import Entry
from desk.queue.views import PAGE, ListName
from desk.rights import Action

_MAX_OFFSET = 1_000_000
_BEFORE = 60
"""Characters shown in front of the word that was found."""
_After = Annotated[int, Query(ge=0, le=_MAX_OFFSET)]
"""How many to skip: what ``next`` of the page before said."""


def around(text: str, words: list[str]) -> str:
    """The part of a message with the first of the words that is in it."""
    line = " ".join(text.split())
    folded = line.casefold()
    places = [place for word in words if (place := folded.find(word.casefold())) >= 0]
    start = max(0, min(places, default=0) - _BEFORE)
    return shortened(line[start:] if start == 0 else f"…{line[start:]}")


def build_router(parts: ConsoleParts) -> APIRouter:
    router = APIRouter()
    console, lines, gate = parts.console, parts.lines, parts.door.gate
    # Pages read lists anew by themselves: that keeps no session alive.
    Reader = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(gate.signed_in(Action.see_conversation, active=False))
    ]
    Searcher = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(gate.signed_in(Action.search_history))
    ]

    @router.get("/conversations")
    async def read_list(
        session: Reader,
        name: Annotated[ListName, Query(alias="list")] = ListName.waiting,
        after: _After = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> PageResponse:
        member = session.member
        found = await console.page(member, name, after)
        entries = [item.entry for item in found.items[:limit]]
        end = after + len(entries)
        if name is ListName.mine and after == 0:
            # What colleagues ask the member to take over comes first: somebody waits for a word.
            offered = await console.page(member, ListName.offered)
            entries = [item.entry for item in offered.items] + entries
        shown = await lines.of(_once(entries), member.ui_language)
        return PageResponse(
            items=[ConversationOut.of(line) for line in shown],
            next=str(end) if 0 < end < found.total else None,
            counts=CountsOut.model_validate(await lines.counts(member)),
        )

    @router.get("/search")
    async def search(
        session: Searcher, q: Annotated[str, Query(max_length=200)], after: _After = 0
    ) -> SearchResponse:
        words = clean(q).split()
        hits = await console.search(session.member, " ".join(words), after)
        await parts.accounts.audit.record(
            session.member.id, "searched_history", None, {"found": len(hits)}
        )
        shown = {
            line.entry.id: line
            for line in await lines.of(
                _once([hit.entry for hit in hits]), session.member.ui_language
            )
        }
        return SearchResponse(
            items=[
                FoundOut(
                    conversation=ConversationOut.of(shown[hit.entry.id]),
                    snippet=around(hit.message.text, words),
                )
                for hit in hits
                if hit.entry.id in shown
            ],
            next=str(after + len(hits)) if len(hits) == PAGE else None,
        )

    return router


def _once(entries: list[Entry]) -> list[Entry]:
    """Each conversation once, where it comes first: it may have been at the desk before."""
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(entry.conversation_id, entry)
    return list(first.values())
