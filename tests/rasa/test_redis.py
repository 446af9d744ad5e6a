"""Two Rasa processes on one Redis: one memory, one turn at a time, and Redis coming and going."""
# ruff: noqa: E402

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from typing import Any

assert sys.version_info < (3, 11)  # Rasa's Python; the gateway's type checker stops here

import pytest
import redis
import yaml
from rasa.core.lock_store import LockError, LockStore
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.utils.endpoints import EndpointConfig

from bot.redis_stores import LOCKS, ShortRedisTrackerStore, TicketLockStore
from launcher.processes import environment
from tests.rasa.action_server import action_server
from tests.rasa.conftest import ROOT
from tests.redis import NoRedis, RedisServer

ENDPOINTS = ROOT / "deploy" / "endpoints.redis.yml"
WORDS = "hemmeligheder"


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    """A real Redis; skips, and says what is missing."""
    try:
        with RedisServer() as running:
            yield running
    except NoRedis as missing:
        pytest.skip(str(missing))


def locks(server: RedisServer, **settings: float) -> TicketLockStore:
    return TicketLockStore(EndpointConfig(url=server.url, **settings))


def is_served(store: LockStore, conversation: str, ticket: int) -> bool:
    lock = store.get_lock(conversation)
    return lock is not None and not lock.is_locked(ticket)


# --- locks


def test_two_that_arrive_at_once_go_one_after_the_other(server: RedisServer) -> None:
    rounds, spans = 50, []
    together = Barrier(2)

    def process() -> None:
        store = locks(server, wait_time=0.001)

        async def turns() -> None:
            for number in range(rounds):
                together.wait(10)
                async with store.lock(f"race {number}"):
                    begin = time.monotonic()
                    await asyncio.sleep(0.005)
                    spans.append((number, begin, time.monotonic()))

        asyncio.run(turns())

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(process) for _ in range(2)]:
            done.result(60)
    assert len(spans) == 2 * rounds
    spans.sort()
    overlaps = [a[0] for a, b in pairwise(spans) if a[0] == b[0] and b[1] < a[2]]
    assert overlaps == []


def test_tickets_are_served_in_the_order_of_arrival(server: RedisServer) -> None:
    stores = [locks(server), locks(server)]
    tickets = [stores[number % 2].issue_ticket("queue") for number in range(6)]
    for number, ticket in enumerate(tickets):
        assert [is_served(stores[0], "queue", other) for other in tickets] == [
            other == ticket for other in tickets
        ]
        stores[number % 2].cleanup("queue", ticket)
    assert stores[0].get_lock("queue") is None


def test_conversations_do_not_wait_for_each_other(server: RedisServer) -> None:
    first, second = locks(server), locks(server)
    assert is_served(first, "one", first.issue_ticket("one"))
    assert is_served(second, "two", second.issue_ticket("two"))


def test_a_process_that_died_is_waited_for_no_longer_than_the_lifetime(
    server: RedisServer,
) -> None:
    locks(server).issue_ticket("died", lock_lifetime=0.2)

    async def turn() -> float:
        begin = time.monotonic()
        async with locks(server, wait_time=0.01).lock("died"):
            return time.monotonic() - begin

    assert 0.1 < asyncio.run(turn()) < 0.5


def test_a_turn_that_outlived_its_ticket_does_not_let_two_others_in(server: RedisServer) -> None:
    store = locks(server)
    slow = store.issue_ticket("slow", lock_lifetime=0.02)
    time.sleep(0.03)
    second, third = store.issue_ticket("slow"), store.issue_ticket("slow")
    store.cleanup("slow", slow)
    assert is_served(store, "slow", second)
    assert not is_served(store, "slow", third)


def test_nothing_stays_in_redis(server: RedisServer) -> None:
    store = locks(server, lock_lifetime=15)

    async def turn() -> None:
        async with store.lock("tidy"):
            assert 0 < store.red.ttl(LOCKS + "tidy") <= 15

    asyncio.run(turn())
    assert not store.red.exists(LOCKS + "tidy")


def test_without_redis_there_is_no_ticket_until_it_is_back(server: RedisServer) -> None:
    store = locks(server)
    store.issue_ticket("before")
    server.kill()
    try:
        with pytest.raises(LockError):
            store.issue_ticket("away")
    finally:
        server.start()
    assert is_served(store, "restarted", store.issue_ticket("restarted"))


def test_a_redis_that_hangs_costs_a_second_and_no_more(server: RedisServer) -> None:
    store = locks(server)
    store.issue_ticket("before")
    server.hang()
    try:
        begin = time.monotonic()
        with pytest.raises(LockError):
            store.issue_ticket("hung")
        assert time.monotonic() - begin < 1.5
    finally:
        server.go_on()
    assert is_served(store, "going on", store.issue_ticket("going on"))


# --- the endpoints file


def test_the_file_differs_from_the_usual_one_in_the_stores_only() -> None:
    usual = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    shared = yaml.safe_load(ENDPOINTS.read_text(encoding="utf-8"))
    assert shared["action_endpoint"] == usual["action_endpoint"]
    for limit in ("max_turns", "expire_after"):
        assert shared["tracker_store"][limit] == usual["tracker_store"][limit]
    assert set(shared) - set(usual) == {"lock_store"}


