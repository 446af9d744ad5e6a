"""Everything that the guide can say, as it is handed to the channels."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from conversations.models import Rendered, Reply
from conversations.rendering.answers import ASPECTS
from conversations.rendering.renderer import Renderer
from conversations.rendering.replies import ReplyTexts
from knowledge.catalogue import Catalogue
from tests.conversations.rendering.samples import SERVICE, VALUES

_ENDS = frozenset(
    {
        "booking_done",
        "booking_moved",
        "booking_cancelled",
        "booking_moved_by_staff",
        "booking_cancelled_by_staff",
        "booking_reminder",
    }
)
"""Receipts and notices: nothing is offered with them but the link that they contain."""
_GIVEN = frozenset({"service", "services", "authority", "contact"})
"""What the renderer knows by itself, beside its constants."""


@dataclass(frozen=True)
class Saying:
    what: str
    rendered: Rendered


def everything(
    renderer: Renderer,
    catalogue: Catalogue,
    replies: ReplyTexts,
    constants: Collection[str],
    language: str,
) -> Iterator[Saying]:
    """Each answer about each service, each reply, and each service among the candidates."""
    for service in catalogue.services:
        choices = (f"ask:{service}:how", f"ask:{service}:documents", "human")
        for aspect in ASPECTS:
            answer = Reply("service", service=service, aspect=aspect, choices=choices)
            yield Saying(f"{service} {aspect}", renderer.render(answer, language))
    services = list(catalogue.services)
    for start in range(0, len(services), 3):
        some = tuple(services[start : start + 3])
        codes = (*(f"service:{item}" for item in some), "human")
        reply = Reply("candidates", candidates=some, choices=codes)
        yield Saying(f"candidates {some}", renderer.render(reply, language))
    for key in replies:
        offered = ("service:bekymring-barn", "human")[key != "crisis_child" :]
        if key in _ENDS:
            offered = ()
        names = replies.needs(key) - _GIVEN - set(constants)
        values = {**VALUES, **{name: VALUES.get(name, 7) for name in names}}
        reply = Reply(key, values, service=SERVICE, choices=offered)
        yield Saying(key, renderer.render(reply, language))


def many(renderer: Renderer, catalogue: Catalogue, language: str) -> Rendered:
    """More choices than a channel may be able to show."""
    harmless = [key for key, item in catalogue.services.items() if not item.facts.sensitive]
    codes = tuple(f"service:{item}" for item in harmless[:15])
    return renderer.render(Reply("candidates", choices=codes), language)
