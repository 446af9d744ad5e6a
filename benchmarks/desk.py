"""How the desk bears a full house: many open conversations, many members with an open page.

``python -m benchmarks.desk`` prints the table; ``make bench`` puts it into docs/performance.md.
One gateway on SQLite, without Rasa: while a person has the conversation, the dialogue has no part.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.figures import quantile, resident
from desk.accounts.build import build_accounts
from desk.accounts.models import NewMember, Role, Team
from desk.accounts.sessions import csrf_token
from desk.accounts.settings import DeskSettings
from desk.queue.models import PresenceState
from desk.queue.presence import PresenceBoard
from storage.engine import open_engine
from tests.stack import Stack

CONVERSATIONS = 500
MEMBERS = 50
LISTS = 200
MESSAGES = 200
"""From citizens and from members, one at a time: what each takes."""
HOUR = 3000
"""Messages in a busy hour: one from each citizen every ten minutes, sent as fast as it goes."""
AT_ONCE = 8
LIMITS: dict[str, Any] = {"messages_per_minute": "1000000", "message_burst": "1000000"}
ABOUT = (
    f"{CONVERSATIONS} open conversations, shared among {MEMBERS} members who each follow the "
    "desk's events. One gateway on SQLite. Seen: the time from sending a message until the event "
    "of the other side. The hour is the messages of an hour, sent at once; memory is the "
    "gateway's, before and after it."
)
_API = "/api/desk"
_PATIENCE = 60.0


@dataclass
class Seat:
    """A member at the desk: their requests, and what their page is told."""

    http: httpx.AsyncClient
    seen: dict[str, int] = field(default_factory=dict)
    """The highest number of each conversation, as events told it."""
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self) -> None:
        async with self.http.stream("GET", f"{_API}/events", timeout=None) as stream:
            stream.raise_for_status()
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    self._hear(json.loads(line.removeprefix("data:")))

    def _hear(self, event: dict[str, Any]) -> None:
        if event["type"] == "message":
            self.seen[event["conversation"]] = event["seq"]
            news, self.news = self.news, asyncio.Event()
            news.set()

    async def sees(self, conversation: str, seq: int) -> None:
        async with asyncio.timeout(_PATIENCE):
            while self.seen.get(conversation, 0) < seq:
                await self.news.wait()


@dataclass
class Talk:
    """A conversation, as its citizen has it, and who helps."""

    id: str
    headers: dict[str, str]
    seat: Seat

    @property
    def path(self) -> str:
        return f"/api/web/conversations/{self.id}"


@dataclass
class House:
    """Everybody who is there."""

    public: httpx.AsyncClient
    seats: list[Seat]
    talks: list[Talk]

    async def write(self, talk: Talk) -> float:
        """The citizen writes; seconds until the member's page is told."""
        started = time.perf_counter()
        sent = await self.public.post(
            f"{talk.path}/messages", json={"text": "er der nyt?"}, headers=talk.headers
        )
        await talk.seat.sees(talk.id, sent.raise_for_status().json()["seq"])
        return time.perf_counter() - started

    async def answer(self, talk: Talk) -> float:
        """The member writes; seconds until the citizen's stream brings it."""
        heard = asyncio.Event()
        following = asyncio.create_task(self._hear_staff(talk, heard))
        await asyncio.sleep(0.05)
        started = time.perf_counter()
        body = {"text": "lige om lidt", "client_message_id": uuid.uuid4().hex}
        path = f"{_API}/conversations/{talk.id}/messages"
        (await talk.seat.http.post(path, json=body)).raise_for_status()
        async with asyncio.timeout(_PATIENCE):
            await heard.wait()
        taken = time.perf_counter() - started
        following.cancel()
        await asyncio.wait([following])
        return taken

    async def _hear_staff(self, talk: Talk, heard: asyncio.Event) -> None:
        view = await self.public.get(f"{talk.path}/messages", headers=talk.headers)
        after = {"after": view.json()["messages"][-1]["seq"]}
        path = f"{talk.path}/events"
        async with self.public.stream("GET", path, params=after, headers=talk.headers) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data:") and '"author":"staff"' in line:
                    heard.set()

    async def read_list(self, seat: Seat, name: str) -> float:
        started = time.perf_counter()
        (await seat.http.get(f"{_API}/conversations", params={"list": name})).raise_for_status()
        return time.perf_counter() - started


