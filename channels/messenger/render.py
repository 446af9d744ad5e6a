"""Shapes what is said for the Send API: texts, with choices as quick replies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from conversations.delivery.port import Payload
from conversations.models import Capabilities, Choice, Rendered
from conversations.rendering.degrade import degrade

CAPABILITIES = Capabilities(
    buttons=True,
    cards=False,
    max_length=2000,
    max_choices=13,
    max_title=20,
    typing=True,
    status_callbacks=True,
)
_LONGEST_TEXT, _MOST_CHOICES, _LONGEST_TITLE = 2000, 13, 20
_SHORTEST_TITLE = 8
"""Characters of a title before it is cut inside a word rather than between two."""
_HUMAN = "human"
_DANGLING = " .,;:(-–—/"


def render(rendered: Rendered, link: str | None) -> list[Payload]:
    """One message, or several where the text is too long; quick replies come with the last.

    Titles that are too long for a button are cut, and then the text lists all of them in full and
    numbered: nothing is lost, and a typed "2" works as well. More choices than there may be
    buttons are a list only. Some of them as buttons would look like all of them; only the way to
    a person stays one.

    What others should not read along is not said here at all: ``link`` leads to it.
    """
    if rendered.neutral is not None:
        text, choices = _neutral(rendered, link), _human(rendered.choices)
    else:
        plain = degrade(rendered, CAPABILITIES)
        text, choices = plain.text, rendered.choices
        if len(choices) > _MOST_CHOICES:
            choices = _human(choices)
    texts = split(text)
    payloads: list[Payload] = [{"text": part} for part in texts]
    if payloads and choices:
        payloads[-1]["quick_replies"] = _quick_replies(choices)
    return payloads


def _neutral(rendered: Rendered, link: str | None) -> str:
    lines = [rendered.neutral or ""]
    if link is not None:
        lines.append(f"{rendered.more} {link}".strip())
    return "\n".join(lines)


def _human(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    return tuple(choice for choice in choices if choice.choice == _HUMAN)


def _quick_replies(choices: Sequence[Choice]) -> list[dict[str, Any]]:
    titles = button_titles([choice.title for choice in choices])
    return [
        {"content_type": "text", "title": title, "payload": choice.choice}
        for title, choice in zip(titles, choices, strict=True)
    ]


def button_titles(titles: Sequence[str]) -> list[str]:
    """The titles in at most 20 characters each, all different.

    Where two would look the same once they are cut, all begin with their number in the list.
    """
    short = [_shorten(title, _LONGEST_TITLE) for title in titles]
    if len({title.casefold() for title in short}) == len(short):
        return short
    return [
        f"{mark}{_shorten(title, _LONGEST_TITLE - len(mark))}"
        for mark, title in ((f"{number}. ", title) for number, title in enumerate(titles, 1))
    ]


def _shorten(title: str, longest: int) -> str:
    if _length(title) <= longest:
        return title
    room = _fitting(title, longest - 1)
    place = title.rfind(" ", 0, room + 1)
    head = title[: place if place >= _SHORTEST_TITLE else room]
    return head.rstrip(_DANGLING) + "…"


# Where a text may be parted, the best places first. Never between two digits' groups, so that
# "33 66 33 66" stays whole; an address has no space in it.
_PARTINGS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…؟۔])\s+(?=[^\W\d_])(?![a-zæøåäöü])"),
    re.compile(r"(?<!\d)\s+|\s+(?!\d)"),
)


def split(text: str) -> list[str]:
    """The text in parts of at most 2,000 characters, at ends of lines, of sentences or of words."""
    parts, rest = [], text.strip()
    while _length(rest) > _LONGEST_TEXT:
        end, start = _parting(rest, _fitting(rest, _LONGEST_TEXT))
        parts.append(rest[:end].rstrip())
        rest = rest[start:].lstrip()
    return [*parts, rest] if rest else parts


def _parting(text: str, room: int) -> tuple[int, int]:
    """Where the first part ends and the next begins.

    A better place is taken if the part is then at least half full.
    """
    for least in (room // 2, 1):
        for pattern in _PARTINGS:
            # Two characters more: a space right behind the room is a place, too, and what
            # follows it is looked at.
            found = (match.span() for match in pattern.finditer(text, 0, room + 2))
            places = [place for place in found if place[0] <= room]
            if places and places[-1][0] >= least:
                return places[-1]
    return room, room


def _length(text: str) -> int:
    """In 16-bit units. Meta says "characters"; whatever it counts, there are not more of them."""
    return len(text) + sum(character > "\uffff" for character in text)


def _fitting(text: str, units: int) -> int:
    """How many characters from the start on are at most so many units."""
    used = 0
    for place, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > units:
            return place
    return len(text)
