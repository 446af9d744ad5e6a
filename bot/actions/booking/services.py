"""What a visit is for, and whether it needs a visit at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from booking.supply import Supply
from bot.actions.base import Heard
from bot.actions.booking.answers import Answers
from knowledge.catalogue import Catalogue
from knowledge.schema import ChannelKind
from knowledge.search import KnowledgeSearch

_SURE = 0.3
"""Search probability from which a part of a list is a service, if it is the only one."""
_LIKELY = 0.5
"""The same where another comes close: what is booked is shown before it is confirmed."""
_CERTAIN = 0.6
"""The same for a service that cannot be booked here: "book a time" sounds like the library."""
_MAX_MAYBE = 3


@dataclass(frozen=True)
class Meant:
    """The services in a message: those that can be booked here, and the first that cannot."""

    bookable: tuple[str, ...] = ()
    other: str | None = None
    maybe: tuple[str, ...] = ()
    """Where it is not clear: those that can be booked."""


class ServiceReader:
    """Finds the services that a message names."""

    def __init__(
        self, catalogue: Callable[[], Catalogue], search: Callable[[], KnowledgeSearch]
    ) -> None:
        self._catalogue = catalogue
        self._search = search

    def read(self, heard: Heard, answers: Answers, supply: Supply) -> Meant:
        """What is meant, part by part: "a passport and a health card" are two."""
        found: dict[str, None] = {}
        maybe: dict[str, None] = {}
        other: str | None = None
        named = {item for item in heard.named.get("service", ()) if item in supply.services}
        for piece in dict.fromkeys((*answers.pieces(heard.text), heard.text)):
            hits = self._search().find(piece, heard.context.language)
            ranked = [hit.service for hit in hits.ranked]
            if not ranked or (found and piece == heard.text):
                continue
            first, here = ranked[0], ranked[0] in supply.services
            clear = hits.clear is not None and hits.probability >= _SURE
            if here and (clear or hits.probability >= _LIKELY):
                found[first] = None
            elif not here and hits.probability >= _CERTAIN:
                other = other or first
            else:
                # "a health card for two children tomorrow": what stands around the name leads the
                # search astray.
                found |= dict.fromkeys([item for item in ranked if item in named][:1])
            maybe |= dict.fromkeys(item for item in hits.candidates if item in supply.services)
        if not found and len(named) == 1:
            found = dict.fromkeys(named)
        return Meant(tuple(found), other, tuple(maybe)[:_MAX_MAYBE])

    def online(self, service: str) -> str | None:
        """The web address, where doing it online is the best way of all."""
        found = self._catalogue().services.get(service)
        if found is None:
            return None
        first = found.facts.channels[0]
        if first.kind is not ChannelKind.online:
            return None
        return str(first.url or found.facts.check_url)
