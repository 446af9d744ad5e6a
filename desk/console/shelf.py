"""The knowledge base as the citizen sees it, for whoever answers them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conversations.models import Card, Rendered, Reply
from conversations.rendering.answers import ASPECTS
from conversations.rendering.renderer import SERVICE, Renderer
from desk.errors import NotFound, Refused
from knowledge import formatting
from knowledge.catalogue import Catalogue
from knowledge.search import KnowledgeSearch

_CITY = "kk"


class Shelf:
    """Searches and shows. Public knowledge: it checks no rights."""

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        search: Callable[[], KnowledgeSearch],
        renderer: Renderer,
    ) -> None:
        self.catalogue = catalogue
        self._search = search
        self._renderer = renderer

    def language(self, code: str | None) -> str:
        """The language, or the first there is. Raises :class:`Refused` for an unknown one."""
        codes = self.catalogue().language_codes
        if code is not None and code not in codes:
            raise Refused("unknown_language")
        return code or codes[0]

    def find(self, text: str, language: str, limit: int) -> list[Card]:
        """The entries that fit best, in the language."""
        ranked = self._search().find(text, language).ranked[:limit]
        return [self.card(hit.service, language) for hit in ranked]

    def suggest(self, questions: Sequence[str], language: str, limit: int) -> list[Card]:
        """What fits the last of the questions that is clearly about something, or else the last
        that may be; nothing for small talk.
        """
        found = [self._search().find(text, language) for text in reversed(questions)]
        hits = [item for item in found if item.candidates]
        best = next((item for item in hits if item.clear is not None), hits[0] if hits else None)
        if best is None:
            return []
        return [self.card(hit.service, language) for hit in best.ranked[:limit]]

    def card(self, service: str, language: str, aspect: str = "overview") -> Card:
        """An entry as the citizen gets it. Raises as :meth:`answer`."""
        card = self.answer(service, language, aspect).card
        if card is None:
            raise NotFound
        return card

    def answer(self, service: str, language: str, aspect: str = "overview") -> Rendered:
        """The same with its text for channels that show no cards. Raises as :meth:`reply`."""
        return self._renderer.render(self.reply(service, aspect), language)

    def reply(self, service: str, aspect: str = "overview") -> Reply:
        """The same in no language yet.

        Raises :class:`NotFound` for an unknown service, :class:`Refused` for an unknown aspect.
        """
        if service not in self.catalogue().services:
            raise NotFound
        if aspect not in ASPECTS:
            raise Refused("unknown_aspect")
        return Reply(SERVICE, service=service, aspect=aspect)

    def phone(self) -> str:
        """The city's number, as it is written."""
        return formatting.phone(self.catalogue().organisations[_CITY].phone or "")
