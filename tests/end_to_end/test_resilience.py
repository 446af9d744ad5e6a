"""A flood of messages, a hung or killed Rasa, a killed gateway: nothing is lost or said twice."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.stack import Citizen, Stack

_FLOOD = 1000
_QUIET = 1.5
"""Seconds without a second answer that count as "answered once"."""


@contextmanager
def frozen(stack: Stack, name: str) -> Iterator[None]:
    """A process that is there, takes connections and does nothing."""
    pid = stack.processes[name].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def said(citizen: Citizen, after: int) -> list[dict[str, Any]]:
    return [m for m in citizen.read(after)["messages"] if m["author"] == "guide"]


def test_a_flood_from_one_client_is_slowed_down_and_breaks_nothing(fragile: Stack) -> None:
    citizen, other = Citizen(fragile.url, "da"), Citizen(fragile.url, "da")
    answers = [citizen.post(text=f"hej {number}") for number in range(_FLOOD)]
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {202, 429}
    assert statuses[429] > 0.8 * _FLOOD
    refused = [answer for answer in answers if answer.status_code == 429]
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    assert all(answer.json()["error"]["code"] == "rate_limited" for answer in refused)
    # Meanwhile: others are served, danger is heard, and what was taken is answered.
    assert other.say("hej")[0]["reply"] == "greet"
    citizen.post(text="jeg vil ikke leve mere").raise_for_status()
    deadline = time.monotonic() + 30
    while (view := citizen.read())["typing"] and time.monotonic() < deadline:
        time.sleep(0.1)
    authors = Counter(message["author"] for message in view["messages"])
    assert authors["citizen"] == statuses[202] + 1
    assert authors["guide"] >= authors["citizen"]
    assert view["messages"][-1]["reply"] == "crisis_self_harm"
    assert httpx.get(f"{fragile.url}/health/ready").json()["status"] == "ready"


def test_whoever_waits_as_told_may_write_again(fragile: Stack) -> None:
    citizen = Citizen(fragile.url, "da")
    answer = citizen.post(text="hej")
    while answer.status_code == 202:
        answer = citizen.post(text="hej")
    time.sleep(int(answer.headers["Retry-After"]))
    assert citizen.post(text="hej").status_code == 202


def test_a_hung_rasa_delays_the_answer_but_does_not_prevent_it(fragile: Stack) -> None:
    citizen = Citizen(fragile.url, "da")
    citizen.say("hvad koster et pas til en voksen?")
    with frozen(fragile, "rasa"):
        started = time.monotonic()
        answer = citizen.say("jeg skal giftes på rådhuset")
        assert time.monotonic() - started < 10
        assert [m["reply"] for m in answer] == ["degraded", "service_overview"]
        assert answer[-1]["service"] == "vielse"
    fragile.wait()
    [answer_again] = citizen.say("hvad koster det?")
    assert (answer_again["reply"], answer_again["service"]) == ("service_cost", "vielse")


@pytest.mark.timeout(300)
def test_a_killed_rasa_leaves_search_and_comes_back_with_the_context(fragile: Stack) -> None:
    citizen, silent = Citizen(fragile.url, "da"), Citizen(fragile.url, "en")
    citizen.say("hvad koster et pas til en voksen?")
    silent.say("how much is a new passport for an adult?")
    fragile.kill("rasa")
    fragile.wait("degraded")
    answer = citizen.say("jeg skal giftes på rådhuset")
    assert [m["reply"] for m in answer] == ["degraded", "service_overview"]
    assert answer[-1]["service"] == "vielse"
    [lost] = citizen.say("xqzw")
    assert lost["reply"] == "degraded_nothing"
    assert "human" in [choice["choice"] for choice in lost["choices"]]
    # A choice made under an answer of the dialogue still works without it.
    chosen = citizen.choose("ask:pas-voksen:cost")
    assert (chosen[-1]["reply"], chosen[-1]["service"]) == ("service_cost", "pas-voksen")
    assert citizen.say("jeg vil ikke leve mere")[0]["reply"] == "crisis_self_harm"
    fragile.start_rasa()
    fragile.wait()
    [time_of_passport] = citizen.say("og hvor lang tid tager det?")
    assert (time_of_passport["reply"], time_of_passport["service"]) == (
        "service_time",
        "pas-voksen",
    )
    [unbroken] = silent.say("and how long does it take?")
    assert (unbroken["reply"], unbroken["service"]) == ("service_time", "pas-voksen")


@pytest.mark.timeout(300)
def test_a_message_stored_when_the_gateway_is_killed_is_answered_once(fragile: Stack) -> None:
    citizen = Citizen(fragile.url, "da")
    citizen.say("hvad koster et pas til en voksen?")
    with frozen(fragile, "rasa"):
        posted = citizen.post(text="og hvor lang tid tager det?")
        assert posted.status_code == 202
        fragile.kill("gateway")
    fragile.start_gateway()
    fragile.wait()
    [answer] = citizen.answers()
    assert (answer["reply"], answer["service"]) == ("service_time", "pas-voksen")
    time.sleep(_QUIET)
    assert len(said(citizen, posted.json()["seq"])) == 1
    assert not citizen.read()["typing"]
    # And it is not answered again at the next start.
    fragile.kill("gateway")
    fragile.start_gateway()
    fragile.wait()
    time.sleep(_QUIET)
    assert len(said(citizen, posted.json()["seq"])) == 1


def test_a_message_sent_twice_over_a_restart_is_one_message(fragile: Stack) -> None:
    citizen = Citizen(fragile.url, "da")
    body = {"text": "hvad koster et pas til en voksen?", "client_message_id": "once"}
    first = citizen.post(**body)
    citizen.answers()
    fragile.kill("gateway")
    fragile.start_gateway()
    fragile.wait()
    again = citizen.post(**body)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    time.sleep(_QUIET)
    assert len(said(citizen, first.json()["seq"])) == 1
