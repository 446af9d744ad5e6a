"""Two gateways on one PostgreSQL and one Redis: whichever is asked, and whichever is left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.end_to_end.conftest import PUBLIC, SMS_PATH, TOKEN, Pair, until
from tests.stack import Citizen
from tests.standins.twilio import new_sid
from tests.standins.twilio_messages import signature

pytestmark = pytest.mark.timeout(400)

PASSPORT = "hvad koster et pas til en voksen?"
_BURST, _PER_SECOND = 20, 0.5
"""The default limits of messages."""
_TAKEN_UP = 20.0
"""Seconds after which another gateway has answered what one left behind: 10 until it looks old,
5 between looks, and the answer itself."""


@contextmanager
def frozen(pair: Pair, name: str) -> Iterator[None]:
    """A process that is there, takes connections and does nothing."""
    pid = pair.stack.processes[name].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def killed(pair: Pair, name: str) -> Iterator[None]:
    """A gateway that is dead for a while."""
    pair.stack.kill(name)
    try:
        yield
    finally:
        pair.restart(name)


@contextmanager
def without_redis(pair: Pair) -> Iterator[None]:
    pair.redis.kill()
    try:
        yield
    finally:
        pair.redis.start()


def at(citizen: Citizen, url: str) -> Citizen:
    """The same citizen, who talks to another gateway from now on."""
    citizen.http = httpx.Client(base_url=url, timeout=30)
    return citizen


class Reader(threading.Thread):
    """Follows a conversation's events and notes when each message came."""

    def __init__(self, url: str, citizen: Citizen) -> None:
        super().__init__(daemon=True)
        self._request = (f"{url}{citizen.path}/events?after={citizen.seen}", citizen.headers)
        self.seen: dict[str, float] = {}
        self.messages: list[dict[str, Any]] = []
        self.ready, self.end = threading.Event(), threading.Event()

    def run(self) -> None:
        url, headers = self._request
        with (
            # Its gateway is killed, or has gone silent: what was not seen tells.
            contextlib.suppress(httpx.HTTPError),
            httpx.stream("GET", url, headers=headers, timeout=60) as stream,
        ):
            self.ready.set()
            for line in stream.iter_lines():
                if self.end.is_set():
                    return
                content = json.loads(line[5:]) if line.startswith("data:") else {}
                if "author" in content:
                    self.messages.append(content)
                    self.seen[content["id"]] = time.monotonic()

    def __enter__(self) -> Reader:
        self.start()
        assert self.ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self.end.set()


# --- one conversation


@pytest.mark.parametrize("reads_at", [0, 1])
def test_what_is_written_at_one_gateway_is_seen_at_the_other_at_once(
    pair: Pair, reads_at: int
) -> None:
    citizen = Citizen(pair.stack.urls[1 - reads_at], "da")
    delays = []
    with Reader(pair.stack.urls[reads_at], citizen) as reader:
        for text in ("hej", PASSPORT, "hej", "farvel", "hej"):
            sent_at = time.monotonic()
            posted = citizen.post(text=text).json()["message_id"]
            until(lambda posted=posted: posted in reader.seen)  # type: ignore[misc]
            delays.append(reader.seen[posted] - sent_at)
            citizen.answers()
        until(lambda: reader.messages[-1]["reply"] == "greet")
    print(f"\nseen after {statistics.median(delays):.3f} s, at most {max(delays):.3f} s")
    # Without a wake-up it would be 20 seconds.
    assert statistics.median(delays) < 1
    assert max(delays) < 5
    view = citizen.read(1)["messages"]
    assert [message["seq"] for message in reader.messages] == [message["seq"] for message in view]


def test_a_text_message_to_one_gateway_is_seen_on_the_web_at_the_other(pair: Pair) -> None:
    citizen, phone = Citizen(pair.stack.urls[0], "da"), pair.phone()
    body = {"channel": "sms", "address": phone.number}
    citizen.http.post(f"{citizen.path}/continue", json=body, headers=citizen.headers)
    code = "".join(letter for letter in phone.answers()[0] if letter.isdecimal())[:6]
    # The code of one gateway is good at the other.
    at(citizen, pair.stack.urls[1])
    confirmed = citizen.http.post(
        f"{citizen.path}/continue/code", json={"code": code}, headers=citizen.headers
    )
    assert confirmed.status_code == 204
    phone.answers()
    with Reader(pair.stack.urls[1], citizen) as reader:
        pair.through(pair.stack.urls[0])
        phone.write(PASSPORT)
        until(lambda: PASSPORT in [message["text"] for message in reader.messages], 5)
        until(lambda: reader.messages[-1]["reply"] == "service_cost")
    assert len(phone.answers()) == 1


