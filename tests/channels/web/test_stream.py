"""Server-sent events over a real connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from httpx import AsyncClient
from sqlalchemy import update

from app import Parts
from conversations.assistant.port import Context
from conversations.metrics import STREAMS
from conversations.models import Reply
from conversations.states import State
from conversations.store.store import ConversationStore
from conversations.store.tables import ConversationRow
from conversations.typing import by_citizen, by_staff
from tests.conftest import ScriptedAssistant
from tests.conversations.citizen import AsyncCitizen, until


@dataclass
class Event:
    name: str
    id: str | None
    data: dict[str, Any]


class Stream:
    """Events as a browser would read them."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> Event:
        """The next event; comments are skipped."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(5):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if not line and "event" in fields:
                    return Event(fields["event"], fields.get("id"), json.loads(fields["data"]))
                if name in {"event", "id", "data"}:
                    fields[name] = value
        raise EOFError

    async def until(self, name: str) -> list[Event]:
        """All events up to the first of this name."""
        seen = [await self.next()]
        while seen[-1].name != name:
            seen.append(await self.next())
        return seen

    async def message(self, reply: str) -> list[Event]:
        """All events up to the guide's message with this reply key."""
        seen = [await self.next()]
        while seen[-1].data.get("reply") != reply:
            seen.append(await self.next())
        return seen


@asynccontextmanager
async def listen(citizen: AsyncCitizen, last: str | None = None) -> AsyncIterator[Stream]:
    headers = citizen.headers | ({"Last-Event-ID": last} if last is not None else {})
    async with citizen.client.stream("GET", f"{citizen.path}/events", headers=headers) as response:
        assert response.status_code == 200
        yield Stream(response)


def seqs(events: list[Event]) -> list[int]:
    return [int(event.id or 0) for event in events if event.name == "message"]


def level() -> float:
    """What Prometheus would be told."""
    return next(iter(STREAMS.collect())).samples[0].value


@pytest.fixture
async def citizen(online: AsyncClient) -> AsyncCitizen:
    return await AsyncCitizen.begin(online)


async def test_a_stream_begins_with_everything_said_and_the_state(citizen: AsyncCitizen) -> None:
    await citizen.say("hej")
    async with listen(citizen) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        events = await stream.until("state")
    assert seqs(events) == [1, 2, 3]
    stored = (await citizen.read())["messages"]
    assert [event.data for event in events if event.name == "message"] == stored
    assert events[-2].data == {"typing": False}
    assert events[-1].data == {"state": "bot", "language": "da"}


@pytest.mark.parametrize(
    ("last", "replayed"),
    [
        ("0", [1, 2, 3]),
        ("1", [2, 3]),
        ("2", [3]),
        ("3", []),
        ("99999999999999", []),
        ("x", [1, 2, 3]),
    ],
)
async def test_a_reader_who_comes_back_gets_what_it_has_not_seen(
    citizen: AsyncCitizen, last: str, replayed: list[int]
) -> None:
    await citizen.say("hej")
    async with listen(citizen, last) as stream:
        assert seqs(await stream.until("state")) == replayed


@pytest.mark.parametrize("last", [b"\xb2", b"9" * 5000], ids=["superscript", "very long"])
async def test_a_strange_last_event_id_is_not_our_fault(
    client: httpx.AsyncClient, last: bytes
) -> None:
    citizen = await AsyncCitizen.begin(client)
    headers = [(name.encode(), value.encode()) for name, value in citizen.headers.items()]
    headers.append((b"last-event-id", last))
    reading = asyncio.create_task(client.get(f"{citizen.path}/events", headers=headers))
    await asyncio.sleep(0.2)
    await client.delete(citizen.path, headers=citizen.headers)
    assert (await reading).status_code in {200, 422}


async def test_a_message_arrives_while_one_listens(citizen: AsyncCitizen) -> None:
    async with listen(citizen) as stream:
        await stream.until("state")
        accepted = await citizen.post(text="hej")
        events = await stream.message("greet")
    assert seqs(events) == [2, 3]
    assert events[0].data["id"] == accepted.json()["message_id"]


async def test_two_readers_both_get_every_message(citizen: AsyncCitizen) -> None:
    async with listen(citizen) as one, listen(citizen) as two:
        await one.until("state")
        await two.until("state")
        await citizen.post(text="hej")
        assert seqs(await one.message("greet")) == seqs(await two.message("greet")) == [2, 3]


