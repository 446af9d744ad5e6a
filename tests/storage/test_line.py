"""The line of writers: in order, the urgent first, and nobody's turn is lost."""

from __future__ import annotations

import asyncio

import pytest

from storage.line import Line

PATIENCE = 5.0


async def queue(line: Line, order: list[str], *names: str) -> list[asyncio.Task[None]]:
    """Each a task that waits in the line; "!" in front of a name makes it urgent."""

    async def writer(name: str) -> None:
        await line.take(urgent=name.startswith("!"), patience=PATIENCE)
        order.append(name)
        line.leave()

    tasks = [asyncio.create_task(writer(name)) for name in names]
    await asyncio.sleep(0)
    return tasks


async def test_those_who_wait_go_in_the_order_they_came() -> None:
    line, order = Line(), list[str]()
    await line.take(patience=PATIENCE)
    tasks = await queue(line, order, "a", "b", "c")
    assert order == []
    line.leave()
    await asyncio.gather(*tasks)
    assert order == ["a", "b", "c"]


async def test_the_urgent_go_before_the_others_and_in_order_among_themselves() -> None:
    line, order = Line(), list[str]()
    await line.take(patience=PATIENCE)
    tasks = await queue(line, order, "a", "!b", "c", "!d")
    line.leave()
    await asyncio.gather(*tasks)
    assert order == ["!b", "!d", "a", "c"]


async def test_nobody_slips_in_between_two_turns() -> None:
    line, order = Line(), list[str]()
    await line.take(patience=PATIENCE)
    tasks = await queue(line, order, "waiting")
    line.leave()  # the one who waits is called, and has not run yet
    tasks += await queue(line, order, "later")
    await asyncio.gather(*tasks)
    assert order == ["waiting", "later"]


async def test_who_waits_too_long_is_told_and_leaves_the_line() -> None:
    line, order = Line(), list[str]()
    await line.take(patience=PATIENCE)
    with pytest.raises(TimeoutError):
        await line.take(patience=0.01)
    line.leave()
    await asyncio.gather(*await queue(line, order, "next"))
    assert order == ["next"]


async def test_a_turn_that_is_given_up_when_it_comes_goes_to_the_next() -> None:
    line, order = Line(), list[str]()
    await line.take(patience=PATIENCE)
    first, second = await queue(line, order, "first", "second")
    line.leave()
    first.cancel()  # called already, and gone before it could begin
    await asyncio.gather(first, second, return_exceptions=True)
    assert first.cancelled()
    assert order == ["second"]
    await asyncio.wait_for(line.take(patience=PATIENCE), 1)
