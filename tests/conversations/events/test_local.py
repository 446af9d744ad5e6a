"""What only wake-ups within one process must do."""

from __future__ import annotations

import pytest

from conversations.events.local import LocalEvents


async def test_nothing_is_kept_of_readers_that_left() -> None:
    events = LocalEvents()
    with pytest.raises(ZeroDivisionError):
        async with events.subscribe("a"):
            raise ZeroDivisionError
    async with events.subscribe("b"):
        pass
    await events.publish("c")
    assert not events._wakes


async def test_everybody_can_be_woken() -> None:
    events = LocalEvents()
    async with events.subscribe("a") as one, events.subscribe("b") as two:
        events.wake_everybody()
        assert await one.wait(0.01)
        assert await two.wait(0.01)


async def test_nobody_is_woken_on_suspicion_for_what_passes() -> None:
    events = LocalEvents()
    async with events.subscribe("typing:citizen", "a") as one:
        events.wake_everybody()
        assert await one.wait(0.01) == {"a"}
