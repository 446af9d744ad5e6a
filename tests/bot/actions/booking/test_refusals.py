"""Every error of the booking core has a sentence in every language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from booking import errors
from booking.states import Event, State
from bot.actions.booking.refusals import refusal
from conversations.rendering.renderer import Renderer

_DAY = dt.date(2026, 12, 24)
_INSTANCES: list[errors.BookingError] = [
    errors.NotFound(),
    errors.Taken("international-house", dt.datetime(2026, 12, 1, tzinfo=dt.UTC)),
    errors.HoldExpired(10),
    errors.InThePast(),
    errors.TooSoon(60),
    errors.TooFar(90, _DAY),
    errors.Closed(_DAY, "closure", "Juleaftensdag"),
    errors.Closed(_DAY, "holiday", "Juledag"),
    errors.Closed(_DAY, "exception"),
    errors.Closed(_DAY, "weekday"),
    errors.Closed(_DAY, "hours"),
    errors.OffGrid(5),
    errors.NotOffered("place", "international-house"),
    errors.NotOffered("kind", "phone"),
    errors.NotOffered("service", "pas-voksen"),
    errors.NotOffered("language", "ar"),
    errors.NotOffered("language", "dsl"),
    errors.TooMany(8, "persons"),
    errors.TooMany(120, "minutes"),
    errors.IllegalTransition(State.done, Event.cancelled),
    errors.LinkTampered(),
    errors.LinkExpired(),
    errors.LinkForeign(),
    errors.LinkStolen(),
    errors.LinkReplayed(),
    errors.LinkStale(),
]


def _leaves(kind: type[errors.BookingError]) -> Iterator[type[errors.BookingError]]:
    below = kind.__subclasses__()
    for item in below:
        yield from _leaves(item)
    if not below:
        yield kind


def test_every_kind_of_error_is_here() -> None:
    assert {type(error) for error in _INSTANCES} == set(_leaves(errors.BookingError))


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("error", _INSTANCES, ids=str)
def test_an_error_is_said(renderer: Renderer, error: errors.BookingError, language: str) -> None:
    reply = refusal(error, booked_places=["borgerservice-valby"])
    text = renderer.render(reply, language).text
    assert text
    assert "{" not in text
    assert "2026-12-24" not in text
