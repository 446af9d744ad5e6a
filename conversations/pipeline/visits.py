"""An answer about a service for which a time can be booked offers to book it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from conversations.handover import HUMAN
from conversations.models import Reply
from conversations.rendering.renderer import SERVICE
from conversations.rendering.visits import BOOK_FOR
from knowledge.catalogue import Catalogue
from knowledge.schema import ChannelKind

Bookable = Callable[[], Collection[str]]
"""The services for which somebody can be met."""
_ASPECTS = frozenset({"overview", "where", "how", "documents"})
"""Answers after which one may want to come; who asks for the price has not come so far."""


class OfferVisit:
    """Adds the choice to book. Where it can be done online, that comes first and booking last."""

    def __init__(self, catalogue: Callable[[], Catalogue], bookable: Bookable) -> None:
        self._catalogue = catalogue
        self._bookable = bookable

    def __call__(self, replies: list[Reply]) -> list[Reply]:
        """The replies, with the choice where it belongs."""
        return [self._offered(reply) for reply in replies]

    def _offered(self, reply: Reply) -> Reply:
        if reply.key != SERVICE or reply.service is None:
            return reply
        known = self._catalogue().services.get(reply.service)
        wanted = (reply.aspect or "overview") in _ASPECTS and reply.service in self._bookable()
        if known is None or not wanted:
            return reply
        codes = list(reply.choices)
        online = known.facts.channels[0].kind is ChannelKind.online
        person = codes.index(HUMAN) if HUMAN in codes else len(codes)
        # In matters where a person is best of all, the person stays in front.
        place = person if online and person else 1 if person == 0 else 0
        codes.insert(place, f"{BOOK_FOR}{reply.service}")
        return replace(reply, choices=tuple(codes))
