"""Whatever citizens, the guide and three members do, in whatever order."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.models import Author, Message, Reply
from conversations.rendering.renderer import Renderer
from conversations.states import WITH_A_PERSON, State
from desk.accounts.models import Role, StaffMember, Team
from desk.errors import DeskError
from desk.queue.models import Assignment, Outcome, PresenceState, TeamSettings
from desk.queue.teams import TeamBoard
from knowledge.crisis.detector import CrisisDetector
from knowledge.live import LiveKnowledge
from storage.base import Base
from storage.engine import open_engine
from tests.desk.queue.world import World

CITIZEN = ("hej", "menneske", "nej tak", "det brænder i min lejlighed", "ida@example.dk", "4")
CHOICES = ("human", "withdraw", "leave", "answer:here", "leave:send", "leave:cancel", "rate:2")
STAFF = (
    "claim",
    "reply",
    "note",
    "offer",
    "accept",
    "decline",
    "pass_on",
    "put_back",
    "snooze",
    "wake",
    "resolve",
    "mark_spam",
    "reopen",
    "mark_read",
    "away",
    "online",
)
CONVERSATIONS, MEMBERS = 2, 3
steps = st.one_of(
    st.tuples(st.just("write"), st.integers(0, CONVERSATIONS - 1), st.sampled_from(CITIZEN)),
    st.tuples(st.just("choose"), st.integers(0, CONVERSATIONS - 1), st.sampled_from(CHOICES)),
    # The guide works while a member takes the conversation.
    st.tuples(st.just("meanwhile"), st.integers(0, CONVERSATIONS - 1), st.integers(0, 2)),
    st.tuples(
        st.sampled_from(STAFF), st.integers(0, CONVERSATIONS - 1), st.integers(0, MEMBERS - 1)
    ),
    st.tuples(st.just("time"), st.integers(1, 200), st.just(0)),
)


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A database with the tables in it, to be copied."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "guide.db"

        async def make() -> None:
            engine = open_engine(f"sqlite+aiosqlite:///{path}")
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            await engine.dispose()

        asyncio.run(make())
        yield path


class Play:
    """The world, with a count of all that was accepted."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.said: Counter[tuple[str, Author]] = Counter()
        self.ids: list[str] = []
        self.members: list[StaffMember] = []

    async def begin(self, *, auto: bool) -> None:
        world = self.world
        await world.team(Team("borgerservice", "Borgerservice", ("kk",)))
        await world.team(Team("parkering", "Parkering", ("parkering",)))
        if auto:
            boss = await world.member("Bo", role=Role.administrator, online=False)
            await TeamBoard(world.engine).save(boss, TeamSettings("borgerservice", Assignment.auto))
        teams = (("borgerservice",), ("borgerservice", "parkering"), ("parkering",))
        for number, belongs in enumerate(teams):
            self.members.append(
                await world.member(f"Nr{number}", teams=belongs, capacity=number + 1)
            )
        self.ids = [(await world.begin()).id for _ in range(CONVERSATIONS)]

    async def step(self, what: str, first: int, second: int | str) -> None:
        world = self.world
        if what == "time":
            world.clock.forward(seconds=first)
            await world.desk.sweep()
            return
        conversation_id = self.ids[first]
        world.says(Reply("human") if second == "menneske" else Reply("fallback_1"))
        if what == "write":
            self.said[conversation_id, Author.citizen] += 1
            await world.write(conversation_id, str(second))
        elif what == "choose":
            self.said[conversation_id, Author.citizen] += 1
            await world.write(conversation_id, choice=str(second))
        elif what == "meanwhile":
            await self._meanwhile(conversation_id, self.members[int(second)])
        else:
            await self._staff(what, conversation_id, int(second))

    async def _meanwhile(self, conversation_id: str, member: StaffMember) -> None:
        world = self.world
        self.said[conversation_id, Author.citizen] += 1
        await world.store.add_citizen_message(conversation_id, "hvad med pas?", channel="web")
        look = world.assistant.respond

        async def respond(*args: object) -> list[Reply]:
            with contextlib.suppress(DeskError):
                await world.desk.claim(member, conversation_id)
            return [Reply("greet")]

        world.assistant.respond = respond  # type: ignore[method-assign, assignment]
        await world.settle(conversation_id)
        world.assistant.respond = look  # type: ignore[method-assign]

    async def _staff(self, what: str, conversation_id: str, number: int) -> None:
        desk, member = self.world.desk, self.members[number]
        other = self.members[(number + 1) % MEMBERS]
        try:
            match what:
                case "reply":
                    name = f"{sum(self.said.values())}"
                    await desk.reply(member, conversation_id, "Svar", name)
                    self.said[conversation_id, Author.staff] += 1
                case "note":
                    await desk.note(member, conversation_id, "Husk")
                case "offer":
                    await desk.offer(member, conversation_id, other.id, "Kan du?")
                case "pass_on":
                    await desk.pass_on(member, conversation_id, "parkering", "")
                case "snooze":
                    until = self.world.clock() + dt.timedelta(minutes=2)
                    await desk.snooze(member, conversation_id, until)
                case "resolve":
                    await desk.resolve(member, conversation_id, Outcome.solved)
                case "mark_read":
                    await desk.mark_read(member, conversation_id, 10**6)
                case "away":
                    await desk.set_presence(member, PresenceState.away)
                case "online":
                    await desk.set_presence(member, PresenceState.online)
                case _:
                    await getattr(desk, what)(member, conversation_id)
        except DeskError:
            return

    async def check(self, what: str, before: dict[str, tuple[State, int]]) -> None:
        for conversation_id in self.ids:
            state = State(await self.world.state(conversation_id))
            entries = await self.world.entries(conversation_id)
            running = [entry for entry in entries if entry.closed_at is None]
            assert len(running) <= 1
            with_somebody = [entry for entry in running if entry.assignee is not None]
            assert bool(with_somebody) == (state in WITH_A_PERSON)
            assert (bool(running) and not with_somebody) == (state is State.queued)
            messages = await self.world.all_messages(conversation_id)
            assert [message.seq for message in messages] == list(range(1, len(messages) + 1))
            for author in (Author.citizen, Author.staff):
                count = sum(message.author is author for message in messages)
                assert count == self.said[conversation_id, author]
            was, seq = before[conversation_id]
            self._silent(what, was, [item for item in messages if item.seq > seq])

    @staticmethod
    def _silent(what: str, was: State, new: list[Message]) -> None:
        """The guide says nothing from a claim on, but for danger and its question at the end."""
        taken = was in WITH_A_PERSON
        for message in new:
            if message.reply in ("handover_returned", "handover_moved"):
                taken = False
            elif message.reply == "handover_joined":
                taken = True
            elif message.author is Author.guide and taken:
                urgent = (message.reply or "").startswith("crisis_")
                assert urgent or (what == "resolve" and message.reply == "rating_ask")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(plan=st.lists(steps, min_size=8, max_size=30), auto=st.booleans())
def test_nothing_is_lost_and_one_has_the_word(
    template: Path,
    live: LiveKnowledge,
    renderer: Renderer,
    crisis: CrisisDetector,
    *,
    plan: list[tuple[str, int, int | str]],
    auto: bool,
) -> None:
    async def play(path: Path) -> None:
        engine = open_engine(f"sqlite+aiosqlite:///{path}")
        try:
            game = Play(World(engine, live, renderer, crisis))
            await game.begin(auto=auto)
            for what, first, second in plan:
                before = {}
                for item in game.ids:
                    conversation = await game.world.store.get(item)
                    before[item] = (conversation.state, conversation.last_seq)
                await game.step(what, first, second)
                await game.check(what, before)
            assert await game.world.store.unanswered() == []
        finally:
            await engine.dispose()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "guide.db"
        shutil.copy(template, path)
        asyncio.run(play(path))
