"""Text messages in every language of the guide, as people write them, with the trained model.

``conversations/<lang>.yml`` lists conversations: what is said, and what must hold of the answer.

``say``, ``media``
    The text, and how many pictures come with it. ``{choice_how}`` is the number before the choice
    with that title in what has arrived; a choice that had no room there is a failure.
``reply``
    What one of the guide's messages must be, or several that will do; ``*`` stands for anything.
``service``
    What the last answer must be about, or several that will do; ``null`` is no service.
``contains``, ``lacks``
    Words that must, or must not, be in what arrives on the phone. Case does not matter.
``language``
    The language of the answers from here on, if it is not the file's.
``silent``, ``stopped``
    Nothing may arrive; whether the number is on the list of those who want no messages.

Whatever arrives takes at most three segments, in the alphabet that its language can be sent in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from booking.tables import AppointmentRow, DraftRow
from channels.sms.segments import Encoding, encoding
from conversations.store.tables import MessageRow
from knowledge.folding import fold
from launcher.paths import GATEWAY_PYTHON, ROOT
from tests.end_to_end.conftest import (
    PUBLIC,
    Books,
    Phone,
    Reached,
    channel_settings,
    providers,
)
from tests.eval.data import LANGUAGES
from tests.stack import Stack
from tests.standins.segments import segments

_FOLDER = Path(__file__).parent / "conversations"
_REPLIES = ROOT / "bot" / "replies"
_MOST_SEGMENTS = 3
_PATIENCE = 90.0
_WIDE = frozenset({"ar", "uk"})
"""Languages whose letters are in UCS-2 only; the others are sent in GSM-7."""
_ALL_SCRIPTS = "language_ask"
"""The reply that writes every language's name in its own letters."""
_DANGER = "crisis_"
_CHOICE = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
_REFERENCE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")

pytestmark = pytest.mark.timeout(900)
"""The first test waits for the stack to start."""


def conversations() -> list[Any]:
    """Every conversation with its language, as ``pl-03``."""
    found = []
    for language in LANGUAGES:
        text = (_FOLDER / f"{language}.yml").read_text(encoding="utf-8")
        for number, conversation in enumerate(yaml.safe_load(text), 1):
            turns = conversation["turns"]
            found.append(pytest.param(language, turns, id=f"{language}-{number:02}"))
    return found


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reached]:
    """A guide with a calendar, for all conversations here."""
    folder: Path = tmp_path_factory.mktemp("city")
    with providers() as (twilio, meta):
        settings: dict[str, Any] = channel_settings(twilio, meta) | {"booking_secret": "e" * 40}
        stack = Stack(folder, **settings)
        try:
            stack.migrate()
            stack.run(GATEWAY_PYTHON, "-m", "booking.starter")
            stack.start_rasa()
            stack.start_gateway()
            stack.wait()
            books = Books(f"sqlite+aiosqlite:///{folder / 'guide.db'}")
            reached = Reached(stack, twilio, meta, books)
            reached.through(stack.url)
            yield reached
        finally:
            stack.close()


@cache
def titles(language: str) -> dict[str, str]:
    """The titles of choices in a language, by their keys."""
    replies = yaml.safe_load((_REPLIES / f"{language}.yml").read_text(encoding="utf-8"))
    return {key: text for key, text in replies.items() if key.startswith("choice_")}


