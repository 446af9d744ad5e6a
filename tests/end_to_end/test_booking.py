"""Booking over the public interface: web and text messages, with the trained model."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import yaml
from babel.dates import get_day_names

from knowledge.folding import fold
from launcher.paths import GATEWAY_PYTHON, ROOT
from tests.end_to_end.conftest import (
    PUBLIC,
    Books,
    Phone,
    Thread,
    channel_settings,
    providers,
)
from tests.stack import Citizen, Stack
from tests.standins.meta import MetaStandIn
from tests.standins.twilio import TwilioStandIn

_LINK = re.compile(r"https?://[^/\s]+(/b/[a-z0-9]+)")
_FOLDER = Path(__file__).parent / "bookings"
WORDS: dict[str, dict[str, Any]] = {
    code: yaml.safe_load((_FOLDER / f"{code}.yml").read_text(encoding="utf-8"))
    for code in ("da", "en", "de", "pl", "uk", "ro", "ar", "tr")
}
"""What is said, in each language."""


def titled(language: str, key: str) -> str:
    """What a choice says in a language."""
    path = ROOT / "bot" / "replies" / f"{language}.yml"
    return str(yaml.safe_load(path.read_text(encoding="utf-8"))[key])


def names_a_day(language: str, text: str) -> bool:
    """Whether a weekday stands there."""
    names = [
        *get_day_names("wide", locale=language).values(),
        *get_day_names("abbreviated", locale=language).values(),
    ]
    said = fold(text)
    return any(fold(str(name)) in said for name in names)


class Town:
    """A guide that books, and a provider of text messages."""

    def __init__(self, stack: Stack, twilio: TwilioStandIn, meta: MetaStandIn) -> None:
        self.stack, self.twilio, self.meta = stack, twilio, meta
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
            meta.behind_proxy(PUBLIC, stack.url)
            yield Town(stack, twilio, meta)
        finally:
            stack.close()


def keys(answer: list[dict[str, Any]]) -> list[str]:
    return [message["reply"] for message in answer]


def codes(answer: list[dict[str, Any]]) -> list[str]:
    return [choice["choice"] for message in answer for choice in message["choices"]]


def times(answer: list[dict[str, Any]]) -> list[str]:
    return [code for code in codes(answer) if code.startswith(("book:at", "book:there"))]


def stamps(answer: list[dict[str, Any]]) -> list[str]:
    """The moments that are offered, in UTC."""
    return [code.split(":")[2] for code in times(answer)]


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
    assert names_a_day(language, thursday[-1]["text"])
    friday = citizen.say(words["other"])
    assert times(friday) != times(thursday)
    assert keys(citizen.say("2")) == ["booking_ask_name"]
    assert keys(citizen.say("Mette Hansen")) == ["booking_ask_contact"]
    [asked] = citizen.say("20 12 34 56")
    assert asked["reply"] == "booking_confirm"
    assert "Mette Hansen" in asked["text"]
    [done] = citizen.say(words["yes"])
    assert done["reply"] == "booking_done"
    assert names_a_day(language, done["text"])
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
    assert names_a_day(language, offer)
    phone.say("1")
    phone.say("Mette Hansen")
    confirm = phone.say(words["here"])[-1]
    assert "1. " in confirm
    receipt = phone.say("1")[-1]
    assert re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", receipt)
    assert _LINK.search(receipt)


@pytest.mark.parametrize("language", WORDS)
def test_an_answer_best_finished_by_a_visit_offers_it(town: Town, language: str) -> None:
    question, title = WORDS[language]["question"], titled(language, "choice_book_start")
    citizen = Citizen(town.stack.url, language)
    [answer] = citizen.say(question)
    first = answer["choices"][0]
    assert (first["title"], first["choice"]) == (title, "book:for:pas-voksen")
    assert keys(citizen.choose(first["choice"])) == ["booking_ask_place"]


@pytest.mark.parametrize("language", WORDS)
def test_the_same_by_text_message_and_on_messenger(town: Town, language: str) -> None:
    question, title = WORDS[language]["question"], titled(language, "choice_book_start")
    phone = Phone(town.twilio, town.books)
    answer = phone.say(question)[-1]
    assert fold(f"1. {title}") in fold(answer)
    phone.say("1")
    assert town.books.said(phone.number)[-1] == "booking_ask_place"
    thread = Thread(town.meta, town.books)
    button = thread.say(question)[-1].message["quick_replies"][0]
    assert (button["title"], button["payload"]) == (title, "book:for:pas-voksen")
    thread.tap(thread.inbox[-1], 0)
    assert town.books.said(thread.psid)[-1] == "booking_ask_place"


def test_what_can_be_done_online_says_so_before_it_books(town: Town) -> None:
    citizen = Citizen(town.stack.url, "en")
    citizen.say("health card")
    [answer] = citizen.choose("service:sundhedskort")
    assert codes([answer])[-2:] == ["book:for:sundhedskort", "human"]
    [asked] = citizen.choose("book:for:sundhedskort")
    assert asked["reply"] == "booking_ask_channel"
    assert "borger.dk" in asked["text"]


SAYINGS = [
    ("da", "i morgen formiddag", lambda wall, today: wall.hour < 12),
    ("da", "efter den 15.", lambda wall, today: wall.day != 15),
    ("da", "på tirsdag", lambda wall, today: wall.weekday() == 1),
    ("en", "next Tuesday after three", lambda wall, today: wall.weekday() >= 1),
    ("en", "tomorrow morning", lambda wall, today: wall.date() > today),
    ("en", "on the 15th or later", lambda wall, today: wall.date() > today),
]
"""What citizens say, and what must hold of the first time that is offered then."""


@pytest.mark.parametrize(("language", "said", "holds"), SAYINGS, ids=[item[1] for item in SAYINGS])
def test_a_day_in_ones_own_words(town: Town, language: str, said: str, holds: Any) -> None:
    citizen = Citizen(town.stack.url, language)
    to_times(citizen, WORDS[language])
    answer = citizen.say(said)
    # A day on which nothing is free, or a closed one, is named, and the next times follow.
    assert keys(answer)[-1].startswith("booking_times")
    assert names_a_day(language, answer[-1]["text"] + answer[0]["text"])
    zone = ZoneInfo("Europe/Copenhagen")
    stamp = stamps(answer)[0].replace("Z", "+0000")
    wall = dt.datetime.strptime(stamp, "%Y%m%dT%H%M%z").astimezone(zone)
    assert len(answer) > 1 or holds(wall, dt.datetime.now(zone).date())


@pytest.mark.parametrize("language", WORDS)
def test_earlier_and_another_day(town: Town, language: str) -> None:
    words = WORDS[language]
    citizen = Citizen(town.stack.url, language)
    first = stamps(to_times(citizen, words))
    later = citizen.say(words["another_day"])
    assert keys(later)[-1] == "booking_times"
    assert stamps(later)[0] > first[-1]
    earlier = citizen.say(words["earlier"])
    assert stamps(earlier)[-1] < stamps(later)[0]


IMPOSSIBLE = {
    "past": ["booking.in_the_past"],
    "no_such_date": ["booking.no_such_date"],
    "holiday": ["booking.closed_holiday", "booking.too_far"],
    "forty": ["booking.too_many_persons"],
    "elsewhere": ["booking.not_offered_place"],
}
"""What cannot be, and what is said of it."""


@pytest.mark.parametrize("kind", IMPOSSIBLE)
@pytest.mark.parametrize("language", WORDS)
def test_what_cannot_be_has_one_clear_sentence(town: Town, language: str, kind: str) -> None:
    citizen = Citizen(town.stack.url, language)
    to_times(citizen, WORDS[language])
    answer = citizen.say(WORDS[language]["impossible"][kind])
    assert answer[0]["reply"] in IMPOSSIBLE[kind]
    # And it goes on from there.
    assert keys(answer)[-1] in ("booking_times", "booking_ask_services", "booking_ask_place")
    assert answer[-1]["text"]


@pytest.mark.parametrize("language", WORDS)
def test_several_matters_for_several_people_in_one_visit(town: Town, language: str) -> None:
    citizen = Citizen(town.stack.url, language)
    asked = citizen.say(WORDS[language]["several"])
    if keys(asked)[-1] == "booking_ask_channel":
        asked = citizen.choose("book:go_on")
    assert keys(asked)[-1] == "booking_ask_place"
    asked = citizen.choose("book:any")
    if keys(asked)[-1] == "booking_ask_language":
        asked = citizen.choose("book:language:any")
    citizen.choose(times(asked)[0])
    citizen.say("Mette Hansen")
    [confirm] = citizen.say("mette@example.dk")
    assert confirm["reply"] == "booking_confirm"
    assert len(re.findall(r"(?<![\d.:/])[2٢](?![\d.:/])", confirm["text"])) >= 2


@pytest.mark.parametrize("language", WORDS)
def test_moved_and_cancelled_by_text_message(town: Town, language: str) -> None:
    words = WORDS[language]
    phone = Phone(town.twilio, town.books)
    phone.say(words["begin"])
    phone.say(words["area"])
    phone.say("1")
    phone.say("1")
    phone.say("Mette Hansen")
    phone.say(words["here"])
    phone.say("1")
    assert town.books.said(phone.number)[-1] == "booking_done"
    phone.say(words["move"])
    phone.say("2")
    phone.say("1")
    assert town.books.said(phone.number)[-1] == "booking_moved"
    phone.say(words["cancel"])
    phone.say("1")
    assert town.books.said(phone.number)[-1] == "booking_cancelled"
    assert _LINK.search(phone.bodies[-1])


def test_a_link_in_a_text_message_moves_and_the_new_one_comes_by_text(town: Town) -> None:
    phone = Phone(town.twilio, town.books)
    for said in (WORDS["da"]["begin"], "2200", "1", "1", "Mette Hansen", "her", "1"):
        phone.say(said)
    old = _LINK.search(phone.bodies[-1])[1]  # type: ignore[index]
    with httpx.Client(base_url=town.stack.url, headers={"Accept-Language": "da"}) as web:
        choose = web.get(f"{old}/move")
        at = re.findall(r'name="at" value="([^"]+)"', choose.text)
        assert web.post(f"{old}/move", data={"at": at[0]}).status_code == 303
        # Used once: a replay changes nothing, and says so in both languages.
        for language, word in (("da", "allerede"), ("en", "already")):
            again = web.post(f"{old}/cancel", headers={"Accept-Language": language})
            assert again.status_code == 410
            assert word in again.text
        [told] = phone.answers()
        new = _LINK.search(told)[1]  # type: ignore[index]
        assert new != old
        assert web.post(f"{new}/cancel").status_code == 303
    assert town.books.said(phone.number)[-1] == "booking_cancelled"


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
@pytest.mark.parametrize("language", WORDS)
def test_called_off_at_any_step(town: Town, language: str, step: int) -> None:
    words = WORDS[language]
    citizen = Citizen(town.stack.url, language)
    citizen.say(words["begin"])
    if step > 0:
        citizen.say(words["area"])
    if step > 1:
        offer = citizen.choose("book:language:any")
    if step > 2:
        citizen.choose(times(offer)[0])
    assert keys(citizen.say(words["stop"])) == ["booking_stopped"]
    assert keys(citizen.say(words["hello"])) == ["greet"]
