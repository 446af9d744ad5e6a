"""Booking over the public interface: web and text messages, with the trained model."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from launcher.paths import GATEWAY_PYTHON, ROOT
from tests.end_to_end.conftest import (
    PUBLIC,
    Books,
    Phone,
    channel_settings,
    providers,
)
from tests.stack import Citizen, Stack
from tests.standins.twilio import TwilioStandIn

_LINK = re.compile(r"https?://[^/\s]+(/b/[a-z0-9]+)")
_WEEKDAYS = {
    "da": r"(mandag|tirsdag|onsdag|torsdag|fredag) den \d{1,2}\. \w+ \d{4}",
    "en": r"(Monday|Tuesday|Wednesday|Thursday|Friday), \d{1,2} \w+ \d{4}",
}


class Town:
    """A guide that books, and a provider of text messages."""

    def __init__(self, stack: Stack, twilio: TwilioStandIn) -> None:
        self.stack, self.twilio = stack, twilio
        self.books = Books(f"sqlite+aiosqlite:///{stack.folder / 'guide.db'}")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("town")
    with providers() as (twilio, meta):
        settings: dict[str, Any] = channel_settings(twilio, meta)
        settings |= {"booking_secret": "e" * 40, "message_burst": "1000"}
        stack = Stack(folder, messages_per_minute="10000", **settings)
        try:
            stack.migrate()
            subprocess.run(
                [str(GATEWAY_PYTHON), "-m", "booking.starter"],
                cwd=ROOT, env=stack._environment, check=True, capture_output=True,
            )  # fmt: skip
            stack.start_rasa()
            stack.start_gateway()
            stack.wait()
            twilio.behind_proxy(PUBLIC, stack.url)
            yield Town(stack, twilio)
        finally:
            stack.close()


def keys(answer: list[dict[str, Any]]) -> list[str]:
    return [message["reply"] for message in answer]


def codes(answer: list[dict[str, Any]]) -> list[str]:
    return [choice["choice"] for message in answer for choice in message["choices"]]


def times(answer: list[dict[str, Any]]) -> list[str]:
    return [code for code in codes(answer) if code.startswith(("book:at", "book:there"))]


WORDS = {
    "da": {
        "begin": "jeg vil gerne bestille tid til pas",
        "area": "2200",
        "bring": "hvad skal jeg have med?",
        "day": "næste torsdag efter klokken ti",
        "other": "nej, fredag",
        "yes": "ja",
        "move": "flyt min tid",
        "cancel": "aflys min tid",
    },
    "en": {
        "begin": "I want to book an appointment for a passport",
        "area": "2200",
        "bring": "what must I bring?",
        "day": "next Thursday after ten",
        "other": "no, Friday",
        "yes": "yes",
        "move": "move my appointment",
        "cancel": "cancel my appointment",
    },
}


def to_times(citizen: Citizen, words: dict[str, str]) -> list[dict[str, Any]]:
    assert keys(citizen.say(words["begin"])) == ["booking_ask_place"]
    assert keys(citizen.say(words["area"])) == ["booking_ask_language"]
    return citizen.choose("book:language:any")


def to_confirm(citizen: Citizen, words: dict[str, str]) -> list[dict[str, Any]]:
    offer = to_times(citizen, words)
    assert keys(citizen.choose(times(offer)[0])) == ["booking_ask_name"]
    assert keys(citizen.say("Mette Hansen")) == ["booking_ask_contact"]
    return citizen.say("mette@example.dk")


@pytest.mark.parametrize("language", WORDS)
def test_a_booking_with_questions_and_corrections_in_between(town: Town, language: str) -> None:
    words = WORDS[language]
    citizen = Citizen(town.stack.url, language)
    assert keys(to_times(citizen, words)) == ["booking_times"]
    answer = citizen.say(words["bring"])
    assert keys(answer) == ["service_documents", "booking_times"]
    # A typed number can only mean the times: what was answered in between offers nothing.
    assert answer[0]["choices"] == []
    thursday = citizen.say(words["day"])
    assert re.search(_WEEKDAYS[language], thursday[-1]["text"], re.IGNORECASE)
    friday = citizen.say(words["other"])
    assert times(friday) != times(thursday)
    assert keys(citizen.say("2")) == ["booking_ask_name"]
    assert keys(citizen.say("Mette Hansen")) == ["booking_ask_contact"]
    [asked] = citizen.say("20 12 34 56")
    assert asked["reply"] == "booking_confirm"
    assert "Mette Hansen" in asked["text"]
    [done] = citizen.say(words["yes"])
    assert done["reply"] == "booking_done"
    assert re.search(_WEEKDAYS[language], done["text"])
    assert re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", done["text"])
    assert _LINK.search(done["text"])


@pytest.mark.parametrize("language", WORDS)
def test_moved_and_cancelled_by_chat(town: Town, language: str) -> None:
    words = WORDS[language]
    citizen = Citizen(town.stack.url, language)
    to_confirm(citizen, words)
    assert keys(citizen.say(words["yes"])) == ["booking_done"]
    offer = citizen.say(words["move"])
    assert keys(offer) == ["booking_times"]
    assert keys(citizen.choose(times(offer)[-1])) == ["booking_confirm_move"]
    assert keys(citizen.say(words["yes"])) == ["booking_moved"]
    assert keys(citizen.say(words["cancel"])) == ["booking_confirm_cancel"]
    assert keys(citizen.say(words["yes"])) == ["booking_cancelled"]


@pytest.mark.parametrize("language", WORDS)
def test_by_text_message_with_numbers(town: Town, language: str) -> None:
    words = WORDS[language]
    phone = Phone(town.twilio, town.books)
    phone.say(words["begin"])
    place = phone.say(words["area"])[-1]
    assert "1. " in place
    offer = phone.say("1")[-1]
    assert re.search(_WEEKDAYS[language], offer)
    phone.say("1")
    phone.say("Mette Hansen")
    confirm = phone.say("her" if language == "da" else "here")[-1]
    assert "1. " in confirm
    receipt = phone.say("1")[-1]
    assert re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", receipt)
    assert _LINK.search(receipt)


def test_the_link_only_acts_on_a_form_and_only_once(town: Town) -> None:
    citizen = Citizen(town.stack.url, "en")
    to_confirm(citizen, WORDS["en"])
    [done] = citizen.say("yes")
    path = _LINK.search(done["text"])[1]  # type: ignore[index]
    with httpx.Client(base_url=town.stack.url, headers={"Accept-Language": "en"}) as web:
        for _ in range(2):
            page = web.get(path)
            assert page.status_code == 200
        file = web.get(re.search(r'/booking/[^"]+\.ics', page.text)[0])  # type: ignore[index]
        assert file.headers["content-type"].startswith("text/calendar")
        uid = re.search(r"UID:(\S+)", file.text)[1]  # type: ignore[index]
        assert "SEQUENCE:0" in file.text
        choose = web.get(f"{path}/move")
        at = re.findall(r'name="at" value="([^"]+)"', choose.text)
        moved = web.post(f"{path}/move", data={"at": at[1]})
        assert moved.status_code == 303
        new = moved.headers["location"]
        assert web.post(f"{path}/cancel").status_code == 410
        page = web.get(new)
        file = web.get(re.search(r'/booking/[^"]+\.ics', page.text)[0])  # type: ignore[index]
        assert uid in file.text
        assert "SEQUENCE:1" in file.text
        assert "METHOD:REQUEST" in file.text
        foreign = web.post(f"{new}/cancel", headers={"Origin": "https://elsewhere.example"})
        assert foreign.status_code == 403
        cancelled = web.post(f"{new}/cancel")
        assert cancelled.status_code == 303
        page = web.get(cancelled.headers["location"])
        file = web.get(re.search(r'/booking/[^"]+\.ics', page.text)[0])  # type: ignore[index]
        assert uid in file.text
        assert "METHOD:CANCEL" in file.text
        assert web.get("/b/nosuchlink").status_code == 410
        assert web.get("/booking/forged.ics").status_code == 404
    assert keys(citizen.answers()) == ["booking_moved", "booking_cancelled"]


def test_a_dialogue_process_that_forgets_goes_on_where_it_was(town: Town) -> None:
    citizen = Citizen(town.stack.url, "en")
    offer = to_times(citizen, WORDS["en"])
    citizen.choose(times(offer)[0])
    town.stack.kill("rasa")
    town.stack.start_rasa()
    town.stack.wait()
    assert keys(citizen.say("Mette Hansen")) == ["booking_ask_contact"]
    assert keys(citizen.say("what must I bring?")) == ["service_documents", "booking_ask_contact"]
    assert keys(citizen.say("mette@example.dk")) == ["booking_confirm"]
    assert keys(citizen.say("yes")) == ["booking_done"]


def test_a_gateway_that_falls_between_the_hold_and_the_yes(town: Town) -> None:
    citizen = Citizen(town.stack.url, "en")
    to_confirm(citizen, WORDS["en"])
    town.stack.kill("gateway")
    town.stack.start_gateway()
    town.stack.wait()
    assert keys(citizen.say("yes")) == ["booking_done"]


def test_a_gateway_that_falls_on_the_way_to_the_receipt_tells_once(town: Town) -> None:
    citizen = Citizen(town.stack.url, "en")
    to_confirm(citizen, WORDS["en"])
    began = dt.datetime.now(dt.UTC)
    citizen.post(text="yes")
    town.stack.kill("gateway")
    town.stack.start_gateway()
    town.stack.wait()
    assert keys(citizen.answers(40)) == ["booking_done"]
    assert dt.datetime.now(dt.UTC) > began
    later = citizen.say("cancel my appointment")
    # One appointment: there is nothing to choose between.
    assert keys(later) == ["booking_confirm_cancel"]


@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize(("language", "word"), [("da", "stop"), ("en", "cancel")])
def test_called_off_at_any_step(town: Town, language: str, word: str, step: int) -> None:
    words = WORDS[language]
    citizen = Citizen(town.stack.url, language)
    citizen.say(words["begin"])
    if step > 0:
        citizen.say(words["area"])
    if step > 1:
        offer = citizen.choose("book:language:any")
    if step > 2:
        citizen.choose(times(offer)[0])
    assert keys(citizen.say(word)) == ["booking_stopped"]
    assert keys(citizen.say("hej" if language == "da" else "hello")) == ["greet"]