def test_a_conversation_goes_on_at_the_other_gateway(pair: Pair) -> None:
    citizen = Citizen(pair.stack.urls[0], "da")
    citizen.say(PASSPORT)
    [answer] = at(citizen, pair.stack.urls[1]).say("og hvor lang tid tager det?")
    assert (answer["reply"], answer["service"]) == ("service_time", "pas-voksen")


def test_the_same_message_posted_to_both_is_one(pair: Pair) -> None:
    citizen = Citizen(pair.stack.urls[0], "da")
    body = {"text": "hej", "client_message_id": "once"}

    def post(n: int) -> str:
        answer = httpx.post(
            f"{pair.stack.urls[n % 2]}{citizen.path}/messages", json=body, headers=citizen.headers
        )
        return str(answer.json()["message_id"])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(post, range(8)))) == 1
    assert len(citizen.answers()) == 1


# --- limits


def test_a_rate_is_counted_over_both(pair: Pair) -> None:
    citizen = Citizen(pair.stack.urls[0], "da")
    clients = [httpx.Client(base_url=url, timeout=30) for url in pair.stack.urls]
    started = time.monotonic()
    statuses = Counter(
        clients[n % 2]
        .post(f"{citizen.path}/messages", json={"text": f"hej {n}"}, headers=citizen.headers)
        .status_code
        for n in range(3 * _BURST)
    )
    took = time.monotonic() - started
    assert set(statuses) == {202, 429}
    assert _BURST <= statuses[202] <= _BURST + took * _PER_SECOND + 1
    until(lambda: not citizen.read()["typing"])


def test_a_phone_is_limited_over_both(pair: Pair) -> None:
    phone = pair.phone()
    started = time.monotonic()
    for n in range(3 * _BURST):
        pair.through(pair.stack.urls[n % 2])
        assert pair.twilio.text(phone.number, "hej").is_success
    took = time.monotonic() - started
    phone.answers(60)
    rows = pair.books.messages(phone.number)
    answered = {row.answers for row in rows if row.answers and row.reply != "slow_down"}
    assert len(pair.books.heard(phone.number)) == 3 * _BURST
    assert _BURST <= len(answered) <= _BURST + took * _PER_SECOND + 1


# --- webhooks


def test_webhooks_to_either_are_answered_in_their_order(pair: Pair) -> None:
    phone = pair.phone()
    phone.say("hej")
    texts = [PASSPORT, "farvel"] * 5
    for n, text in enumerate(texts):
        pair.through(pair.stack.urls[n % 2])
        phone.write(text)
    phone.answers(60)
    assert pair.books.heard(phone.number)[1:] == texts
    rows = pair.books.messages(phone.number)
    # Each is answered once, in its turn.
    asked = [row.id for row in rows if row.author == "citizen"]
    order = [row.answers for row in rows if row.answers is not None]
    assert list(dict.fromkeys(order)) == asked
    answers = [row.reply for row in rows if row.reply in {"service_cost", "bye"}]
    assert answers == ["service_cost", "bye"] * 5
    deliveries = pair.books.deliveries(phone.number)
    assert [row.provider_id for row in deliveries] == [sms.sid for sms in phone.inbox]


def test_copies_to_both_at_once_are_one_message(pair: Pair) -> None:
    phone = pair.phone()
    form = pair.twilio.form(phone.number, PASSPORT, new_sid())
    headers = {"X-Twilio-Signature": signature(TOKEN, PUBLIC + SMS_PATH, form)}

    def post(n: int) -> int:
        url = pair.stack.urls[n % 2] + SMS_PATH
        return httpx.post(url, data=form, headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(post, range(8))) == {200}
    assert len(phone.answers()) == 2
    assert pair.books.heard(phone.number) == [PASSPORT]


def test_first_messages_to_both_at_once_begin_one_conversation(pair: Pair) -> None:
    phone = pair.phone()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(phone.write, [f"hej {n}" for n in range(8)]))
    phone.answers()
    assert sorted(pair.books.heard(phone.number)) == [f"hej {n}" for n in range(8)]
    assert len({row.conversation_id for row in pair.books.messages(phone.number)}) == 1


def test_batches_to_both_at_once_are_each_heard_in_order(pair: Pair) -> None:
    threads = [pair.thread() for _ in range(4)]
    make = pair.meta.events
    with ThreadPoolExecutor(4) as pool:
        for thread in threads:
            texts = [make.text(thread.psid, f"nummer {n}") for n in range(3)]
            pool.submit(pair.meta.deliver, texts, duplicates=1, at_once=True)
    for thread in threads:
        thread.answers()
        assert pair.books.heard(thread.psid) == [f"nummer {n}" for n in range(3)]


# --- a death


