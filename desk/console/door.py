"""The one place where the console asks whether a member may come to a conversation."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

from fastapi import Request

from desk.accounts.audit import AuditTrail
from desk.accounts.gate import Gate
from desk.accounts.sessions import StaffSession
from desk.console.lines import Lines
from desk.errors import NotFound
from desk.queue.models import Entry
from desk.rights import Action, Subject

_ID = re.compile(r"[0-9a-f]{32}")
"""Ours all look like this; some databases refuse what a URL may hold instead."""
_LOOK_SECONDS = 300.0
_MOST_LOOKS = 10_000


def sound_id(text: str) -> str:
    """An id as we make them. Raises ``NotFound`` for anything else."""
    if _ID.fullmatch(text) is None:
        raise NotFound
    return text


@dataclass(frozen=True)
class Seen:
    """A conversation that the member may see, and the session in which they ask for it."""

    session: StaffSession
    entry: Entry
    """The open handover, or the last one."""

    @property
    def id(self) -> str:
        return self.entry.conversation_id


class Door:
    """Dependencies for the routes of conversations.

    What a member may not see, what never came to the desk and what does not exist all look the
    same: ``NotFound``. ``NotAllowed`` is for something that they see and may not do.
    """

    def __init__(self, gate: Gate, lines: Lines, audit: AuditTrail) -> None:
        self.gate = gate
        self._lines = lines
        self._audit = audit
        self._looks: OrderedDict[tuple[str, str], float] = OrderedDict()

    def conversation(
        self, action: Action | None = None, *, active: bool = True
    ) -> Callable[[Request, str], Awaitable[Seen]]:
        """A dependency: the conversation of the path, if the member may see it and do ``action``.

        ``active`` as in :meth:`Gate.signed_in`.
        """
        enter = self.gate.signed_in(Action.see_conversation, active=active)

        async def see(request: Request, conversation_id: str) -> Seen:
            session = await enter(request)
            seen = await self.see(session, conversation_id)
            if action is not None:
                session.rights.require(action, Subject(seen.entry.team, seen.entry.assignee))
            return seen

        return see

    async def see(self, session: StaffSession, conversation_id: str) -> Seen:
        """The conversation, for whom it is there. Raises ``NotFound``."""
        entry = await self._lines.entry(sound_id(conversation_id))
        if entry is None:
            raise NotFound
        subject = Subject(entry.team, entry.assignee)
        # Who is to take it over must be able to read it first, whatever team it is in.
        offered = entry.offer is not None and entry.offer.to == session.member.id
        if not offered and not session.rights.can(Action.see_conversation, subject):
            raise NotFound
        return Seen(session, entry)

    async def look(self, seen: Seen) -> None:
        """The conversation is about to be shown: into the audit trail."""
        await self._audit.looked(seen.session.member, seen.id)
        self._looks[seen.session.key, seen.id] = monotonic()
        self._looks.move_to_end((seen.session.key, seen.id))
        while len(self._looks) > _MOST_LOOKS:
            self._looks.popitem(last=False)

    async def go_on_looking(self, seen: Seen) -> None:
        """More of a conversation that is open: the same look, unless it began long ago."""
        since = self._looks.get((seen.session.key, seen.id))
        if since is None or monotonic() - since > _LOOK_SECONDS:
            await self.look(seen)