def test_rasa_takes_our_stores_from_the_file(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BORGERGUIDE_ACTIONS_URL", "http://127.0.0.1:1/internal/actions")
    monkeypatch.setenv("BORGERGUIDE_INTERNAL_TOKEN", "test")
    monkeypatch.setenv("BORGERGUIDE_REDIS_URL", server.url)
    endpoints = AvailableEndpoints.read_endpoints(str(ENDPOINTS))
    trackers = TrackerStore.create(endpoints.tracker_store, Domain.empty())
    assert isinstance(trackers, ShortRedisTrackerStore)
    store = LockStore.create(endpoints.lock_store)
    assert isinstance(store, TicketLockStore)
    store.issue_ticket("configured")
    # Longer than the gateway waits for an answer.
    assert 8 < store.red.ttl(LOCKS + "configured") <= 15


# --- two processes


@dataclass(frozen=True)
class Rasa:
    """A running ``bot.serve run``."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=2):
                return True
        except OSError:
            return False

    def say(self, sender: str, text: str) -> list[str]:
        """The keys of the replies."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/webhooks/rest/webhook",
            json.dumps({"sender": sender, "message": text}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            items: list[dict[str, Any]] = json.load(answer)
        return [item["custom"]["reply"] for item in items]


def start(server: RedisServer, actions: str, log: Path) -> Rasa:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    extra = {
        "BORGERGUIDE_ACTIONS_URL": actions,
        "BORGERGUIDE_INTERNAL_TOKEN": "test",
        "BORGERGUIDE_REDIS_URL": server.url,
    }
    command = [sys.executable, "-W", "ignore", "-m", "bot.serve", "run", "--port", str(port)]
    command += ["--interface", "127.0.0.1", "--model", "models", "--endpoints", str(ENDPOINTS)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(extra),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    return Rasa(process, port, log)


@pytest.fixture(scope="module")
def actions() -> Iterator[str]:
    with action_server() as url:
        yield url


@pytest.fixture(scope="module")
def two(
    server: RedisServer, actions: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Rasa]]:
    folder = tmp_path_factory.mktemp("rasa")
    running: list[Rasa] = []
    try:
        running += [start(server, actions, folder / f"{number}.log") for number in range(2)]
        deadline = time.monotonic() + 120
        while not all(rasa.answers() for rasa in running):
            for rasa in running:
                assert rasa.process.poll() is None, rasa.log.read_text(errors="replace")[-4000:]
            assert time.monotonic() < deadline
            time.sleep(0.2)
        yield running
    finally:
        for rasa in running:
            rasa.process.terminate()
        for rasa in running:
            try:
                rasa.process.wait(15)
            except subprocess.TimeoutExpired:
                rasa.process.kill()
                rasa.process.wait()


def test_either_goes_on_with_a_conversation(two: list[Rasa]) -> None:
    first, second = two
    assert first.say("shared", "/which_district") == ["ask_area"]
    assert second.say("shared", "/privacy") == ["privacy", "ask_area"]
    assert first.say("shared", "/privacy") == ["privacy", "ask_area"]
    assert second.say("other", "/privacy") == ["privacy"]


def test_messages_to_both_at_once_are_all_remembered(two: list[Rasa], server: RedisServer) -> None:
    texts = [f"/privacy{json.dumps({'age': str(number)})}" for number in range(12)]
    with ThreadPoolExecutor(len(texts)) as pool:
        asked = [pool.submit(two[n % 2].say, "crowd", text) for n, text in enumerate(texts)]
        assert [done.result(30) for done in asked] == [["privacy"]] * len(texts)
    store = ShortRedisTrackerStore(Domain.load(str(ROOT / "domain.yml")), server.url)
    tracker = asyncio.run(store.retrieve("crowd"))
    assert tracker is not None
    said = [event.text for event in tracker.events if isinstance(event, UserUttered)]
    assert sorted(said) == sorted(texts)


def test_after_a_crash_of_redis_both_answer_again(two: list[Rasa], server: RedisServer) -> None:
    first, second = two
    assert first.say("crash", "/which_district") == ["ask_area"]
    server.kill()
    try:
        begin = time.monotonic()
        # No reply: the gateway answers by search.
        assert [rasa.say("crash", WORDS) for rasa in two] == [[], []]
        assert time.monotonic() - begin < 1
    finally:
        server.start()
    # The crash took the half-filled form with it.
    assert first.say("crash", "/privacy") == ["privacy"]
    assert second.say("crash", "/which_district") == ["ask_area"]
    assert first.say("crash", "/privacy") == ["privacy", "ask_area"]
    for rasa in two:
        assert rasa.process.poll() is None
        log = rasa.log.read_text(encoding="utf-8")
        assert "LockError: No ticket from Redis" in log
        assert WORDS not in log


def test_a_redis_that_hangs_does_not_stop_rasa(two: list[Rasa], server: RedisServer) -> None:
    first, second = two
    assert first.say("hang", "/which_district") == ["ask_area"]
    server.hang()
    try:
        begin = time.monotonic()
        assert first.say("hang", "/privacy") == []
        assert time.monotonic() - begin < 1.5
    finally:
        server.go_on()
    assert second.say("hang", "/privacy") == ["privacy", "ask_area"]


def test_a_process_that_is_killed_leaves_its_conversations_to_the_other(
    two: list[Rasa], server: RedisServer
) -> None:
    first, second = two
    assert first.say("orphan", "/which_district") == ["ask_area"]
    # As if it had died in the middle of a turn, holding the lock.
    locks(server).issue_ticket("orphan", lock_lifetime=1)
    first.process.kill()
    assert second.say("orphan", "/privacy") == ["privacy", "ask_area"]
    assert not redis.Redis.from_url(server.url).exists(LOCKS + "orphan")
