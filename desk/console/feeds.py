"""What happens at the desk, told to every console that may know.

Wake-ups carry nothing, so one look at the database says what has changed since the last one, for
all sessions of this process together. Each session has a feed of numbered events; a stream that
breaks off goes on from the number that it had, or is told to read everything again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import secrets
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.events.port import Events
from conversations.store.tables import ConversationRow
from conversations.typing import BY_CITIZENS
from desk.accounts.models import Clock, utc_now
from desk.accounts.sessions import StaffSession, StaffSessions
from desk.console.lines import version
from desk.errors import NotSignedIn, TooManyTries
from desk.queue.models import DESK_TOPIC, PresenceState
from desk.queue.presence import PresenceBoard
from desk.queue.roster import Roster
from desk.queue.tables import HandoverRow
from desk.rights import Action, Rights, Subject
from storage.sessions import Sessions

KEPT = 200
"""Events that a feed can replay."""
STREAMS_AT_ONCE = 10
"""Of one session: a tab each."""
_RETRY_SECONDS = 30.0
_CHECK_SECONDS = 5.0
"""How long to trust wake-ups before looking by itself: deliveries come forward without one."""
_IDLE_SECONDS = 30.0
_GATHER_SECONDS = 0.05
"""A transition wakes more than once: one look answers them all."""
_ALIVE_SECONDS = 20.0
"""How often a silent stream asks whether its session is alive."""
_SIGN_SECONDS = 4.0
"""A sign that could not be told within this is old."""
_FEED_LIVES = 300.0
"""A feed that nobody reads is kept for so long."""
_ENDED_SECONDS = 600.0
"""How long after its end a handover is still looked at."""

Payload = dict[str, Any]


@dataclass(frozen=True)
class Standing:
    """A conversation as far as it matters who hears of it, and whether there is news."""

    team: str | None
    assignee: str | None
    offered_to: str | None
    open: bool
    seq: int
    read_seq: int
    version: int

    def visible(self, member: str, rights: Rights) -> bool:
        """May the member hear of it?"""
        subject = Subject(self.team, self.assignee)
        return self.offered_to == member or rights.can(Action.see_conversation, subject)


@dataclass(frozen=True)
class Snapshot:
    conversations: Mapping[str, Standing]
    presence: Mapping[str, PresenceState]


@dataclass(frozen=True)
class News:
    """An event, and who may get it: whoever saw the conversation before or sees it now."""

    payload: Payload
    standings: tuple[Standing, ...] = ()
    member: str | None = None
    """For presence: whose it is."""

    def concerns(self, member: str, rights: Rights) -> bool:
        """Does it go to this member?"""
        if self.member is not None:
            return self.member == member or rights.can(Action.transfer)
        return any(standing.visible(member, rights) for standing in self.standings)


def news(before: Snapshot, after: Snapshot) -> list[News]:
    """What has happened from one look to the next."""
    found: list[News] = []
    for conversation_id, now in after.conversations.items():
        then = before.conversations.get(conversation_id)
        if now == then:
            continue
        both = (now,) if then is None else (then, now)
        grown = now.seq - then.seq if then is not None else 0
        if grown > 0:
            payload = {"type": "message", "conversation": conversation_id, "seq": now.seq}
            found.append(News(payload, both))
        if then is None or not _only_words(then, now):
            changed = {"type": "conversation", "id": conversation_id, "version": now.version}
            found.append(News(changed, both))
    for conversation_id, then in before.conversations.items():
        # What was open and is nowhere now was erased.
        if then.open and conversation_id not in after.conversations:
            gone = {"type": "conversation", "id": conversation_id, "version": then.version + 1}
            found.append(News(gone, (then,)))
    for member, state in after.presence.items():
        if before.presence.get(member, PresenceState.offline) is not state:
            payload = {"type": "presence", "member": member, "state": state.value}
            found.append(News(payload, member=member))
    return found


def _only_words(then: Standing, now: Standing) -> bool:
    """Nothing has changed but that something was said."""
    same = (then.team, then.assignee, then.offered_to, then.open, then.read_seq) == (
        now.team,
        now.assignee,
        now.offered_to,
        now.open,
        now.read_seq,
    )
    return same and now.version - then.version == now.seq - then.seq


@dataclass
class Feed:
    """The events of one session, in the order in which they came."""

    member: str
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    """Told apart from an earlier feed, or another process's, whose numbers mean nothing here."""
    number: int = 0
    kept: deque[tuple[int, Payload]] = field(default_factory=lambda: deque(maxlen=KEPT))
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    signs: deque[tuple[float, Payload]] = field(default_factory=lambda: deque(maxlen=20))
    """What is over in a moment, with when it was heard: told to who is listening, and not kept."""
    streams: int = 0
    left_at: float = field(default_factory=monotonic)

    def push(self, payload: Payload) -> None:
        self.number += 1
        self.kept.append((self.number, payload))
        self._wake()

    def sign(self, payload: Payload) -> None:
        """Something that whoever comes later need not hear of."""
        self.signs.append((monotonic(), payload))
        self._wake()

    def signs_after(self, moment: float) -> list[tuple[float, Payload]]:
        """Those that were heard later than this."""
        return [sign for sign in self.signs if sign[0] > moment]

    def _wake(self) -> None:
        # Everybody who waits holds the old one.
        self.changed.set()
        self.changed = asyncio.Event()

    def position(self, last_event_id: str | None) -> int | None:
        """From where to go on; None if that is not known here any more."""
        name, _, digits = (last_event_id or "").partition(".")
        if name != self.name or not digits.isascii() or not digits.isdigit() or len(digits) > 15:
            return None
        number = int(digits)
        return number if number <= self.number and self.after(number) is not None else None

    def after(self, number: int) -> list[tuple[int, Payload]] | None:
        """The events above ``number``; None if some of them are gone."""
        if self.number - number > len(self.kept):
            return None
        return [item for item in self.kept if item[0] > number]

    def event(self, number: int, payload: Payload) -> dict[str, str]:
        """As it goes over the wire."""
        return {
            "event": str(payload["type"]),
            "id": f"{self.name}.{number}",
            "data": json.dumps(payload),
        }


