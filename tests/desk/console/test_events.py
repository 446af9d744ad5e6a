"""What pages are told, by whom it is heard, and going on after a break."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from app import create_app
from desk.accounts.sessions import csrf_token
from desk.console.feeds import KEPT, STREAMS_AT_ONCE, Feed, Feeds, Snapshot, Standing, news
from desk.errors import TooManyTries
from desk.queue.models import PresenceState
from tests.desk.console.conftest import API, Office, Page

CALM = Standing("a", None, None, open=True, seq=3, read_seq=0, version=5)


def standing(**changes: Any) -> Standing:
    return Standing(**(vars(CALM) | changes))


@pytest.mark.parametrize(
    ("after", "types"),
    [
        (CALM, []),
        (standing(seq=4, version=6), ["message"]),
        (standing(seq=4, version=7), ["message", "conversation"]),
        (standing(assignee="x", version=6), ["conversation"]),
        (standing(read_seq=3), ["conversation"]),
        (standing(version=6), ["conversation"]),
        (None, ["conversation"]),
    ],
)
def test_news(after: Standing | None, types: list[str]) -> None:
    now = {"c": after} if after is not None else {}
    found = news(Snapshot({"c": CALM}, {}), Snapshot(now, {}))
    assert [item.payload["type"] for item in found] == types


def test_what_ended_and_is_forgotten_is_no_news() -> None:
    assert news(Snapshot({"c": standing(open=False)}, {}), Snapshot({}, {})) == []


def test_presence_is_news_when_it_changes() -> None:
    online, away = PresenceState.online, PresenceState.away
    found = news(Snapshot({}, {"a": online, "b": online}), Snapshot({}, {"a": away, "b": online}))
    assert [item.payload for item in found] == [
        {"type": "presence", "member": "a", "state": "away"}
    ]


def test_a_feed_replays_what_it_has_kept() -> None:
    feed = Feed("m")
    for number in range(KEPT + 5):
        feed.push({"type": "conversation", "id": str(number)})
    assert feed.after(feed.number) == []
    assert len(feed.kept) == KEPT
    last = feed.number
    assert [number for number, _ in feed.after(last - 2) or []] == [last - 1, last]
    assert feed.after(4) is None
    assert feed.position(f"{feed.name}.{last}") == last
    for lost in (
        None, "", "7", f"{feed.name}.4", f"{feed.name}.{last + 1}", f"{feed.name}.x",
        f"{Feed('m').name}.{last}", f"{feed.name}.²", f"{feed.name}.{'9' * 400}",
    ):  # fmt: skip
        assert feed.position(lost) is None


@asynccontextmanager
async def served(office: Office) -> AsyncIterator[str]:
    """The same gateway behind a real server: events come as they are sent."""
    config = uvicorn.Config(
        create_app(office.parts), port=0, log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done()
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


class Stream:
    """The events of a page, one by one."""

    def __init__(self, feeds: Any, session: Any, last: str | None = None) -> None:
        self._open = feeds.stream(session, last)
        self._events: AsyncIterator[dict[str, str]] | None = None
        self.last = ""

    async def next(self, seconds: float = 10.0) -> dict[str, Any]:
        if self._events is None:
            self._events = await self._open
        async with asyncio.timeout(seconds):
            event = await anext(self._events)
        self.last = event.get("id", self.last)
        body: dict[str, Any] = json.loads(event["data"])
        return body

    async def until(self, seconds: float = 10.0, **wanted: Any) -> dict[str, Any]:
        while True:
            event = await self.next(seconds)
            if wanted.items() <= event.items():
                return event

    async def ends(self) -> bool:
        """Nothing more comes, but for what was on its way already."""
        for _ in range(10):
            try:
                await self.next()
            except StopAsyncIteration:
                return True
        return False

    async def close(self) -> None:
        if self._events is not None:
            await self._events.aclose()  # type: ignore[attr-defined]


async def test_over_a_real_connection(office: Office, mette: Page) -> None:
    citizen = await office.waiting()
    path = f"{API}/conversations/{citizen.id}"
    async with served(office) as url:
        page = httpx.AsyncClient(
            base_url=url,
            headers={"Origin": url, "X-CSRF-Token": csrf_token(mette.token)},
            cookies={"desk": mette.token},
        )

        async def read(count: int, last: str | None = None) -> list[tuple[str, dict[str, Any]]]:
            sent = {"Last-Event-ID": last} if last else {}
            found: list[tuple[str, dict[str, Any]]] = []
            number = ""
            async with page.stream("GET", f"{API}/events", headers=sent) as response:
                assert response.status_code == 200
                assert response.headers["content-type"].startswith("text/event-stream")
                async for line in response.aiter_lines():
                    if line.startswith("id:"):
                        number = line.removeprefix("id:").strip()
                    if line.startswith("data:"):
                        found.append((number, json.loads(line.removeprefix("data:"))))
                        if len(found) == 2 and last is None:
                            await page.post(f"{path}/claim")
                    if len(found) == count:
                        break
            return found

        async with asyncio.timeout(20):
            first = await read(3)
            assert [event["type"] for _, event in first[:2]] == ["resync", "presence"]
            number, event = first[2]
            assert event.get("id", event.get("conversation")) == citizen.id
            await page.post(f"{path}/notes", json={"text": "Mens ingen lyttede"})
            # Where it broke off, and not from the beginning.
            again = await read(1, number)
            assert again[0][1]["type"] in {"message", "conversation"}
            assert again[0][0] != number
            lost = await read(1, "somewhere.7")
            assert lost[0][1] == {"type": "resync"}
        await page.aclose()


async def test_events_hold_no_words_and_stay_in_the_team(
    office: Office, mette: Page, stranger: Page
) -> None:
    accounts = office.accounts
    events = office.parts.coordination.events
    feeds = Feeds(office.parts.engine, events, accounts.sessions, accounts.store)
    job = asyncio.create_task(feeds.run())
    mine = Stream(feeds, await accounts.sessions.open(mette.token))
    theirs = Stream(feeds, await accounts.sessions.open(stranger.token))
    for stream in (mine, theirs):
        assert (await stream.next())["type"] == "resync"
        own = await stream.next()
        assert (own["type"], own["state"]) == ("presence", "online")
    citizen = await office.waiting("Jeg er bange for min mand")
    heard = await mine.until(type="conversation", id=citizen.id)
    assert set(heard) == {"type", "id", "version"}
    with pytest.raises(TimeoutError):
        await theirs.next(0.5)
    theirs = Stream(feeds, await accounts.sessions.open(stranger.token), theirs.last)
    # It becomes theirs, and from then on they hear of it.
    await mette.act(citizen.id, "claim")
    await mette.act(citizen.id, "transfer", team="musik", note="")
    await theirs.until(type="conversation", id=citizen.id)
    await citizen.say("Er der nogen?")
    said = await theirs.until(type="message", conversation=citizen.id)
    assert set(said) == {"type", "conversation", "seq"}
    # A session that has ended hears no more.
    await stranger.delete(f"{API}/session")
    await citizen.say("Hallo?")
    assert await theirs.ends()
    await mine.close()
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)


async def test_a_citizen_who_writes_is_shown_to_whoever_has_them(
    office: Office, mette: Page, omar: Page
) -> None:
    accounts, events = office.accounts, office.parts.coordination.events
    feeds = Feeds(office.parts.engine, events, accounts.sessions, accounts.store)
    job = asyncio.create_task(feeds.run())
    citizen = await office.waiting()
    await mette.act(citizen.id, "claim")
    mine = Stream(feeds, await accounts.sessions.open(mette.token))
    theirs = Stream(feeds, await accounts.sessions.open(omar.token))
    for stream in (mine, theirs):
        assert (await stream.next())["type"] == "resync"
        await stream.next()
    waiting = asyncio.create_task(mine.until(type="typing"))
    await asyncio.sleep(0.2)
    said = await office.http.post(f"{citizen.path}/typing", headers=citizen.headers)
    assert said.status_code == 204
    sign = await waiting
    assert sign == {"type": "typing", "conversation": citizen.id, "who": "citizen"}
    with pytest.raises(TimeoutError):
        await theirs.until(type="typing", seconds=0.5)
    # Whoever comes back gets what has happened, and no sign of what is over.
    await mine.close()
    again = Stream(feeds, await accounts.sessions.open(mette.token), mine.last)
    with pytest.raises(TimeoutError):
        await again.until(type="typing", seconds=0.5)
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)


async def test_more_pages_than_anybody_has_open(office: Office, mette: Page) -> None:
    accounts = office.accounts
    events = office.parts.coordination.events
    feeds = Feeds(office.parts.engine, events, accounts.sessions, accounts.store)
    session = await accounts.sessions.open(mette.token)
    streams = [Stream(feeds, session) for _ in range(STREAMS_AT_ONCE)]
    for stream in streams:
        await stream.next()
    with pytest.raises(TooManyTries):
        await feeds.stream(session, None)
    await streams[0].close()
    last = Stream(feeds, session)
    assert (await last.next())["type"] == "resync"
    for stream in (*streams[1:], last):
        await stream.close()
