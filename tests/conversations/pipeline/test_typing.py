"""The citizen sees that the guide is writing, and nobody waits for it."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from conversations.delivery.port import Outlet
from conversations.models import Author, Capabilities, Conversation, Message
from conversations.pipeline.turn import Turn
from conversations.pipeline.typing import ShowTyping
from conversations.states import State

NOW = dt.datetime(2024, 6, 15, tzinfo=dt.UTC)


class Wall:
    """Somewhere to show it; it takes as long as the test wants."""

    name = "wall"

    def __init__(self, *, typing: bool = True) -> None:
        self.capabilities = Capabilities(typing=typing)
        self.shown: list[str] = []
        self.gate = asyncio.Event()

    async def typing(self, address: str) -> None:
        await self.gate.wait()
        self.shown.append(address)


def turn(channel: str = "wall", address: str | None = "anna") -> Turn:
    conversation = Conversation("c", "wall", "da", False, State.bot, 1, None, NOW)
    message = Message("m", "c", 1, Author.citizen, "hej", "da", NOW, channel, address)
    return Turn(conversation, message, False, [], "da", None, None)


def step(wall: Wall) -> ShowTyping:
    found: dict[str, Outlet] = {"wall": wall}  # type: ignore[dict-item]
    return ShowTyping(found.get)


async def test_it_is_shown_where_the_message_came_from_without_waiting() -> None:
    wall = Wall()
    show, asked = step(wall), turn()
    await asyncio.wait_for(show(asked), 1)
    assert (wall.shown, asked.replies) == ([], None)
    wall.gate.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert wall.shown == ["anna"]


@pytest.mark.parametrize(
    ("can", "asked"),
    [
        (False, turn()),
        (True, turn(channel="web")),
        (True, turn(address=None)),
    ],
    ids=["cannot", "elsewhere", "no address"],
)
async def test_it_is_not_shown_where_it_cannot_be(asked: Turn, *, can: bool) -> None:
    wall = Wall(typing=can)
    wall.gate.set()
    await step(wall)(asked)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert wall.shown == []
