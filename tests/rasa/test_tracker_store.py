"""Rasa's memory of a conversation: short and bounded, without losing where the dialogue stands.

What is asked of ``StoreOf`` holds in memory and in Redis.
"""
# ruff: noqa: E402

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator

assert sys.version_info < (3, 11)  # Rasa's Python; the gateway's type checker stops here

import pytest
import redis
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.redis_stores import TRACKERS, ShortRedisTrackerStore
from bot.tracker_store import ShortTrackerStore
from tests.rasa.conftest import ROOT
from tests.redis import NoRedis, redis_server

DOMAIN = Domain.load(str(ROOT / "domain.yml"))
LISTEN = ActionExecuted("action_listen")


StoreOf = Callable[..., TrackerStore]


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """A real Redis; skips, and says what is missing."""
    try:
        with redis_server() as url:
            yield url
    except NoRedis as missing:
        pytest.skip(str(missing))


def in_memory(**settings: float) -> ShortTrackerStore:
    return ShortTrackerStore(DOMAIN, **settings)


@pytest.fixture(params=["memory", "redis"])
def store_of(request: pytest.FixtureRequest) -> StoreOf:
    """Makes an empty store with these settings."""
    if request.param == "memory":
        return in_memory
    url: str = request.getfixturevalue("redis_url")
    redis.Redis.from_url(url).flushall()
    return lambda **settings: ShortRedisTrackerStore(DOMAIN, url, **settings)


def stored(store: TrackerStore, sender: str) -> str:
    if isinstance(store, ShortRedisTrackerStore):
        return store.red.get(TRACKERS + sender) or ""
    return store.store[sender]


def turn(store: TrackerStore, sender: str, text: str, *decided: Event) -> None:
    """A citizen's message and an answer, as Rasa saves them."""

    async def save() -> None:
        tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
        if not tracker.events:
            tracker.update(ActionExecuted("action_session_start"))
            tracker.update(SessionStarted())
            tracker.update(LISTEN)
        answer = [ActionExecuted("utter_greet"), BotUttered(data={"custom": {"reply": "greet"}})]
        said = UserUttered(text, intent={"name": "greet", "confidence": 1.0})
        for event in (said, *decided, *answer, LISTEN):
            tracker.update(event)
        await store.save(tracker)

    asyncio.run(save())


def talk(store: TrackerStore, sender: str, turns: int, first: int = 0) -> None:
    for number in range(first, first + turns):
        turn(store, sender, f"message {number}")


def retrieve(store: TrackerStore, sender: str) -> DialogueStateTracker | None:
    return asyncio.run(store.retrieve(sender))


def tracker_of(store: TrackerStore, sender: str) -> DialogueStateTracker:
    tracker = retrieve(store, sender)
    assert tracker is not None
    return tracker


def texts(tracker: DialogueStateTracker) -> list[str]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def test_a_hundred_turns_take_no_more_room_than_thirty(store_of: StoreOf) -> None:
    store = store_of(max_turns=20)
    talk(store, "a", 30)
    events, size = len(tracker_of(store, "a").events), len(stored(store, "a"))
    talk(store, "a", 70, first=30)
    assert len(tracker_of(store, "a").events) == events
    assert len(stored(store, "a")) < 1.1 * size


def test_the_newest_turns_stay_in_order(store_of: StoreOf) -> None:
    store = store_of(max_turns=5)
    talk(store, "a", 100)
    assert texts(tracker_of(store, "a")) == [f"message {n}" for n in range(95, 100)]


def test_a_short_conversation_is_kept_whole(store_of: StoreOf) -> None:
    store = store_of(max_turns=5)
    talk(store, "a", 5)
    tracker = tracker_of(store, "a")
    assert texts(tracker) == [f"message {n}" for n in range(5)]
    assert sum(isinstance(event, SessionStarted) for event in tracker.events) == 1
    assert tracker.events[-1] == LISTEN


def test_slots_survive_the_cut(store_of: StoreOf) -> None:
    store = store_of(max_turns=5)
    turn(store, "a", "which district", SlotSet("area_question", "district"))
    turn(store, "a", "2200", SlotSet("area", "2200"))
    talk(store, "a", 100)
    slots = tracker_of(store, "a").current_slot_values()
    assert (slots["area"], slots["area_question"]) == ("2200", "district")
    assert slots["requested_slot"] is None


def test_a_slot_forgotten_before_the_cut_stays_forgotten(store_of: StoreOf) -> None:
    store = store_of(max_turns=5)
    turn(store, "a", "2200", SlotSet("area", "2200"))
    turn(store, "a", "thanks", SlotSet("area", None))
    talk(store, "a", 100)
    assert tracker_of(store, "a").get_slot("area") is None


@pytest.mark.parametrize("later", ["2300", None], ids=["another value", "no value"])
def test_what_was_said_after_the_cut_wins(store_of: StoreOf, later: str | None) -> None:
    store = store_of(max_turns=5)
    turn(store, "a", "2200", SlotSet("area", "2200"))
    talk(store, "a", 10)
    turn(store, "a", "no", SlotSet("area", later))
    talk(store, "a", 3)
    tracker = tracker_of(store, "a")
    assert SlotSet("area", "2200") in tracker.events
    assert tracker.get_slot("area") == later