async def _take_in(stack: Stack, house: contextlib.AsyncExitStack) -> House:
    engine = open_engine(f"sqlite+aiosqlite:///{stack.folder / 'guide.db'}")
    house.push_async_callback(engine.dispose)
    accounts = build_accounts(engine, DeskSettings(), stack.url)
    board = PresenceBoard(engine)
    await accounts.store.save_team(Team("borgerservice", "Borgerservice", ("kk",)), by=None)
    own = httpx.Limits(max_connections=None)
    public = httpx.AsyncClient(base_url=stack.url, timeout=_PATIENCE, limits=own)
    await house.enter_async_context(public)
    seats = []
    for number in range(MEMBERS):
        new = NewMember(
            f"Nr {number}", f"nr{number}@example.dk", Role.guide, ("borgerservice",),
            capacity=CONVERSATIONS,
        )  # fmt: skip
        member = await accounts.store.add(new, by=None)
        await board.say(member.id, PresenceState.online)
        token = await accounts.sessions.begin(
            member, method="bench", address="127.0.0.1", instead_of=None
        )
        http = httpx.AsyncClient(
            base_url=stack.url,
            headers={"Origin": stack.url, "X-CSRF-Token": csrf_token(token)},
            cookies={"desk": token},
            timeout=_PATIENCE,
            limits=own,
        )
        seats.append(Seat(await house.enter_async_context(http)))
    beating = asyncio.create_task(_beat(seats))
    house.callback(beating.cancel)
    talks = [await _begin(public, seats[number % MEMBERS]) for number in range(CONVERSATIONS)]
    for seat in seats:
        following = asyncio.create_task(seat.follow())
        house.callback(following.cancel)
    return House(public, seats, talks)


async def _begin(public: httpx.AsyncClient, seat: Seat) -> Talk:
    started = (await public.post("/api/web/conversations", json={})).raise_for_status().json()
    talk = Talk(started["conversation_id"], {"Authorization": f"Bearer {started['token']}"}, seat)
    await public.post(f"{talk.path}/messages", json={"choice": "human"}, headers=talk.headers)
    path = f"{_API}/conversations/{talk.id}/claim"
    async with asyncio.timeout(_PATIENCE):
        # Until the guide has put it into the queue.
        while (await seat.http.post(path)).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return talk


async def _hour(house: House, count: int) -> float:
    """Messages per second, each until it is seen."""
    order = [house.talks[number % len(house.talks)] for number in range(count)]
    queue = iter(order)

    async def work() -> None:
        for talk in queue:
            await house.write(talk)

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - started)


async def _beat(seats: Sequence[Seat]) -> None:
    """As pages do: who falls silent leaves what they have to others."""
    while True:
        for seat in seats:
            await seat.http.post(f"{_API}/heartbeat")
        await asyncio.sleep(30)


@contextlib.asynccontextmanager
async def _house(stack: Stack) -> AsyncIterator[House]:
    async with contextlib.AsyncExitStack() as opened:
        house = await _take_in(stack, opened)
        # The pages are told to read everything; what comes after that is news.
        await asyncio.sleep(2)
        yield house


async def measure(stack: Stack, hour: int = HOUR) -> list[str]:
    """The rows of the table."""
    chance = random.Random(1)
    rows = []

    def row(what: str, times: Sequence[float]) -> None:
        rows.append(
            f"| {what} | {len(times)} | {quantile(times, 0.5):.0f} | {quantile(times, 0.95):.0f} |"
        )
        print(rows[-1], flush=True)

    async with _house(stack) as house:
        for name in ("mine", "team"):
            reads = [await house.read_list(chance.choice(house.seats), name) for _ in range(LISTS)]
            row(f"list, {name}", reads)
        some = chance.sample(house.talks, min(MESSAGES, len(house.talks)))
        row("citizen writes, seen by the member", [await house.write(talk) for talk in some])
        row("member writes, seen by the citizen", [await house.answer(talk) for talk in some])
        pid = stack.processes["gateway"].pid
        before = resident(pid)
        rate = await _hour(house, hour)
        after = resident(pid)
    rows += [
        "",
        f"{hour} messages at {rate:.0f} a second.",
        f"Memory of the gateway: {before:.0f} MB before, {after:.0f} MB after.",
    ]
    print(*rows[-2:], sep="\n", flush=True)
    return rows


def table(hour: int = HOUR) -> list[str]:
    """Times of lists and messages, and the memory of an hour."""
    lines = ["| | times | p50 ms | p95 ms |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), **LIMITS)
        try:
            stack.migrate()
            stack.start_gateway()
            stack.wait("degraded")
            lines += asyncio.run(measure(stack, hour))
        finally:
            stack.close()
    return lines


if __name__ == "__main__":
    table(int(sys.argv[1]) if len(sys.argv) > 1 else HOUR)