def some(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def answered(books: Books, phone: Phone, before: int) -> list[MessageRow]:
    """What the guide has said since there were ``before`` messages."""
    return [row for row in books.messages(phone.number)[before:] if row.author == "guide"]


def say(books: Books, phone: Phone, text: str, media: int = 0) -> tuple[list[str], list[Any]]:
    """What arrives on the phone, and what stands about it in the database."""
    before = len(books.messages(phone.number))
    phone.write(text, media=media)
    bodies = phone.answers(_PATIENCE)
    return bodies, answered(books, phone, before)


def numbers(bodies: Sequence[str], titles: Mapping[str, str]) -> dict[str, str]:
    """The number of each choice in the messages, by the key of its title."""
    listed = {title: number for number, title in _CHOICE.findall("\n".join(bodies))}
    shown = {fold(title): number for title, number in listed.items()}
    return {key: shown[fold(title)] for key, title in titles.items() if fold(title) in shown}


def drawn(body: str) -> bool:
    """Whether there is an emoji in it, for which every message is UCS-2."""
    return any(unicodedata.category(letter) == "So" for letter in body)


def faults_of_sending(bodies: Sequence[str], rows: Sequence[Any], language: str) -> list[str]:
    """What is wrong with the messages as such, whatever they say."""
    found = [
        f"{count} segments: {body!r}"
        for body in bodies
        if (count := segments(body)) > _MOST_SEGMENTS
    ]
    expected = Encoding.ucs2 if language in _WIDE else Encoding.gsm7
    if not any(row.reply == _ALL_SCRIPTS for row in rows):
        found += [
            f"not {expected}: {body!r}"
            for body in bodies
            if encoding(body) is not expected and not drawn(body)
        ]
    return found


def faults_of_answer(turn: dict[str, Any], bodies: Sequence[str], rows: Sequence[Any]) -> list[str]:
    """What the turn expects and did not get."""
    found = []
    text = "\n".join(bodies).casefold()
    replies = [row.reply or "" for row in rows]
    wanted = some(turn.get("reply", []))
    if wanted and not any(fnmatchcase(key, item) for key in replies for item in wanted):
        found.append(f"no {wanted}")
    if any(item.startswith(_DANGER) for item in wanted) and any(
        key.startswith(_DANGER) for key in replies
    ):
        found += [] if "112" in bodies[0] else ["112 does not come first"]
    if "service" in turn:
        service = rows[-1].service if rows else None
        if service not in some(turn["service"]):
            found.append(f"service {service}, not {turn['service']}")
    found += [
        f"no {item!r}" for item in some(turn.get("contains", [])) if item.casefold() not in text
    ]
    found += [
        f"{item!r} is told" for item in some(turn.get("lacks", [])) if item.casefold() in text
    ]
    if turn.get("silent", False) != (not bodies):
        found.append("silence" if not bodies else "no silence")
    return found


@pytest.mark.parametrize(("language", "turns"), conversations())
def test_a_conversation(city: Reached, language: str, turns: list[dict[str, Any]]) -> None:
    phone = city.phone()
    expected, failures, script, bodies = language, [], [], list[str]()
    for turn in turns:
        expected = turn.get("language", expected)
        listed = numbers(bodies, titles(expected))
        try:
            text = turn["say"].format_map(listed)
        except KeyError as choice:
            failures.append(f"{turn['say']!r}: no room for {choice} in {bodies}")
            break
        bodies, rows = say(city.books, phone, text, turn.get("media", 0))
        found = faults_of_answer(turn, bodies, rows) + faults_of_sending(bodies, rows, expected)
        spoken = {row.language for row in rows}
        if bodies and spoken != {expected}:
            found.append(f"in {spoken}, not in {expected}")
        if "stopped" in turn and city.books.stopped(phone.number) != turn["stopped"]:
            found.append(f"stopped is not {turn['stopped']}")
        script += [
            f"> {text!r}",
            *(f"  {row.reply} {row.service} {row.language}" for row in rows),
        ]
        script += [f"  < {body!r}" for body in bodies]
        failures += [f"{turn['say']!r}: {item}" for item in found]
    print(*script, sep="\n")
    assert failures == []


# --- a booking that goes on in another language

_ANSWERS = {
    "pl": {
        "written": "po polsku",
        "title": "Polski",
        "any": "wszystko jedno",
        "name": "Anna Kowalska",
        "here": "tutaj",
        "yes": "tak",
    },
    "ar": {
        "written": "بالعربي لو سمحت",
        "title": "العربية",
        "any": "لا يهم",
        "name": "أحمد الخطيب",
        "here": "هنا",
        "yes": "نعم",
    },
}
"""What is answered in the other language, and how it is asked for or chosen."""
_STEPS = {
    "booking_ask_place": "2200",
    "booking_ask_language": "any",
    "booking_times": "1",
    "booking_ask_name": "name",
    "booking_ask_contact": "here",
    "booking_confirm": "yes",
}
"""What follows each question: a key of the answers above, or the answer itself."""
_BEGIN = "I want to book an appointment for a passport"


def kept(books: Books, phone: Phone) -> dict[str, Any]:
    """The open booking: what it is for and where."""
    [conversation] = {row.conversation_id for row in books.messages(phone.number)}
    [row] = books._run(select(DraftRow).where(DraftRow.conversation_id == conversation))
    assert row.state is not None
    return {name: row.state[name] for name in ("services", "places", "persons", "language")}


@pytest.mark.parametrize("how", ["written", "chosen"])
@pytest.mark.parametrize("asked", ["booking_ask_place", "booking_times"])
@pytest.mark.parametrize("language", _ANSWERS)
def test_a_booking_goes_on_in_another_language(
    city: Reached, language: str, asked: str, how: str
) -> None:
    phone, books, answers = city.phone(), city.books, _ANSWERS[language]
    say(books, phone, _BEGIN)
    if asked == "booking_times":
        say(books, phone, _STEPS["booking_ask_place"])
        say(books, phone, "it does not matter")
    assert books.said(phone.number)[-1] == asked
    before = kept(books, phone)
    assert before["services"] == ["pas-voksen"]
    assert bool(before["places"]) == (asked == "booking_times")

    if how == "chosen":
        _, rows = say(books, phone, "can I change the language?")
        assert "language_ask" in [row.reply for row in rows]
        bodies, rows = say(books, phone, answers["title"])
    else:
        bodies, rows = say(books, phone, answers["written"])
    # The language, and then the question that was open.
    assert [row.reply for row in rows] == ["language_switched", asked]
    assert {row.language for row in rows} == {language}
    assert faults_of_sending(bodies, rows, language) == []
    assert kept(books, phone) == before

    place = before["places"]
    for _ in range(len(_STEPS)):
        question = rows[-1].reply
        if question == "booking_done":
            break
        answer = _STEPS[question]
        bodies, rows = say(books, phone, answers.get(answer, answer))
        assert {row.language for row in rows} == {language}
        assert faults_of_sending(bodies, rows, language) == []
        if rows[-1].reply != "booking_done":
            draft = kept(books, phone)
            assert draft["services"] == ["pas-voksen"]
            assert not place or draft["places"] == place
            place = draft["places"]
    assert rows[-1].reply == "booking_done"
    assert _REFERENCE.search(bodies[-1])
    assert f"{PUBLIC}/b/" in bodies[-1]
    [appointment] = books._run(
        select(AppointmentRow).where(
            AppointmentRow.conversation_id == rows[-1].conversation_id,
            AppointmentRow.state == "booked",
        )
    )
    assert [item["service"] for item in appointment.services] == ["pas-voksen"]
    assert appointment.place_id in place
    assert (appointment.name, appointment.contact_address) == (answers["name"], phone.number)