def test_an_open_form_survives_the_cut(store_of: StoreOf) -> None:
    store = store_of(max_turns=5)
    turn(store, "a", "near", ActiveLoop("area_form"), SlotSet("requested_slot", "area"))
    talk(store, "a", 100)
    tracker = tracker_of(store, "a")
    assert tracker.active_loop_name == "area_form"
    assert tracker.get_slot("requested_slot") == "area"


@pytest.mark.parametrize("turns_since", [2, 100], ids=["after the cut", "before the cut"])
def test_a_finished_form_does_not_come_back(store_of: StoreOf, turns_since: int) -> None:
    store = store_of(max_turns=5)
    turn(store, "a", "near", ActiveLoop("area_form"), SlotSet("requested_slot", "area"))
    talk(store, "a", 10)
    turn(store, "a", "stop", ActiveLoop(None), SlotSet("requested_slot", None))
    talk(store, "a", turns_since)
    tracker = tracker_of(store, "a")
    assert tracker.active_loop_name is None
    assert tracker.get_slot("requested_slot") is None


def test_conversations_do_not_mix(store_of: StoreOf) -> None:
    store = store_of(max_turns=5)
    turn(store, "a", "2200", SlotSet("area", "2200"))
    turn(store, "b", "2300", SlotSet("area", "2300"))
    talk(store, "a", 10)
    talk(store, "b", 10)
    assert tracker_of(store, "a").get_slot("area") == "2200"
    assert tracker_of(store, "b").get_slot("area") == "2300"


def test_a_silent_conversation_is_forgotten_when_another_goes_on() -> None:
    store = in_memory(expire_after=0.05)
    turn(store, "silent", "2200", SlotSet("area", "2200"))
    time.sleep(0.06)
    turn(store, "busy", "hello")
    assert retrieve(store, "silent") is None
    assert list(asyncio.run(store.keys())) == ["busy"]


def test_a_silent_conversation_is_forgotten_even_if_nobody_else_writes(store_of: StoreOf) -> None:
    store = store_of(expire_after=0.05)
    turn(store, "silent", "2200", SlotSet("area", "2200"))
    time.sleep(0.06)
    assert retrieve(store, "silent") is None


def test_a_conversation_that_goes_on_does_not_expire(store_of: StoreOf) -> None:
    store = store_of(expire_after=0.5)
    turn(store, "a", "2200", SlotSet("area", "2200"))
    for number in range(4):
        time.sleep(0.15)
        turn(store, "a", f"message {number}")
        turn(store, "b", "hello")
    assert tracker_of(store, "a").get_slot("area") == "2200"


def test_the_conversations_longest_silent_make_room() -> None:
    store = in_memory(max_conversations=3)
    for sender in ("a", "b", "c"):
        turn(store, sender, "hello")
    turn(store, "a", "hello again")
    turn(store, "d", "hello")
    assert set(asyncio.run(store.keys())) == {"c", "a", "d"}
    assert retrieve(store, "b") is None


def test_a_flood_of_conversations_takes_bounded_room() -> None:
    store = in_memory(max_conversations=10)
    for number in range(100):
        turn(store, f"citizen {number}", "hello")
    assert list(asyncio.run(store.keys())) == [f"citizen {n}" for n in range(90, 100)]


def test_the_endpoints_file_names_it_with_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORGERGUIDE_ACTIONS_URL", "http://127.0.0.1:1/internal/actions")
    monkeypatch.setenv("BORGERGUIDE_INTERNAL_TOKEN", "test")
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    store = TrackerStore.create(endpoints.tracker_store, DOMAIN)
    assert isinstance(store, ShortTrackerStore)
    limit = endpoints.tracker_store.kwargs["max_turns"]
    talk(store, "a", limit + 15)
    assert len(texts(tracker_of(store, "a"))) == limit


def test_every_key_in_redis_has_its_end(redis_url: str) -> None:
    store = ShortRedisTrackerStore(DOMAIN, redis_url, expire_after=3600)
    turn(store, "a", "hello")
    assert 3590 < store.red.ttl(TRACKERS + "a") <= 3600


def test_what_one_process_saves_another_goes_on_with(redis_url: str) -> None:
    first, second = (ShortRedisTrackerStore(DOMAIN, redis_url, max_turns=5) for _ in range(2))
    for number in range(20):
        turn(second if number % 2 else first, "shared", f"message {number}")
    for store in (first, second):
        assert texts(tracker_of(store, "shared")) == [f"message {n}" for n in range(15, 20)]


@pytest.mark.parametrize("url", [None, "", "localhost:6379", "http://localhost"])
def test_a_url_that_is_not_of_redis_stops_the_start(url: str | None) -> None:
    with pytest.raises(ValueError, match=r"url|URL"):
        ShortRedisTrackerStore(DOMAIN, url)