@pytest.mark.parametrize("victim", ["gateway", "gateway-2"])
def test_what_a_killed_gateway_left_is_answered_by_the_other_once(pair: Pair, victim: str) -> None:
    place = pair.stack.gateways.index(victim)
    phone, thread = pair.phone(), pair.thread()
    citizen = Citizen(pair.stack.urls[place], "da")
    phone.say("hej"), thread.say("hej")
    pair.through(pair.stack.urls[place])
    with frozen(pair, "rasa"):
        phone.write(PASSPORT)
        pair.meta.deliver([pair.meta.events.text(thread.psid, PASSPORT)])
        assert citizen.post(text=PASSPORT).status_code == 202
        pair.stack.kill(victim)
        died = time.monotonic()
    try:
        pair.through(pair.stack.urls[1 - place])
        at(citizen, pair.stack.urls[1 - place])
        until(lambda: pair.books.at_rest(phone.number) and pair.books.at_rest(thread.psid))
        until(lambda: not citizen.read()["typing"])
        took = time.monotonic() - died
        print(f"\nanswered {took:.1f} s after {victim} was killed")
        assert took < _TAKEN_UP + 5
        assert [message["reply"] for message in citizen.answers()] == ["service_cost"]
    finally:
        pair.restart(victim)
    for address in (phone.number, thread.psid):
        assert pair.books.said(address).count("service_cost") == 1
        assert pair.books.heard(address) == ["hej", PASSPORT]
    assert len(phone.answers()) == len(thread.answers()) == 1
    # And the one that comes back answers nothing of it again.
    time.sleep(1.5)
    assert phone.answers() == []
    assert citizen.read()["messages"][-1]["reply"] == "service_cost"


def test_a_reader_of_a_killed_gateway_goes_on_at_the_other(pair: Pair) -> None:
    citizen = Citizen(pair.stack.urls[0], "da")
    with Reader(pair.stack.urls[0], citizen) as before:
        citizen.say("hej")
        until(lambda: len(before.messages) == 2)
    citizen.seen = before.messages[-1]["seq"]
    with killed(pair, "gateway"):
        at(citizen, pair.stack.urls[1])
        with Reader(pair.stack.urls[1], citizen) as after:
            citizen.post(text="farvel")
            until(lambda: len(after.messages) == 2)
    assert after.messages[0]["text"] == "farvel"
    assert after.messages[0]["seq"] == before.messages[-1]["seq"] + 1


def test_a_gateway_that_is_told_to_stop_leaves_nothing_behind(pair: Pair) -> None:
    phone = pair.phone()
    phone.say("hej")
    pair.through(pair.stack.urls[0])
    for text in (PASSPORT, "farvel"):
        phone.write(text)
    process = pair.stack.processes.pop("gateway")
    process.terminate()
    try:
        assert process.wait(30) in (0, -signal.SIGTERM)
        pair.through(pair.stack.urls[1])
        phone.answers(60)
        said = pair.books.said(phone.number)
        assert (said.count("service_cost"), said.count("bye")) == (1, 1)
        assert len(phone.bodies) == len(pair.books.deliveries(phone.number))
    finally:
        pair.restart("gateway")


# --- without Redis


def test_everything_is_answered_while_redis_is_away_and_after(pair: Pair) -> None:
    phone, thread = pair.phone(), pair.thread()
    citizen = Citizen(pair.stack.urls[0], "da")
    phone.say("hej"), thread.say("hej"), citizen.say("hej")
    with without_redis(pair):
        for n in range(4):
            pair.through(pair.stack.urls[n % 2])
            phone.write("farvel")
            pair.meta.deliver([pair.meta.events.text(thread.psid, "farvel")])
            assert at(citizen, pair.stack.urls[n % 2]).post(text="farvel").status_code == 202
        assert len(phone.answers(90)) == len(thread.answers(90)) == 4
        until(lambda: not citizen.read()["typing"], 90)
        for address in (phone.number, thread.psid):
            assert pair.books.heard(address) == ["hej", *["farvel"] * 4]
    # Back again: wake-ups from one gateway to the other, too.
    with Reader(pair.stack.urls[1], at(citizen, pair.stack.urls[0])) as reader:
        said_before = len(citizen.read()["messages"])
        citizen.post(text="hej")
        until(lambda: reader.messages and reader.messages[-1]["seq"] > said_before + 1, 30)
    assert phone.say(PASSPORT)


def test_redis_killed_between_a_message_and_its_answer(pair: Pair) -> None:
    phone = pair.phone()
    phone.say("hej")
    with frozen(pair, "rasa"):
        phone.write("farvel")
        pair.redis.kill()
    try:
        assert len(phone.answers(90)) >= 1
        rows = pair.books.messages(phone.number)
        asked = next(row.id for row in rows if row.text == "farvel")
        answers = [row.reply for row in rows if row.answers == asked]
        assert len(answers) == len(set(answers))
    finally:
        pair.redis.start()
    assert len(phone.inbox) == len(pair.books.deliveries(phone.number))
