"""One turn at a time per conversation, conversations side by side."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.metrics import TURNS_WAITING
from conversations.turns import TurnRunner


class Work:
    """Turns that last until the test opens their gate; message ids are ``conversation:number``."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.finished: list[str] = []
        self.done: list[str] = []
        self.fails: set[str] = set()
        self.gates: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.runner = TurnRunner(self.run, self.publish)

    async def run(self, message_id: str) -> None:
        self.started.append(message_id)
        await self.gates[message_id].wait()
        if message_id in self.fails:
            raise RuntimeError(message_id)
        self.finished.append(message_id)

    async def publish(self, conversation_id: str) -> None:
        self.done.append(conversation_id)

    def submit(self, *message_ids: str) -> None:
        for message_id in message_ids:
            self.runner.submit(message_id.partition(":")[0], message_id)

    async def open(self, *message_ids: str) -> None:
        for message_id in message_ids:
            self.gates[message_id].set()
        await settle()


async def settle() -> None:
    """Give every task the chance to go as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


def level() -> float:
    """What Prometheus would be told."""
    return next(iter(TURNS_WAITING.collect())).samples[0].value


@pytest.fixture
async def work() -> AsyncIterator[Work]:
    before = level()
    work = Work()
    yield work
    await work.runner.close(grace=0)
    assert level() == before


async def test_turns_of_a_conversation_run_one_by_one_in_order(work: Work) -> None:
    work.submit("a:1", "a:2", "a:3")
    await work.open("a:3", "a:2")
    assert work.started == ["a:1"]
    await work.open("a:1")
    assert work.finished == ["a:1", "a:2", "a:3"]


async def test_conversations_run_side_by_side(work: Work) -> None:
    work.submit("a:1", "b:1", "c:1")
    await settle()
    assert work.started == ["a:1", "b:1", "c:1"]
    await work.open("c:1")
    assert work.finished == ["c:1"]


async def test_no_more_run_at_once_than_allowed(work: Work) -> None:
    work.runner = TurnRunner(work.run, work.publish, at_once=2)
    work.submit("a:1", "b:1", "c:1")
    await settle()
    assert work.started == ["a:1", "b:1"]
    await work.open("b:1")
    assert work.started == ["a:1", "b:1", "c:1"]


async def test_readers_are_told_after_every_turn(work: Work) -> None:
    work.submit("a:1", "a:2", "b:1")
    await work.open("a:1")
    assert work.done == ["a"]
    await work.open("a:2", "b:1")
    assert sorted(work.done) == ["a", "a", "b"]


async def test_a_failure_does_not_stop_the_next_turn(work: Work) -> None:
    work.fails = {"a:1"}
    work.submit("a:1", "a:2", "b:1")
    await work.open("a:1", "a:2", "b:1")
    assert sorted(work.finished) == ["a:2", "b:1"]
    assert sorted(work.done) == ["a", "a", "b"]


async def test_a_failure_to_tell_readers_does_not_stop_the_next_turn() -> None:
    work = Work()

    async def broken(conversation_id: str) -> None:
        raise ConnectionError(conversation_id)

    work.runner = TurnRunner(work.run, broken)
    work.submit("a:1", "a:2")
    await work.open("a:1", "a:2")
    await work.runner.close(grace=0)
    assert work.finished == ["a:1", "a:2"]


async def test_a_conversation_goes_on_after_its_queue_was_empty(work: Work) -> None:
    work.submit("a:1")
    await work.open("a:1")
    work.submit("a:2")
    await work.open("a:2")
    assert work.finished == ["a:1", "a:2"]


async def test_close_waits_for_what_runs(work: Work) -> None:
    work.submit("a:1", "a:2")
    await settle()
    closing = asyncio.create_task(work.runner.close())
    await work.open("a:1", "a:2")
    await closing
    assert work.finished == ["a:1", "a:2"]


async def test_close_cancels_what_does_not_end_in_time(work: Work) -> None:
    work.submit("a:1", "a:2", "b:1")
    await work.open("b:1")
    await work.runner.close(grace=0.01)
    await work.open("a:1", "a:2")
    assert work.finished == ["b:1"]


async def test_close_with_nothing_to_do(work: Work) -> None:
    await asyncio.wait_for(work.runner.close(), 1)


@settings(max_examples=30)
@given(st.lists(st.sampled_from("abc"), max_size=30))
async def test_any_interleaving_keeps_the_order_of_each_conversation(order: list[str]) -> None:
    work = Work()
    ids = [f"{conversation}:{n}" for n, conversation in enumerate(order)]
    work.submit(*ids)
    await work.open(*reversed(ids))
    await work.runner.close()
    for conversation in "abc":
        of_this = [item for item in work.finished if item[0] == conversation]
        assert of_this == [item for item in ids if item[0] == conversation]
