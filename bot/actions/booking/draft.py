"""How far a booking has come. It is kept by the gateway; Rasa only knows which steps are done."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from booking.models import ServiceWish
from bot.actions.booking.wish import Wish


class Mode(StrEnum):
    """What is to come of it."""

    book = "book"
    move = "move"
    cancel = "cancel"


class Step(StrEnum):
    """What is asked, in this order. Rasa's form has a slot ``booking_<step>`` for each."""

    services = "services"
    channel = "channel"
    place = "place"
    language = "language"
    time = "time"
    name = "name"
    contact = "contact"
    confirm = "confirm"


ANY_LANGUAGE = ""


@dataclass(frozen=True)
class Offer:
    """A time that was shown: where, and its moment in ISO 8601."""

    place: str
    at: str

    @property
    def moment(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.at)


@dataclass(frozen=True)
class Draft:
    """A booking in the making. ``None`` and empty mean: not said yet."""

    mode: Mode = Mode.book
    services: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()
    """Services that may be meant, where that is not clear."""
    persons: int = 1
    online_known: bool = False
    """That it could be done online was said, or it cannot be."""
    places: tuple[str, ...] = ()
    kind: str | None = None
    anywhere: bool = False
    language: str | None = None
    """What the caseworker must speak; :data:`ANY_LANGUAGE` if that does not matter."""
    wish: Wish = field(default_factory=Wish)
    offered: tuple[Offer, ...] = ()
    chosen: Offer | None = None
    hold: str | None = None
    name: str | None = None
    channel: str | None = None
    address: str | None = None
    appointment: str | None = None
    """The one that is to be moved or cancelled."""

    @property
    def wishes(self) -> tuple[ServiceWish, ...]:
        return tuple(ServiceWish(service, self.persons) for service in self.services)

    @property
    def placed(self) -> bool:
        return bool(self.places) or self.kind is not None or self.anywhere

    def done(self, step: Step) -> bool:
        """Whether the step needs no question any more."""
        if self.mode is Mode.cancel:
            return step is not Step.confirm
        if step is Step.services:
            return bool(self.services)
        if step is Step.channel:
            return self.online_known
        if step is Step.place:
            return self.placed
        if step is Step.language:
            return self.language is not None
        if step is Step.time:
            return self.chosen is not None
        if step is Step.name:
            return self.name is not None or self.mode is Mode.move
        if step is Step.contact:
            return self.address is not None or self.mode is Mode.move
        return False

    @property
    def pending(self) -> Step:
        """What to ask next."""
        return next(step for step in Step if not self.done(step))

    def data(self) -> dict[str, Any]:
        """The draft as JSON."""
        found = asdict(self)
        wish = self.wish
        found["wish"] = {
            "first": wish.first and wish.first.isoformat(),
            "last": wish.last and wish.last.isoformat(),
            "weekdays": sorted(wish.weekdays),
            "from_time": wish.from_time and wish.from_time.isoformat(),
            "until_time": wish.until_time and wish.until_time.isoformat(),
        }
        return found

    @classmethod
    def of(cls, data: dict[str, Any]) -> Draft:
        """From JSON."""
        wish = data["wish"]
        chosen = data["chosen"]
        return cls(
            **{
                **data,
                "mode": Mode(data["mode"]),
                "services": tuple(data["services"]),
                "maybe": tuple(data["maybe"]),
                "places": tuple(data["places"]),
                "wish": Wish(
                    wish["first"] and dt.date.fromisoformat(wish["first"]),
                    wish["last"] and dt.date.fromisoformat(wish["last"]),
                    frozenset(wish["weekdays"]),
                    wish["from_time"] and dt.time.fromisoformat(wish["from_time"]),
                    wish["until_time"] and dt.time.fromisoformat(wish["until_time"]),
                ),
                "offered": tuple(Offer(**item) for item in data["offered"]),
                "chosen": chosen and Offer(**chosen),
            }
        )
