"""What a member of staff may do with a conversation. One transaction per method.

Each writes the state, the activity row, the message with the next number and the outbox together.
Rights are asked in ``desk.rights`` only, about the handover as it is under the lock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from conversations.delivery.dispatch import Dispatch
from conversations.events.port import Events
from conversations.limits.local import LocalRateLimit
from conversations.models import Author, ConversationNotFound, Message, Reply
from conversations.redaction import clean, mask_cpr
from conversations.rendering.renderer import Renderer
from conversations.states import TRANSITIONS, Event, State
from conversations.store.rows import to_message
from conversations.store.tables import ConversationRow, MessageRow
from conversations.store.writing import lock, note
from conversations.typing import by_staff
from desk.accounts.models import Clock, StaffMember, utc_now
from desk.errors import NotFound, Refused, UnknownTeam
from desk.queue.errors import AlreadyTaken, AtCapacity, NothingOffered, NotPossible
from desk.queue.models import (
    DESK_TOPIC,
    STAFF_OUTCOMES,
    Assignment,
    Entry,
    Kind,
    Note,
    Outcome,
    PresenceState,
)
from desk.queue.presence import PresenceBoard, effective, locked
from desk.queue.roster import Roster
from desk.queue.routing import Need, best, converses
from desk.queue.rows import (
    end,
    last_row,
    loads,
    move,
    online,
    open_row,
    present,
    snoozed_now,
    to_entry,
    waiting,
    withdraw_offer,
)
from desk.queue.tables import HandoverNoteRow, HandoverRow, PresenceRow, TeamSettingsRow
from desk.queue.voice import Voice, staff_message_id
from desk.rights import Action, Rights, Subject
from knowledge.catalogue import Catalogue
from storage.sessions import Sessions

log = structlog.get_logger(__name__)

MAX_TEXT = 4000
"""Characters in one message or note of staff."""
_MAX_NAME = 80


@dataclass
class Held:
    """A conversation in its transaction, with the handover that it is in."""

    session: AsyncSession
    conversation: ConversationRow
    row: HandoverRow
    moment: dt.datetime
    sends: bool = False
    """Something has to leave."""


class Desk:
    """The operations of the queue. All raise ``NotFound`` for an unknown conversation,
    ``NotAllowed`` where role and team do not give the right, and what ``desk.queue.errors`` lists.
    """

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        roster: Roster,
        catalogue: Callable[[], Catalogue],
        renderer: Renderer,
        dispatch: Dispatch,
        events: Events,
        sent: Callable[[], None],
        knowledge_version: Callable[[], str],
        clock: Clock = utc_now,
    ) -> None:
        """``sent`` is told when the outbox may have something new."""
        self._sessions = Sessions(engine)
        self._roster = roster
        self._catalogue = catalogue
        self._dispatch = dispatch
        self._voice = Voice(renderer, dispatch, knowledge_version)
        self._events = events
        self._sent = sent
        # Politeness towards pages and providers, so each gateway may count on its own.
        self._signs = LocalRateLimit(per_minute=30, burst=3)
        self._clock = clock
        self.presence = PresenceBoard(engine, clock)

    # Taking a conversation, and letting it go.

    async def claim(self, member: StaffMember, conversation_id: str) -> Entry:
        """Take a waiting conversation. Of any number of members exactly one succeeds.

        A second call of the same member gives the same entry. Raises :class:`AlreadyTaken`,
        :class:`AtCapacity` and :class:`NotPossible`.
        """
        try:
            return await self._claim(member, conversation_id, actor=_actor(member))
        except AlreadyTaken as taken:
            async with self._sessions.read() as session:
                row = await open_row(session, conversation_id)
            if row is not None and row.assignee == member.id:
                return to_entry(row)
            # Names are looked up when the transaction is over: it must not wait for another.
            taken.values["name"] = await self._name(taken.values["assignee"])
            raise

    async def _claim(self, member: StaffMember, conversation_id: str, *, actor: str) -> Entry:
        name = await self.display_name(member)
        moment = self._clock()
        async with self._sessions.write() as session:
            # The one arbiter: a single statement, and whoever it counts for has won.
            won = await session.execute(
                update(ConversationRow)
                .where(ConversationRow.id == conversation_id, ConversationRow.state == State.queued)
                .values(state=TRANSITIONS[State.queued, Event.claimed], updated_at=moment)
            )
            if not isinstance(won, CursorResult) or won.rowcount != 1:
                raise await self._why_not(session, conversation_id)
            conversation = await lock(session, conversation_id)
            row = await open_row(session, conversation_id)
            if row is None:
                raise NotPossible(state=State.queued.value)
            Rights(member).require(Action.claim, Subject(row.team, row.assignee))
            held = Held(session, conversation, row, moment)
            await self._take(session, row, member, moment)
            note(session, conversation, Event.claimed, actor, {"member": member.id})
            await self._tell(held, "handover_joined", name=name)
        await self._changed(held)
        return to_entry(row)

    @staticmethod
    async def _take(
        session: AsyncSession, row: HandoverRow, member: StaffMember, moment: dt.datetime
    ) -> None:
        # The lock makes counting and taking one: two claims of one member do not overtake.
        await locked(session, member.id, moment)
        if (await loads(session, moment)).get(member.id, 0) >= member.capacity:
            raise AtCapacity(capacity=member.capacity)
        row.assignee = member.id
        row.claimed_at = row.claimed_at or moment
        row.snoozed_until = row.snoozed_seq = None
        withdraw_offer(row)

    @staticmethod
    async def _why_not(session: AsyncSession, conversation_id: str) -> Exception:
        conversation = await session.get(ConversationRow, conversation_id)
        if conversation is None:
            return NotFound()
        row = await open_row(session, conversation_id)
        if row is None or row.assignee is None:
            return NotPossible(state=conversation.state)
        return AlreadyTaken(assignee=row.assignee)

    async def put_back(self, member: StaffMember, conversation_id: str) -> Entry:
        """Back into the queue, on the place that it had. Needs the right to transfer."""
        name = await self.display_name(member)
        async with self._hold(member, conversation_id, Action.transfer) as held:
            await self._return(held, _actor(member), name, "handover_returned", {})
        return to_entry(held.row)

    async def _return(
        self, held: Held, actor: str, name: str, key: str, values: dict[str, Any]
    ) -> None:
        move(held.conversation, Event.returned)
        before = held.row.assignee
        held.row.assignee = None
        held.row.snoozed_until = held.row.snoozed_seq = None
        withdraw_offer(held.row)
        note(held.session, held.conversation, Event.returned, actor, {"member": before})
        await self._tell(held, key, name=name, **values)

    async def _tell(self, held: Held, key: str, **values: Any) -> None:
        """Who has the word now. To whoever has left a message it makes no difference."""
        if held.row.kind == Kind.chat:
            reply = Reply(key, values)
            sends = await self._voice.tell(held.session, held.conversation, held.row, reply)
            held.sends = held.sends or sends

    async def offer(self, member: StaffMember, conversation_id: str, to: str, text: str) -> Entry:
        """Ask a colleague to take it over, with a note; it stays where it is until they accept.

        The colleague may be in another team; accepting takes it there.

        Raises :class:`Refused` with ``unknown_colleague``, ``colleague_converses_not`` or
        ``theirs_already``.
        """
        colleague = await self._member(to)
        async with self._hold(member, conversation_id, Action.transfer) as held:
            _with_somebody(held)
            if colleague is None or not colleague.active:
                raise Refused("unknown_colleague")
            if not converses(colleague):
                raise Refused("colleague_converses_not", name=colleague.name)
            if to == held.row.assignee:
                raise Refused("theirs_already", name=colleague.name)
            held.row.offered_to, held.row.offered_by = to, member.id
            held.row.offered_at, held.row.offer_note = held.moment, _text(text, empty=True)[0]
            note(held.session, held.conversation, "transfer_offered", _actor(member), {"to": to})
        return to_entry(held.row)

    async def accept(self, member: StaffMember, conversation_id: str) -> Entry:
        """Take over what a colleague has offered. Raises :class:`NothingOffered`."""
        name = await self.display_name(member)
        async with self._hold(member, conversation_id, None) as held:
            if held.row.offered_to != member.id:
                raise NothingOffered
            _with_somebody(held)
            before, text = held.row.assignee, held.row.offer_note
            if not Rights(member).can(Action.claim, Subject(held.row.team)):
                # A colleague of another team: it is theirs from now on.
                held.row.team = next(iter(member.teams), held.row.team)
            await self._take(held.session, held.row, member, held.moment)
            details = {"from": before, "to": member.id}
            note(held.session, held.conversation, "transfer_accepted", _actor(member), details)
            if text:
                self._note(held, before or member.id, text)
            await self._tell(held, "handover_joined", name=name)
        return to_entry(held.row)

    async def decline(self, member: StaffMember, conversation_id: str, text: str = "") -> Entry:
        """Do not take it over; or, for whoever has offered it, take the offer back.

        ``text`` says why. It is a note, and whoever was asked may write it, whatever team the
        conversation is in. Raises :class:`NothingOffered`, and :class:`Refused` as :meth:`reply`.
        """
        words, _ = _text(text, empty=True)
        async with self._hold(member, conversation_id, None) as held:
            if member.id not in (held.row.offered_to, held.row.offered_by):
                raise NothingOffered
            details = {"to": held.row.offered_to}
            withdraw_offer(held.row)
            note(held.session, held.conversation, "transfer_declined", _actor(member), details)
            if words:
                self._note(held, member.id, words)
        return to_entry(held.row)

    async def pass_on(
        self, member: StaffMember, conversation_id: str, team: str, text: str
    ) -> Entry:
        """Into another team's queue, with a note; the citizen keeps the time already waited.

        Raises :class:`Refused` with ``unknown_team``.
        """
        teams = {item.id: item.name for item in await self._roster.teams()}
        if team not in teams:
            raise UnknownTeam(team)
        name = await self.display_name(member)
        async with self._hold(member, conversation_id, Action.transfer) as held:
            before = held.row.team
            held.row.team = team
            if held.row.assignee is not None:
                values = {"team": teams[team]}
                await self._return(held, _actor(member), name, "handover_moved", values)
            details = {"from": before, "to": team}
            note(held.session, held.conversation, "team_changed", _actor(member), details)
            words, _ = _text(text, empty=True)
            if words:
                self._note(held, member.id, words)
        return to_entry(held.row)

    # Words.

    async def reply(
        self,
        member: StaffMember,
        conversation_id: str,
        text: str,
        client_message_id: str,
        card: Reply | None = None,
    ) -> Message:
        """Write to the citizen, where they last wrote from or asked to be answered.

        ``card`` is an entry of the knowledge to go with the words, as a message of its own after
        them; with it the words may be empty. A ``client_message_id`` that is there already gives
        the stored message back. Raises :class:`Refused` with ``empty`` or ``too_long``.
        """
        words, redacted = _text(text, empty=card is not None)
        name = await self.display_name(member)
        stored_id = staff_message_id(member.id, client_message_id)
        known_one = select(MessageRow).where(
            MessageRow.conversation_id == conversation_id,
            MessageRow.client_message_id == stored_id,
        )
        async with self._sessions.read() as session:
            # Before the rights: the conversation may have ended since the first try.
            known = await session.scalar(known_one)
        if known is not None:
            return to_message(known)
        async with self._hold(member, conversation_id, Action.write) as held:
            if (known := await held.session.scalar(known_one)) is not None:
                return to_message(known)
            move(held.conversation, Event.staff_wrote)
            here = (held.session, held.conversation, held.row)
            message: MessageRow | None = None
            if words:
                message, held.sends = await self._voice.write(
                    *here,
                    words,
                    name=name,
                    client_message_id=stored_id,
                    redacted=redacted,
                    signed=held.row.kind == Kind.message and held.row.first_answer_at is None,
                )
            if card is not None:
                known_by = stored_id if message is None else None
                shown, sends = await self._voice.show(
                    *here, card, name=name, client_message_id=known_by
                )
                message, held.sends = message or shown, held.sends or sends
            if message is None:
                raise Refused("empty")
            held.row.first_answer_at = held.row.first_answer_at or held.moment
            held.row.read_seq = held.conversation.last_seq
            held.row.snoozed_until = held.row.snoozed_seq = None
            note(held.session, held.conversation, Event.staff_wrote, _actor(member), {})
        return to_message(message)

    async def note(self, member: StaffMember, conversation_id: str, text: str) -> Note:
        """For colleagues; also after the end. Raises :class:`Refused` as :meth:`reply`."""
        words, _ = _text(text)
        async with self._hold(member, conversation_id, Action.note, ended=True) as held:
            row = self._note(held, member.id, words)
            note(held.session, held.conversation, "note", _actor(member), {})
            await held.session.flush()
        return Note(row.id, row.author, row.text, row.created_at)

    @staticmethod
    def _note(held: Held, author: str, text: str) -> HandoverNoteRow:
        row = HandoverNoteRow(
            conversation_id=held.conversation.id, author=author, text=text, created_at=held.moment
        )
        held.session.add(row)
        return row

    async def typing(self, member: StaffMember, conversation_id: str) -> None:
        """The member is writing: the website's visitor sees it, and others where their channel
        can show it. Too often is passed over in silence.
        """
        async with self._sessions.read() as session:
            row = await open_row(session, conversation_id)
            conversation = await session.get(ConversationRow, conversation_id)
            if row is None or conversation is None:
                raise NotFound
            Rights(member).require(Action.write, Subject(row.team, row.assignee))
            if await self._signs.take(conversation_id):
                return
            channel, address = await self._voice.target(session, conversation, row)
        await self._events.publish(by_staff(conversation_id))
        outlet = self._dispatch.outlet(channel)
        if outlet is not None and address is not None and outlet.capabilities.typing:
            await outlet.typing(address)

    async def mark_read(self, member: StaffMember, conversation_id: str, seq: int) -> Entry:
        """The member has seen everything up to ``seq``; it never goes back."""
        async with self._hold(member, conversation_id, Action.write) as held:
            held.row.read_seq = max(held.row.read_seq, min(seq, held.conversation.last_seq))
        return to_entry(held.row)

    # Putting aside, ending, taking up again.

    async def snooze(self, member: StaffMember, conversation_id: str, until: dt.datetime) -> Entry:
        """Out of sight until then, or until the citizen writes.

        Raises :class:`Refused` with ``in_the_past``.
        """
        async with self._hold(member, conversation_id, Action.write) as held:
            if until <= held.moment:
                raise Refused("in_the_past")
            _with_somebody(held)
            held.row.snoozed_until = until
            held.row.snoozed_seq = held.conversation.last_seq
            details = {"until": until.isoformat()}
            note(held.session, held.conversation, "snoozed", _actor(member), details)
        return to_entry(held.row)

    async def wake(self, member: StaffMember, conversation_id: str) -> Entry:
        """In sight again."""
        async with self._hold(member, conversation_id, Action.write) as held:
            held.row.snoozed_until = held.row.snoozed_seq = None
            note(held.session, held.conversation, "woken", _actor(member), {})
        return to_entry(held.row)

    async def resolve(
        self, member: StaffMember, conversation_id: str, outcome: Outcome = Outcome.solved
    ) -> Entry:
        """The end; the guide takes over again and asks how the help was.

        Raises :class:`Refused` with ``unknown_outcome`` for one that is not staff's to give.
        """
        if outcome not in STAFF_OUTCOMES:
            raise Refused("unknown_outcome")
        name = await self._last_helper(member, conversation_id)
        async with self._hold(member, conversation_id, Action.resolve) as held:
            helped = held.row.assignee is not None and (
                held.row.kind == Kind.chat or held.row.first_answer_at is not None
            )
            move(held.conversation, Event.resolved)
            end(held.row, outcome, held.moment)
            details = {"outcome": outcome.value}
            note(held.session, held.conversation, Event.resolved, _actor(member), details)
            if helped:
                choices = tuple(f"rate:{stars}" for stars in range(1, 6))
                asked = Reply("rating_ask", {"name": name}, choices=choices)
                held.sends = await self._voice.tell(
                    held.session, held.conversation, held.row, asked, Author.guide
                )
        return to_entry(held.row)

    async def mark_spam(self, member: StaffMember, conversation_id: str) -> Entry:
        """The end, without a word to whoever wrote it."""
        async with self._hold(member, conversation_id, Action.mark_spam) as held:
            move(held.conversation, Event.resolved)
            end(held.row, Outcome.spam, held.moment)
            details = {"outcome": Outcome.spam.value}
            note(held.session, held.conversation, Event.resolved, _actor(member), details)
        return to_entry(held.row)

    async def reopen(self, member: StaffMember, conversation_id: str) -> Entry:
        """Take up again what was ended, as its assignee.

        Raises :class:`NotPossible` if the citizen is in the queue, or with somebody, already.
        """
        name = await self.display_name(member)
        async with self._hold(member, conversation_id, Action.reopen, ended=True) as held:
            if held.row.open_in is not None:
                raise NotPossible(state=held.conversation.state)
            move(held.conversation, Event.handover_requested)
            move(held.conversation, Event.claimed)
            held.row.open_in = conversation_id
            held.row.closed_at = held.row.outcome = None
            await self._take(held.session, held.row, member, held.moment)
            note(held.session, held.conversation, "reopened", _actor(member), {})
            await self._tell(held, "handover_joined", name=name)
        return to_entry(held.row)

    # What happens by itself.

    async def set_presence(self, member: StaffMember, state: PresenceState) -> None:
        """Online, away or offline. Whoever goes leaves what they have not answered to others."""
        await self.presence.say(member.id, state)
        if state is PresenceState.online:
            await self.assign_waiting()
        else:
            await self._release(member.id)
        await self._events.publish(DESK_TOPIC)

    async def sweep(self) -> None:
        """What time brings: who fell silent leaves their conversations, teams get new ones."""
        moment = self._clock()
        async with self._sessions.read() as session:
            rows = await session.scalars(
                select(HandoverRow.assignee)
                .where(HandoverRow.open_in.is_not(None), HandoverRow.assignee.is_not(None))
                .distinct()
            )
            holders = {holder for holder in rows if holder is not None}
            beats = await session.scalars(
                select(PresenceRow).where(PresenceRow.member_id.in_(holders))
            )
            there = {row.member_id: effective(row, moment) for row in beats}
        for holder in sorted(holders):
            if there.get(holder) is not PresenceState.online:
                await self._release(holder)
        await self.assign_waiting()

    async def _release(self, member_id: str) -> None:
        """Back into the queue with what this member has not answered."""
        moment = self._clock()
        async with self._sessions.read() as session:
            unanswered = (
                await session.scalars(
                    select(HandoverRow.conversation_id)
                    .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
                    .where(
                        HandoverRow.open_in.is_not(None),
                        HandoverRow.assignee == member_id,
                        ConversationRow.state == State.assigned,
                        ~snoozed_now(moment),
                    )
                )
            ).all()
        name = await self._name(member_id)
        for conversation_id in unanswered:
            async with self._sessions.write() as session:
                try:
                    conversation = await lock(session, conversation_id)
                except ConversationNotFound:
                    continue
                row = await open_row(session, conversation_id)
                # Answered, or given to somebody else, in the meantime: then it stays.
                gone = row is None or row.assignee != member_id
                if row is None or gone or conversation.state != State.assigned:
                    continue
                held = Held(session, conversation, row, moment)
                await self._return(held, "system", name, "handover_returned", {})
            await self._changed(held)

    async def assign_waiting(self) -> None:
        """Give what waits in teams that share out by themselves to whoever is free."""
        moment = self._clock()
        async with self._sessions.read() as session:
            settings = await session.scalars(
                select(TeamSettingsRow.team).where(TeamSettingsRow.assignment == Assignment.auto)
            )
            teams = [team or None for team in settings]
            if not teams:
                return
            rows = await session.scalars(
                select(HandoverRow)
                .where(waiting(), func.coalesce(HandoverRow.team, "").in_([t or "" for t in teams]))
                .order_by(*queue_order())
            )
            entries = [to_entry(row) for row in rows]
            if not entries:
                return
            ids = await online(session, moment)
            load = await loads(session, moment)
        members = present(await self._roster.members(), ids)
        for entry in entries:
            need = Need(entry.team, entry.language, entry.service)
            chosen = best(need, members, load, self._catalogue())
            if chosen is None:
                continue
            try:
                await self._claim(chosen, entry.conversation_id, actor="system")
            except (AlreadyTaken, AtCapacity, NotPossible, NotFound) as reason:
                log.info("not_assigned", conversation=entry.conversation_id, reason=reason.code)
                continue
            load[chosen.id] = load.get(chosen.id, 0) + 1

    async def noticed(self) -> None:
        """A citizen's turn concerns staff: for the pipeline."""
        await self.assign_waiting()
        await self._events.publish(DESK_TOPIC)

    # Names.

    async def display_name(self, member: StaffMember) -> str:
        """As citizens read it: "Mette, Borgerservice"."""
        names = {team.id: team.name for team in await self._roster.teams()}
        team = next((names[item] for item in member.teams if item in names), None)
        return (f"{member.name}, {team}" if team else member.name)[:_MAX_NAME]

    async def _name(self, member_id: str) -> str:
        member = await self._member(member_id)
        return await self.display_name(member) if member is not None else member_id

    async def _member(self, member_id: str) -> StaffMember | None:
        found = (item for item in await self._roster.members() if item.id == member_id)
        return next(found, None)

    async def _last_helper(self, member: StaffMember, conversation_id: str) -> str:
        async with self._sessions.read() as session:
            row = await open_row(session, conversation_id)
        assignee = row.assignee if row is not None else None
        return await self._name(assignee or member.id)

    # The frame of every operation.

    @asynccontextmanager
    async def _hold(
        self,
        member: StaffMember,
        conversation_id: str,
        action: Action | None,
        *,
        ended: bool = False,
    ) -> AsyncIterator[Held]:
        """The conversation under its lock, if the member may; told to everybody afterwards.

        ``ended``: the handover that ended last will do as well.
        """
        async with self._sessions.write() as session:
            try:
                conversation = await lock(session, conversation_id)
            except ConversationNotFound:
                raise NotFound from None
            row = await open_row(session, conversation_id)
            if row is None and ended:
                row = await last_row(session, conversation_id)
            if row is None:
                raise NotPossible(state=conversation.state)
            if action is not None:
                Rights(member).require(action, Subject(row.team, row.assignee))
            held = Held(session, conversation, row, self._clock())
            yield held
        await self._changed(held)

    async def _changed(self, held: Held) -> None:
        if held.sends:
            self._sent()
        for topic in (held.conversation.id, DESK_TOPIC):
            try:
                await self._events.publish(topic)
            except Exception:
                # It is stored; whoever follows looks by themselves after a while.
                log.exception("wake_up_failed", topic=topic)


def queue_order() -> tuple[Any, ...]:
    """Priority first, people at the other end before left messages, then who waited longest."""
    return (
        HandoverRow.priority.desc(),
        HandoverRow.kind != Kind.chat,
        HandoverRow.queued_at,
        HandoverRow.id,
    )


def _actor(member: StaffMember) -> str:
    return f"staff:{member.id}"


def _with_somebody(held: Held) -> None:
    if held.row.assignee is None or held.row.open_in is None:
        raise NotPossible(state=held.conversation.state)


def _text(text: str, *, empty: bool = False) -> tuple[str, bool]:
    """Cleaned and masked, and whether something was masked. Raises :class:`Refused`."""
    words = clean(text)
    if not words and not empty:
        raise Refused("empty")
    if len(words) > MAX_TEXT:
        raise Refused("too_long", limit=MAX_TEXT)
    return mask_cpr(words)