class Feeds:
    """The feeds of this process. Nothing is told unless :meth:`run` runs."""

    def __init__(
        self,
        engine: AsyncEngine,
        events: Events,
        sessions: StaffSessions,
        roster: Roster,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = Sessions(engine)
        self._presence = PresenceBoard(engine, clock)
        self._events = events
        self._staff_sessions = sessions
        self._roster = roster
        self._clock = clock
        self._feeds: dict[str, Feed] = {}
        self._seen: Snapshot | None = None
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Look whenever somebody says that something has changed, and now and then."""
        async with self._events.subscribe(DESK_TOPIC, BY_CITIZENS) as subscription:
            look_at = 0.0
            while True:
                woken = await subscription.wait(max(0.0, look_at - monotonic()))
                self._show_writing(woken - {DESK_TOPIC})
                if woken and DESK_TOPIC not in woken:
                    continue
                self._sweep()
                if woken:
                    await asyncio.sleep(_GATHER_SECONDS)
                await self.look()
                look_at = monotonic() + (_CHECK_SECONDS if self._feeds else _IDLE_SECONDS)

    def _show_writing(self, topics: Iterable[str]) -> None:
        """Citizens are typing: whoever has the conversation may know."""
        known = self._seen.conversations if self._seen is not None else {}
        for topic in topics:
            conversation_id = topic.rpartition(":")[2]
            standing = known.get(conversation_id)
            if standing is None or not standing.open:
                continue
            payload = {"type": "typing", "conversation": conversation_id, "who": "citizen"}
            for feed in self._feeds.values():
                if feed.member == standing.assignee:
                    feed.sign(payload)

    def _sweep(self) -> None:
        limit = monotonic() - _FEED_LIVES
        for key, feed in list(self._feeds.items()):
            if not feed.streams and feed.left_at < limit:
                del self._feeds[key]

    async def look(self) -> None:
        """Tell every feed what has changed since the last look."""
        async with self._looking:
            if not self._feeds:
                # Whoever comes reads everything anyway.
                self._seen = None
                return
            before, self._seen = self._seen, await self._snapshot()
            if before is not None:
                await self._tell(news(before, self._seen))

    async def _tell(self, found: Iterable[News]) -> None:
        items = list(found)
        if not items:
            return
        # As they are now: whoever has just lost a right hears no more.
        members = {member.id: Rights(member) for member in await self._roster.members()}
        for feed in self._feeds.values():
            rights = members.get(feed.member)
            if rights is None:
                continue
            for item in items:
                if item.concerns(feed.member, rights):
                    feed.push(item.payload)

    async def _snapshot(self) -> Snapshot:
        since = self._clock() - dt.timedelta(seconds=_ENDED_SECONDS)
        async with self._sessions.read() as session:
            rows = await session.execute(
                select(
                    HandoverRow.conversation_id,
                    HandoverRow.team,
                    HandoverRow.assignee,
                    HandoverRow.offered_to,
                    HandoverRow.open_in,
                    ConversationRow.last_seq,
                    HandoverRow.read_seq,
                    version(),
                )
                .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
                .where(or_(HandoverRow.open_in.is_not(None), HandoverRow.closed_at > since))
                # The last one of a conversation counts: the open one, if there is one.
                .order_by(HandoverRow.open_in.is_not(None), HandoverRow.id)
            )
            conversations = {
                row[0]: Standing(row[1], row[2], row[3], row[4] is not None, *row[5:])
                for row in rows
            }
        presence = {one.member: one.state for one in (await self._presence.all()).values()}
        return Snapshot(conversations, presence)

    async def stream(
        self, session: StaffSession, last_event_id: str | None
    ) -> AsyncIterator[dict[str, str]]:
        """The events for one page. Ends with the session.

        Raises :class:`TooManyTries` for more pages than anybody has open.
        """
        feed = self._feeds.setdefault(session.key, Feed(session.member.id))
        if feed.streams >= STREAMS_AT_ONCE:
            raise TooManyTries(_RETRY_SECONDS)
        return self._follow(feed, session, last_event_id)

    async def _follow(
        self, feed: Feed, session: StaffSession, last_event_id: str | None
    ) -> AsyncIterator[dict[str, str]]:
        # Counted here and not above: a stream that nobody ever reads has no end to count down at.
        feed.streams += 1
        shown = monotonic()
        try:
            position = feed.position(last_event_id)
            if position is None:
                # What is read from here on is at least as new as what later events start from.
                if self._seen is None:
                    await self.look()
                position = feed.number
                yield feed.event(position, {"type": "resync"})
                yield feed.event(position, await self._own_presence(feed.member))
            while True:
                changed = feed.changed
                waiting = feed.after(position)
                # Each time before something is told: sessions can be ended from elsewhere.
                await self._staff_sessions.still_open(session)
                if waiting is None:
                    position = feed.number
                    yield feed.event(position, {"type": "resync"})
                for number, payload in waiting or ():
                    position = number
                    yield feed.event(number, payload)
                for heard, payload in feed.signs_after(max(shown, monotonic() - _SIGN_SECONDS)):
                    shown = heard
                    yield {"event": str(payload["type"]), "data": json.dumps(payload)}
                try:
                    async with asyncio.timeout(_ALIVE_SECONDS):
                        await changed.wait()
                except TimeoutError:
                    pass
        except NotSignedIn:
            return
        finally:
            feed.streams -= 1
            feed.left_at = monotonic()

    async def _own_presence(self, member: str) -> Payload:
        state = await self._presence.state(member)
        return {"type": "presence", "member": member, "state": state.value}
