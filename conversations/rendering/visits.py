"""Words an appointment: when, where, for whom, and what to bring.

Values come as data: moments in ISO 8601, ids of services, codes of languages.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from conversations.rendering.replies import ReplyTexts
from knowledge import formatting
from knowledge.catalogue import Catalogue
from knowledge.schema import State

PREFIX = "book:"
BOOK_FOR = "book:for:"
"""Begins a booking for the service after it, from an answer about that service."""
_ZONE = ZoneInfo("Europe/Copenhagen")
"""All appointments are on the city's wall clock."""
_PLAIN = frozenset(
    {
        "start",
        "go_on",
        "stop",
        "earlier",
        "later",
        "other_day",
        "any",
        "yes",
        "yes_summary",
        "other",
        "here",
    }
)
PlaceWords = Callable[[str], tuple[str, str] | None]
"""The kind and the name of a place where times are booked; None for one that nobody knows."""
_CHANGE = ("move", "cancel")
_STAMP = re.compile(r"\d{8}T\d{4}Z")
_REFERENCE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}")
_MAX_BRING = 6
_IN_PERSON = "in_person"


class VisitWords:
    """The renderer's part for bookings."""

    def __init__(
        self, catalogue: Callable[[], Catalogue], replies: ReplyTexts, places: PlaceWords
    ) -> None:
        self._catalogue = catalogue
        self._places_booked = places
        self._replies = replies
        self._words: dict[str, Callable[[Any, str], str]] = {
            "when": lambda value, language: self._moment(value["at"], language),
            "day": lambda value, language: day(dt.date.fromisoformat(value), language),
            "visits": self._visits,
            "visit_place": self._place,
            "booked_place": self._place_name,
            "booked_places": self._places,
            "bring": self._bring,
            "spoken": self._spoken,
            "wish": self._wish,
            "holiday": _holiday,
            "reached": lambda value, language: value or self._say("booking_reached_here", language),
            "references": self._references,
        }

    def value(self, name: str, value: Any, language: str) -> str | None:
        """The words for a value of this name; None for one that is not ours."""
        word = self._words.get(name)
        return word(value, language) if word is not None else None

    def title(self, code: str, language: str) -> str:
        """What a choice says. ``KeyError`` for a code that means nothing."""
        kind, _, rest = code.removeprefix(PREFIX).partition(":")
        if kind in _PLAIN and not rest:
            return self._say(f"choice_book_{kind}", language)
        if kind in ("at", "there"):
            stamp, _, place = rest.partition(":")
            if not _STAMP.fullmatch(stamp) or not place:
                raise KeyError(code)
            try:
                at = dt.datetime.strptime(stamp, "%Y%m%dT%H%MZ").replace(tzinfo=dt.UTC)
            except ValueError:
                raise KeyError(code) from None
            said = self._moment(at.isoformat(), language)
            return f"{said}, {self._place_name(place, language)}" if kind == "there" else said
        if kind == "kind" and rest in ("phone", "video"):
            return self._say(f"choice_book_{rest}", language)
        if kind == "language":
            return self._spoken(rest, language, alone=True)
        if kind == "place" and (rest in self._catalogue().places or self._places_booked(rest)):
            return self._place_name(rest, language)
        if kind == "for" and rest in self._catalogue().services:
            return self._say("choice_book_start", language)
        if kind == "service" and rest in self._catalogue().services:
            return self._catalogue().text(rest, language)[1].title
        if kind in _CHANGE and (not rest or _REFERENCE.fullmatch(rest)):
            title = self._say(f"choice_book_{kind}", language)
            return f"{title} {rest}".strip()
        raise KeyError(code)

    def short(self, code: str, language: str) -> str | None:
        """A time to choose in few letters, ``tir. 24.11. 09.00``; None for any other choice."""
        kind, _, rest = code.removeprefix(PREFIX).partition(":")
        stamp, _, place = rest.partition(":")
        if kind not in ("at", "there") or not _STAMP.fullmatch(stamp):
            return None
        wall = dt.datetime.strptime(stamp, "%Y%m%dT%H%MZ").replace(tzinfo=dt.UTC).astimezone(_ZONE)
        date = format_date(wall.date(), format="EEE d.M.", locale=formatting.locale(language))
        said = f"{date} {clock(wall.time(), language)}"
        return f"{said}, {self._place_name(place, language)}" if kind == "there" else said

    def _say(self, key: str, language: str, **values: Any) -> str:
        return self._replies.text(key, language, values)

    def _moment(self, at: str, language: str) -> str:
        """An ISO 8601 moment as weekday, whole date and time on the city's wall clock."""
        wall = dt.datetime.fromisoformat(at).astimezone(_ZONE)
        date, time = day(wall.date(), language), clock(wall.time(), language)
        return self._say("booking_moment", language, day=date, time=time)

    def _visits(self, value: list[list[Any]], language: str) -> str:
        """The services; those that nobody else should read of are only called a matter."""
        catalogue = self._catalogue()
        lines = []
        for service, persons in value:
            known = catalogue.services.get(service)
            if known is None or known.facts.sensitive:
                title = self._say("booking_private", language)
            else:
                title = catalogue.text(service, language)[1].title
            if persons > 1:
                title = self._say("booking_persons", language, title=title, persons=persons)
            lines.append(title)
        return ", ".join(dict.fromkeys(lines))

    def _place(self, value: dict[str, str], language: str) -> str:
        if value["kind"] != _IN_PERSON:
            return self._say(f"booking_by_{value['kind']}", language)
        return ", ".join(filter(None, [value["name"], value["address"]]))

    def _place_name(self, place_id: str, language: str) -> str:
        known = self._catalogue().places.get(place_id)
        if known is not None:
            return known.name
        kind, name = self._places_booked(place_id) or (_IN_PERSON, place_id)
        return name if kind == _IN_PERSON else self._say(f"choice_book_{kind}", language)

    def _places(self, value: list[str], language: str) -> str:
        return ", ".join(self._place_name(item, language) for item in value)

    def _bring(self, value: list[str], language: str) -> str:
        """What to bring, as far as it is known for certain, in a line of its own."""
        catalogue = self._catalogue()
        lines: dict[str, None] = {}
        for service in value:
            known = catalogue.services.get(service)
            if known is None or known.facts.sensitive:
                continue
            _, prose = catalogue.text(service, language)
            for fact in known.facts.evidence:
                if fact.state is State.verified:
                    lines[formatting.fill(prose.evidence[fact.id], fact.values, language)] = None
        if not lines:
            return ""
        listed = "\n".join(f"- {line}" for line in list(lines)[:_MAX_BRING])
        return f"{self._say('label_evidence', language)}:\n{listed}"

    def _spoken(self, code: str, language: str, *, alone: bool = False) -> str:
        if code in ("any", ""):
            return self._say("choice_book_language_any", language)
        if code == "dsl":
            return self._say("booking_sign_language", language)
        name = formatting.locale(language).languages.get(code)
        if name is None:
            raise KeyError(code)
        return f"{name[:1].upper()}{name[1:]}" if alone else str(name)

    def _wish(self, value: dict[str, Any], language: str) -> str:
        """What was understood, with the whole of each date."""
        first, last = value["first"], value["last"]
        parts = []
        if first and first == last:
            parts.append(day(dt.date.fromisoformat(first), language))
        elif first and last:
            since, until = (day(dt.date.fromisoformat(item), language) for item in (first, last))
            parts.append(self._say("booking_wish_between", language, first=since, last=until))
        elif first or last:
            key = "booking_wish_from" if first else "booking_wish_until"
            parts.append(
                self._say(key, language, day=day(dt.date.fromisoformat(first or last), language))
            )
        if value["weekdays"]:
            names = formatting.locale(language).days["format"]["wide"]
            parts.append(", ".join(names[item] for item in value["weekdays"]))
        low, high = (
            clock(dt.time.fromisoformat(value[item]), language) if value[item] else None
            for item in ("from_time", "until_time")
        )
        if low and high:
            parts.append(self._say("booking_wish_hours", language, low=low, high=high))
        elif low:
            parts.append(self._say("booking_wish_after", language, low=low))
        elif high:
            parts.append(self._say("booking_wish_before", language, high=high))
        text = ", ".join(parts)
        return f"{text[:1].upper()}{text[1:]}"

    def _references(self, value: list[list[str]], language: str) -> str:
        return "\n".join(f"- {code}: {self._moment(at, language)}" for code, at in value)


def day(date: dt.date, language: str) -> str:
    """``tirsdag den 24. november 2026``: the weekday and the whole date."""
    return str(format_date(date, format="full", locale=formatting.locale(language)))


def clock(time: dt.time, language: str) -> str:
    return str(format_time(time, format="short", locale=formatting.locale(language)))


def _holiday(value: dict[str, str], language: str) -> str:
    """A holiday by its name in the language, else in English; a closing day has one name only."""
    return value.get(language) or value.get("en") or value[""]
