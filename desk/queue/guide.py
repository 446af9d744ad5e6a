"""The desk as the guide sees it: into the queue, out of it, and what is said on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from conversations.handover import Case, Draft, Effect, Plan, Reason, Step
from conversations.models import Reply
from conversations.states import WITH_A_PERSON, Event, State
from conversations.store.tables import ConversationRow
from conversations.store.writing import note
from desk.accounts.models import Clock, utc_now
from desk.queue.hours import Hours, opening_text, read_hours
from desk.queue.models import PRIORITY, Kind, Outcome
from desk.queue.roster import Roster
from desk.queue.routing import speakers, team_for
from desk.queue.rows import (
    ahead,
    begin,
    end,
    handling,
    last_row,
    loads,
    move,
    online,
    open_row,
    present,
    settings_of,
)
from desk.queue.tables import HandoverDraftRow, HandoverNoteRow, HandoverRow
from desk.queue.waiting import Outlook, outlook
from knowledge.catalogue import Catalogue
from knowledge.formatting import duration
from storage.sessions import Sessions

_WAYS = ("leave", "book", "call")
"""On without a person, at once."""
_WAITING = ("withdraw", "leave")
_DRAFT_LIVES = dt.timedelta(hours=1)
"""After that, what the citizen writes is a new question."""
_RATED_WITHIN = dt.timedelta(days=7)


@dataclass(frozen=True)
class _Desk:
    """What the desk looks like to one citizen."""

    team: str | None
    hours: Hours | None
    open: bool
    staffed: bool
    row: HandoverRow | None
    outlook: Outlook


class DeskHandover:
    """Implements :class:`conversations.handover.Handover` on the queue.

    Without any team there is no desk: everything is None, and the guide goes on alone.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        roster: Roster,
        catalogue: Callable[[], Catalogue],
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = Sessions(engine)
        self._roster = roster
        self._catalogue = catalogue
        self._clock = clock

    async def request(self, case: Case, reason: Reason) -> Plan | None:
        desk = await self._look(case, reason)
        if desk is None:
            return None
        if case.conversation.state in WITH_A_PERSON:
            return Plan((), self._wanted(case, reason, desk.team))
        there = desk.open and desk.staffed
        if reason is Reason.crisis:
            # Whoever comes next must see it, also if nobody is here: nothing is promised for it.
            key = "handover_urgent" if there else "handover_urgent_nobody"
            return Plan((Reply(key),), self._wanted(case, reason, desk.team))
        if there:
            reply = _in_queue(desk, case.language)
            return Plan((reply,), self._wanted(case, reason, desk.team))
        if reason is Reason.rule:
            # Nobody asked: the answer itself already leads to a person.
            return None
        if desk.row is not None and desk.row.kind == Kind.message:
            return Plan((Reply("handover_message_waiting", choices=("withdraw", "book", "call")),))
        return Plan((self._nobody(desk, case.language),))

    async def withdraw(self, case: Case) -> Plan | None:
        if case.conversation.state is not State.queued:
            return Plan((Reply("handover_not_waiting"),))
        return Plan((Reply("handover_withdrawn"),), self._withdrawn)

    async def draft(self, conversation_id: str) -> Draft | None:
        async with self._sessions.read() as session:
            row = await session.get(HandoverDraftRow, conversation_id)
        if row is None or row.updated_at < self._clock() - _DRAFT_LIVES:
            return None
        return Draft(Step(row.step), row.seq, row.channel, row.address)

    def keep(self, draft: Draft | None) -> Effect:
        moment = self._clock()

        async def keep(session: AsyncSession, conversation: ConversationRow) -> None:
            await _forget(session, conversation.id)
            if draft is not None:
                session.add(
                    HandoverDraftRow(
                        conversation_id=conversation.id,
                        step=draft.step,
                        seq=draft.seq,
                        channel=draft.channel,
                        address=draft.address,
                        updated_at=moment,
                    )
                )

        return keep

    async def leave(self, case: Case, draft: Draft) -> Plan | None:
        teams = await self._roster.teams()
        if not teams or draft.seq is None:
            return None
        team = team_for(case.service, teams, self._catalogue())
        moment = self._clock()

        async def left(session: AsyncSession, conversation: ConversationRow) -> None:
            await _forget(session, conversation.id)
            row = await open_row(session, conversation.id)
            if row is None:
                if State(conversation.state) in WITH_A_PERSON:
                    return
                row = begin(
                    session,
                    conversation,
                    moment,
                    kind=Kind.message,
                    reason=Reason.asked,
                    team=team,
                    language=case.language,
                    service=case.service,
                    channel=case.message.channel,
                )
            elif row.assignee is None:
                row.kind = Kind.message
                note(session, conversation, "message_left", "citizen", {})
            row.message_seq = draft.seq
            row.answer_channel = draft.channel
            row.answer_address = draft.address

        if draft.address is None:
            reply = Reply("leave_done")
        else:
            reply = Reply("leave_done_elsewhere", {"address": draft.address})
        return Plan((reply,), left)

    async def rate(self, case: Case, stars: int) -> Plan | None:
        if await self._rateable(case.conversation.id) is None:
            return None
        moment = self._clock()

        async def rated(session: AsyncSession, conversation: ConversationRow) -> None:
            row = await last_row(session, conversation.id)
            if row is not None and _recent(row, moment):
                row.rating = stars
                note(session, conversation, "rated", "citizen", {"stars": stars})

        return Plan((Reply("rating_thanks", choices=("rate:words",)),), rated)

    async def comment(self, case: Case) -> Plan | None:
        words = case.message.text

        async def commented(session: AsyncSession, conversation: ConversationRow) -> None:
            await _forget(session, conversation.id)
            row = await last_row(session, conversation.id)
            if row is not None:
                row.rating_words = words

        return Plan((Reply("rating_words_thanks"),), commented)

    async def follow_join(
        self, session: AsyncSession, source: ConversationRow, target: ConversationRow
    ) -> None:
        """Two conversations become one: so do their handovers. For ``OneTimeCodes``."""
        moment = self._clock()
        shift = target.last_seq - source.last_seq
        await _forget(session, source.id)
        theirs = await open_row(session, source.id)
        ours = await open_row(session, target.id)
        if theirs is not None and (ours is None or _before(theirs, ours)):
            target.state = source.state
        if theirs is not None and ours is not None:
            theirs.priority = ours.priority = max(theirs.priority, ours.priority)
            end(ours if _before(theirs, ours) else theirs, Outcome.merged, moment)
            # The key must be free before the other takes it.
            await session.flush()
        rows = await session.scalars(
            select(HandoverRow).where(HandoverRow.conversation_id == source.id)
        )
        for row in rows.all():
            row.conversation_id = target.id
            row.open_in = target.id if row.open_in is not None else None
            for name in ("read_seq", "message_seq", "snoozed_seq"):
                if (seq := getattr(row, name)) is not None:
                    setattr(row, name, seq + shift)
        await session.execute(
            update(HandoverNoteRow)
            .where(HandoverNoteRow.conversation_id == source.id)
            .values(conversation_id=target.id)
        )

    async def _look(self, case: Case, reason: Reason) -> _Desk | None:
        teams = await self._roster.teams()
        if not teams:
            return None
        members = await self._roster.members()
        moment = self._clock()
        async with self._sessions.read() as session:
            row = await open_row(session, case.conversation.id)
            # Who waits keeps their queue, whatever the conversation has come to since.
            team = row.team if row else team_for(case.service, teams, self._catalogue())
            settings = await settings_of(session, team)
            there = present(members, await online(session, moment))
            able = speakers(there, team, case.language)
            load = await loads(session, moment)
            priority = max(PRIORITY[reason], row.priority if row else 0)
            # A left message that becomes a chat is a newcomer among the chats.
            queued = row if row is not None and row.kind == Kind.chat else None
            view = outlook(
                1 + await ahead(session, team, priority, queued),
                sum(member.capacity for member in able),
                sum(load.get(member.id, 0) for member in able),
                await handling(session, team, moment),
            )
        hours = read_hours(settings.hours, settings.closed)
        is_open = hours is None or hours.are_open(moment)
        return _Desk(team, hours, is_open, bool(able), row, view)

    def _wanted(self, case: Case, reason: Reason, team: str | None) -> Effect:
        moment = self._clock()

        async def wanted(session: AsyncSession, conversation: ConversationRow) -> None:
            await _forget(session, conversation.id)
            row = await open_row(session, conversation.id)
            if row is None:
                if State(conversation.state) in WITH_A_PERSON:
                    return
                begin(
                    session,
                    conversation,
                    moment,
                    kind=Kind.chat,
                    reason=reason,
                    team=team,
                    language=case.language,
                    service=case.service,
                    channel=case.message.channel,
                )
                return
            if row.kind == Kind.message and row.assignee is None:
                row.kind = Kind.chat
                row.queued_at = moment
            if PRIORITY[reason] > row.priority:
                row.priority, row.reason = PRIORITY[reason], reason
                note(session, conversation, "handover_raised", "guide", {"reason": reason.value})

        return wanted

    async def _withdrawn(self, session: AsyncSession, conversation: ConversationRow) -> None:
        await _forget(session, conversation.id)
        # Somebody may have taken it meanwhile: then it is theirs to end.
        if State(conversation.state) is not State.queued:
            return
        move(conversation, Event.handover_withdrawn)
        row = await open_row(session, conversation.id)
        if row is not None:
            end(row, Outcome.withdrawn, self._clock())
        note(session, conversation, Event.handover_withdrawn, "citizen", {})

    def _nobody(self, desk: _Desk, language: str) -> Reply:
        if desk.hours is None:
            return Reply("handover_nobody_unknown", choices=_WAYS)
        values: dict[str, Any] = {"hours": desk.hours.text(language)}
        opens = desk.hours.next_opening(self._clock())
        if desk.open or opens is None:
            return Reply("handover_nobody", values, choices=_WAYS)
        values["opens"] = opening_text(opens, language)
        return Reply("handover_closed", values, choices=_WAYS)

    async def _rateable(self, conversation_id: str) -> HandoverRow | None:
        async with self._sessions.read() as session:
            row = await last_row(session, conversation_id)
        return row if row is not None and _recent(row, self._clock()) else None


def _in_queue(desk: _Desk, language: str) -> Reply:
    waits = desk.row is not None and desk.row.kind == Kind.chat
    key = "handover_waiting" if waits else "handover_queued"
    values: dict[str, Any] = {"position": desk.outlook.position}
    if desk.outlook.minutes is None:
        return Reply(f"{key}_unknown", values, choices=_WAITING)
    values["wait"] = duration(f"PT{desk.outlook.minutes}M", language)
    return Reply(key, values, choices=_WAITING)


def _before(one: HandoverRow, other: HandoverRow) -> bool:
    """Which of two goes on: that of a member, or else that of whoever has waited longer."""
    places = [(row.assignee is None, row.queued_at, row.id) for row in (one, other)]
    return places[0] < places[1]


def _recent(row: HandoverRow, moment: dt.datetime) -> bool:
    return row.closed_at is not None and row.closed_at > moment - _RATED_WITHIN


async def _forget(session: AsyncSession, conversation_id: str) -> None:
    await session.execute(
        delete(HandoverDraftRow).where(HandoverDraftRow.conversation_id == conversation_id)
    )