async def test_typing_is_told_while_the_guide_works(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    release = asyncio.Event()

    async def slowly(
        conversation_id: str, text: str, choice: str | None, context: Context
    ) -> list[Reply]:
        await release.wait()
        return [Reply("greet")]

    assistant.respond = slowly  # type: ignore[method-assign]
    async with listen(citizen) as stream:
        await stream.until("state")
        await citizen.post(text="hej")
        begun = await stream.until("typing")
        assert (seqs(begun), begun[-1].data) == ([2], {"typing": True})
        release.set()
        ended = await stream.until("typing")
    assert (seqs(ended), ended[-1].data) == ([3], {"typing": False})


async def test_a_member_of_staff_who_writes_is_shown_and_leaves_nothing(
    citizen: AsyncCitizen, parts: Parts
) -> None:
    events = parts.coordination.events
    async with listen(citizen) as stream:
        await stream.until("state")
        await events.publish(by_citizen(citizen.id))
        await events.publish(by_staff("somebody-else"))
        await events.publish(by_staff(citizen.id))
        sign = await stream.next()
        assert (sign.name, sign.id) == ("typing", None)
        assert sign.data == {"typing": True, "who": "staff"}
        await citizen.post(text="hej")
        assert seqs(await stream.message("greet")) == [2, 3]
    async with listen(citizen) as stream:
        again = await stream.until("state")
    assert {"typing": True, "who": "staff"} not in [event.data for event in again]


@pytest.mark.parametrize(
    ("state", "told"), [("assigned", True), ("waiting_citizen", True), ("bot", False)]
)
async def test_a_citizen_who_writes_is_seen_by_whoever_is_there(
    citizen: AsyncCitizen, parts: Parts, state: str, *, told: bool
) -> None:
    async with parts.engine.begin() as connection:
        await connection.execute(update(ConversationRow).values(state=state))
    topic = by_citizen(citizen.id)
    async with parts.coordination.events.subscribe(topic) as follower:
        for _ in range(20):
            answer = await citizen.client.post(f"{citizen.path}/typing", headers=citizen.headers)
            assert answer.status_code == 204
        assert (await follower.wait(0.1) == {topic}) is told
    stranger = await citizen.client.post(f"{citizen.path}/typing")
    assert stranger.status_code == 404


async def test_writing_is_not_shown_as_often_as_somebody_says_so(
    citizen: AsyncCitizen, parts: Parts
) -> None:
    async with parts.engine.begin() as connection:
        await connection.execute(update(ConversationRow).values(state="assigned"))
    shown = 0
    async with parts.coordination.events.subscribe(by_citizen(citizen.id)) as follower:
        for _ in range(30):
            await citizen.client.post(f"{citizen.path}/typing", headers=citizen.headers)
            shown += bool(await follower.wait(0.01))
    assert 1 <= shown < 10


async def test_a_chosen_language_is_told(citizen: AsyncCitizen) -> None:
    async with listen(citizen) as stream:
        await stream.until("state")
        await citizen.choose_language("en")
        (event,) = await stream.until("state")
    assert event.data == {"state": "bot", "language": "en"}


async def test_a_changed_state_is_told(citizen: AsyncCitizen, parts: Parts) -> None:
    async with listen(citizen) as stream:
        await stream.until("state")
        async with parts.engine.begin() as connection:
            await connection.execute(update(ConversationRow).values(state=State.queued))
        await parts.coordination.events.publish(citizen.id)
        (event,) = await stream.until("state")
    assert event.data["state"] == "queued"


async def test_an_erased_conversation_ends_its_streams(citizen: AsyncCitizen) -> None:
    async with listen(citizen) as stream:
        await stream.until("state")
        await citizen.client.delete(citizen.path, headers=citizen.headers)
        (event,) = await stream.until("gone")
        with pytest.raises(EOFError):
            await stream.next()
    assert event.id is None


async def test_a_reader_that_leaves_is_forgotten(citizen: AsyncCitizen, parts: Parts) -> None:
    before = level()
    async with listen(citizen) as stream:
        await stream.until("state")
        assert level() == before + 1

    async def forgotten() -> bool:
        return level() == before

    await until(forgotten)


async def test_nothing_said_is_lost_between_two_connections(
    citizen: AsyncCitizen, parts: Parts
) -> None:
    seen: list[int] = []
    for n in range(3):
        last = str(seen[-1]) if seen else None
        async with listen(citizen, last) as stream:
            seen += seqs(await stream.until("state"))
        await citizen.say(f"nummer {n}")
    async with listen(citizen, str(seen[-1])) as stream:
        seen += seqs(await stream.until("state"))
    stored = await ConversationStore(parts.engine).messages(citizen.id)
    assert seen == [message.seq for message in stored]
