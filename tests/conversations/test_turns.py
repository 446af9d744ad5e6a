"""One turn at a time per conversation, conversations side by side, whoever runs them."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.locks.local import LocalLocks
from conversations.locks.port import Locks
from conversations.metrics import TURNS_WAITING
from conversations.turns import TurnRunner


class World:
    """What gateways share: the open messages of each conversation, and the locks.

    Messages are ``conversation:number``. A turn lasts until the test opens its gate, or as many
    rounds of the event loop as ``pauses`` says.
    """

    def __init__(self, locks: Locks | None = None, pauses: Iterable[int] | None = None) -> None:
        self.open: dict[str, list[str]] = defaultdict(list)
        self.started: list[str] = []
        self.finished: list[str] = []
        self.done: list[str] = []
        self.fails: set[str] = set()
        self.running: set[str] = set()
        self.doubled: list[str] = []
        self.gates: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.locks = locks or LocalLocks()
        self.pauses = itertools.cycle(pauses) if pauses is not None else None

    async def run(self, conversation_id: str) -> None:
        """As the pipeline does: the next open message, or nothing."""
        await self.pause()
        if not self.open[conversation_id]:
            return
        message = self.open[conversation_id][0]
        self.started.append(message)
        if conversation_id in self.running:
            self.doubled.append(message)
        self.running.add(conversation_id)
        try:
            if self.pauses is None:
                await self.gates[message].wait()
            await self.pause()
            if message in self.fails:
                raise RuntimeError(message)
            self.finished.append(message)
            self.open[conversation_id].remove(message)
            await self.pause()
        finally:
            self.running.discard(conversation_id)

    async def is_open(self, conversation_id: str) -> bool:
        await self.pause()
        found = bool(self.open[conversation_id])
        await self.pause()
        return found

    async def tell(self, conversation_id: str) -> None:
        self.done.append(conversation_id)

    async def pause(self) -> None:
        for _ in range(next(self.pauses) if self.pauses is not None else 0):
            await asyncio.sleep(0)

    def runner(self, **options: int) -> TurnRunner:
        return TurnRunner(self.run, self.is_open, self.tell, self.locks, **options)

    def write(self, runner: TurnRunner, *messages: str) -> None:
        """Each is stored, and then submitted."""
        for message in messages:
            conversation_id = message.partition(":")[0]
            self.open[conversation_id].append(message)
            runner.submit(conversation_id)

    async def let(self, *messages: str) -> None:
        """Open the gates of these turns."""
        for message in messages:
            self.gates[message].set()
        await settle()


class FarLocks:
    """Locks that take a while to get and to let go, as those of another process do."""

    def __init__(self, pauses: Iterable[int]) -> None:
        self._locks = LocalLocks()
        self._pauses = itertools.cycle(pauses)

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[bool]:
        await self._pause()
        async with self._locks.hold(key) as ours:
            await self._pause()
            try:
                yield ours
            finally:
                await self._pause()
        await self._pause()

    async def _pause(self) -> None:
        for _ in range(next(self._pauses)):
            await asyncio.sleep(0)


async def settle() -> None:
    """Give every task the chance to go as far as it can."""
    for _ in range(30):
        await asyncio.sleep(0)


def level() -> float:
    """What Prometheus would be told."""
    return next(iter(TURNS_WAITING.collect())).samples[0].value


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def runner(world: World) -> AsyncIterator[TurnRunner]:
    before = level()
    runner = world.runner()
    yield runner
    await runner.close(grace=0)
    assert level() == before
    assert not world.doubled


async def test_turns_of_a_conversation_run_one_by_one_in_order(
    world: World, runner: TurnRunner
) -> None:
    world.write(runner, "a:1", "a:2", "a:3")
    await world.let("a:3", "a:2")
    assert world.started == ["a:1"]
    await world.let("a:1")
    assert world.finished == ["a:1", "a:2", "a:3"]


async def test_conversations_run_side_by_side(world: World, runner: TurnRunner) -> None:
    world.write(runner, "a:1", "b:1", "c:1")
    await settle()
    assert world.started == ["a:1", "b:1", "c:1"]
    await world.let("c:1")
    assert world.finished == ["c:1"]


async def test_no_more_run_at_once_than_allowed(world: World) -> None:
    runner = world.runner(at_once=2)
    world.write(runner, "a:1", "b:1", "c:1")
    await settle()
    assert world.started == ["a:1", "b:1"]
    await world.let("b:1")
    assert world.started == ["a:1", "b:1", "c:1"]
    await runner.close(grace=0)


async def test_readers_are_told_after_every_turn(world: World, runner: TurnRunner) -> None:
    world.write(runner, "a:1", "a:2", "b:1")
    await world.let("a:1")
    assert world.done == ["a"]
    await world.let("a:2", "b:1")
    assert sorted(world.done) == ["a", "a", "b"]


async def test_one_word_is_enough_for_all_that_is_open(world: World, runner: TurnRunner) -> None:
    world.open["a"] = ["a:1", "a:2", "a:3"]
    runner.submit("a")
    await world.let("a:1", "a:2", "a:3")
    assert world.finished == ["a:1", "a:2", "a:3"]


async def test_a_word_about_nothing_is_harmless(world: World, runner: TurnRunner) -> None:
    runner.submit("a")
    runner.submit("a")
    await settle()
    assert (world.started, world.running) == ([], set())
    world.write(runner, "a:1")
    await world.let("a:1")
    assert world.finished == ["a:1"]


async def test_a_failure_stops_no_other_conversation(world: World, runner: TurnRunner) -> None:
    world.fails = {"a:1"}
    world.write(runner, "a:1", "b:1")
    await world.let("a:1", "b:1")
    assert world.finished == ["b:1"]


async def test_what_failed_is_open_and_answered_before_what_came_later(
    world: World, runner: TurnRunner
) -> None:
    world.fails = {"a:1"}
    world.write(runner, "a:1", "a:2")
    await world.let("a:1", "a:2")
    assert world.open["a"] == ["a:1", "a:2"]
    world.fails = set()
    world.write(runner, "a:3")
    await world.let("a:3")
    assert world.finished == ["a:1", "a:2", "a:3"]


async def test_what_keeps_failing_is_not_tried_in_a_hurry(world: World, runner: TurnRunner) -> None:
    world.fails = {"a:1"}
    world.write(runner, "a:1")
    await world.let("a:1")
    assert world.started == ["a:1"]
    runner.submit("a")
    await settle()
    assert world.started == ["a:1", "a:1"]


@pytest.mark.parametrize("broken", ["tell", "is_open", "hold"])
async def test_whatever_fails_the_conversation_can_be_taken_up_again(
    world: World, broken: str
) -> None:
    before = level()

    async def away(conversation_id: str) -> bool:
        raise ConnectionError(conversation_id)

    class Away:
        @asynccontextmanager
        async def hold(self, key: str) -> AsyncIterator[bool]:
            raise ConnectionError(key)
            yield True

    runner = TurnRunner(
        world.run,
        away if broken == "is_open" else world.is_open,
        away if broken == "tell" else world.tell,  # type: ignore[arg-type]
        Away() if broken == "hold" else world.locks,
    )
    world.write(runner, "a:1")
    await world.let("a:1")
    runner.submit("a")
    await settle()
    await runner.close(grace=0)
    assert world.finished == ([] if broken == "hold" else ["a:1"])
    assert level() == before
    second = world.runner()
    world.write(second, "a:2")
    await world.let("a:1", "a:2")
    await second.close(grace=0)
    assert world.finished == ["a:1", "a:2"]


async def test_a_failure_to_tell_readers_does_not_stop_the_next_turn(world: World) -> None:
    async def broken(conversation_id: str) -> None:
        raise ConnectionError(conversation_id)

    runner = TurnRunner(world.run, world.is_open, broken, world.locks)
    world.write(runner, "a:1", "a:2")
    await world.let("a:1", "a:2")
    await runner.close(grace=0)
    assert world.finished == ["a:1", "a:2"]


async def test_a_conversation_goes_on_after_nothing_was_open(
    world: World, runner: TurnRunner
) -> None:
    world.write(runner, "a:1")
    await world.let("a:1")
    world.write(runner, "a:2")
    await world.let("a:2")
    assert world.finished == ["a:1", "a:2"]


async def test_close_waits_for_what_runs(world: World, runner: TurnRunner) -> None:
    world.write(runner, "a:1", "a:2")
    await settle()
    closing = asyncio.create_task(runner.close())
    await world.let("a:1", "a:2")
    await closing
    assert world.finished == ["a:1", "a:2"]


async def test_close_cancels_what_does_not_end_in_time(world: World, runner: TurnRunner) -> None:
    world.write(runner, "a:1", "a:2", "b:1")
    await world.let("b:1")
    await runner.close(grace=0.01)
    await world.let("a:1", "a:2")
    assert world.finished == ["b:1"]
    assert world.open["a"] == ["a:1", "a:2"]


async def test_what_was_cancelled_leaves_the_lock_free(world: World, runner: TurnRunner) -> None:
    world.write(runner, "a:1")
    await settle()
    await runner.close(grace=0)
    async with world.locks.hold("a") as ours:
        assert ours


async def test_close_with_nothing_to_do(runner: TurnRunner) -> None:
    await asyncio.wait_for(runner.close(), 1)


async def test_who_finds_the_lock_taken_leaves_the_message_to_its_holder(world: World) -> None:
    one, two = world.runner(), world.runner()
    world.write(one, "a:1")
    await settle()
    world.write(two, "a:2", "b:1")
    await world.let("b:1")
    assert world.started == ["a:1", "b:1"]
    await asyncio.wait_for(two.close(), 1)
    await world.let("a:1", "a:2")
    assert world.finished == ["b:1", "a:1", "a:2"]
    await one.close(grace=0)


async def test_what_a_dying_gateway_leaves_is_taken_up_by_another(world: World) -> None:
    one, two = world.runner(), world.runner()
    world.write(one, "a:1")
    await settle()
    world.write(two, "a:2")
    await settle()
    await one.close(grace=0)
    two.submit("a")  # as the sweep does
    await world.let("a:1", "a:2")
    assert world.finished == ["a:1", "a:2"]
    await two.close(grace=0)


@settings(max_examples=30)
@given(st.lists(st.sampled_from("abc"), max_size=30))
async def test_any_interleaving_keeps_the_order_of_each_conversation(order: list[str]) -> None:
    world = World()
    runner = world.runner()
    messages = [f"{conversation}:{n}" for n, conversation in enumerate(order)]
    world.write(runner, *messages)
    await world.let(*reversed(messages))
    await runner.close()
    for conversation in "abc":
        of_this = [item for item in world.finished if item[0] == conversation]
        assert of_this == [item for item in messages if item[0] == conversation]
    assert not world.doubled


PAUSES = st.lists(st.integers(0, 4), min_size=1, max_size=12)
MESSAGES = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 2), st.integers(0, 12)), max_size=16
)
"""The conversation, the gateway that takes it, and the rounds until the next one."""


@settings(max_examples=300, deadline=None)
@given(messages=MESSAGES, work=PAUSES, locking=PAUSES)
async def test_gateways_together_leave_nothing_over_and_never_work_twice(
    messages: list[tuple[str, int, int]], work: list[int], locking: list[int]
) -> None:
    before = level()
    world = World(FarLocks(locking), work)
    runners = [world.runner() for _ in range(3)]
    written = defaultdict(list)
    for n, (conversation, gateway, rounds) in enumerate(messages):
        message = f"{conversation}:{n}"
        written[conversation].append(message)
        world.write(runners[gateway], message)
        for _ in range(rounds):
            await asyncio.sleep(0)
    for runner in runners:
        await runner.close()
    assert not any(world.open.values())
    assert not world.doubled
    for conversation, expected in written.items():
        assert [item for item in world.finished if item[0] == conversation] == expected
    assert sorted(world.started) == sorted(world.finished)
    assert level() == before
