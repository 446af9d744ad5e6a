"""Everything that the guide can say, as it is handed to the channels."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from conversations.models import Rendered, Reply
from conversations.rendering.answers import ASPECTS
from conversations.rendering.renderer import Renderer
from conversations.rendering.replies import ReplyTexts
from knowledge.catalogue import Catalogue

SERVICE = "pas-voksen"
_VALUES: dict[str, object] = {
    "area": "2200",
    "city": "København",
    "code": "123456",
    "date": "2024",
    "district": "noerrebro",
    "districts": ("noerrebro", "bispebjerg"),
    "life_event": "moving",
    "limit": 2000,
    "minutes": 10,
    "municipality": "Tårnby Kommune",
    "name": "navn",
    "places": ("international-house",),
    "postal_code": "1000",
    "seconds": 3,
    "street": "gade 1",
    "title": "titel",
    "tries": 4,
    "url": "https://www.kk.dk",
    "year": 2023,
}
"""What the dialogue and the gateway give with replies, where it must be something certain."""
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
        names = replies.needs(key) - _GIVEN - set(constants)
        values = {**_VALUES, **{name: _VALUES.get(name, 7) for name in names}}
        reply = Reply(key, values, service=SERVICE, choices=offered)
        yield Saying(key, renderer.render(reply, language))


def many(renderer: Renderer, catalogue: Catalogue, language: str) -> Rendered:
    """More choices than a channel may be able to show."""
    harmless = [key for key, item in catalogue.services.items() if not item.facts.sensitive]
    codes = tuple(f"service:{item}" for item in harmless[:15])
    return renderer.render(Reply("candidates", choices=codes), language)
