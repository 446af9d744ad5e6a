"""Renders replies in the citizen's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conversations.handover import CHOICES, HUMAN
from conversations.models import Choice, Rendered, Reply
from conversations.rendering.answers import ASPECTS, Answerer
from conversations.rendering.replies import ReplyTexts
from conversations.rendering.visits import PREFIX as BOOKING
from conversations.rendering.visits import PlaceWords, VisitWords
from knowledge import formatting
from knowledge.catalogue import Catalogue

_PLAIN_CHOICES = CHOICES | {HUMAN}
"""Choices that stand for themselves."""
_DANGER = "crisis_"
_NAMING = ("service:", "ask:")
"""Choices that name a service."""
SERVICE = "service"
"""The reply key that stands for an answer about ``reply.service``."""


class Renderer:
    """Turns a :class:`Reply` into words.

    ``constants`` are values that any text may use (phone numbers, limits).
    """

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        replies: ReplyTexts,
        answerer: Answerer,
        constants: Mapping[str, Any],
        booked_places: PlaceWords = lambda _: None,
    ) -> None:
        self._catalogue = catalogue
        self._replies = replies
        self._answerer = answerer
        self._constants = constants
        self._visits = VisitWords(catalogue, replies, booked_places)

    def __contains__(self, key: str) -> bool:
        """Whether there is a reply of this key."""
        return key in self._replies

    def sentence(self, key: str, language: str, values: Mapping[str, Any] | None = None) -> str:
        """A plain reply text, for errors and notices."""
        return self._replies.text(key, language, {**self._constants, **(values or {})})

    def render(self, reply: Reply, language: str) -> Rendered:
        """The reply in words, with all that any channel can show.

        ``KeyError`` for an unknown key, service, aspect or choice.
        """
        choices = tuple(
            Choice(self.title(code, language), code, self._visits.short(code, language))
            for code in reply.choices
        )
        if reply.key == SERVICE:
            aspect = reply.aspect or "overview"
            card = self._answerer.card(reply.service or "", aspect, language)
            key, text = f"service_{aspect}", self._answerer.text(card)
        else:
            card, key = None, reply.key
            text = self._replies.text(reply.key, language, self._values(reply, language))
        return Rendered(
            text=text,
            language=language,
            reply=key,
            service=reply.service,
            candidates=reply.candidates,
            choices=choices,
            card=card,
            neutral=self.sentence("neutral", language) if self._sensitive(reply) else None,
            more=self.sentence("more", language),
        )

    def _sensitive(self, reply: Reply) -> bool:
        """Whether the reply names a service that says too much about whoever asks for it."""
        if reply.key.startswith(_DANGER):
            # Numbers to call are never kept back, whatever is offered beside them.
            return False
        named = {*reply.candidates, *filter(None, [reply.service])}
        named |= {code.split(":")[1] for code in reply.choices if code.startswith(_NAMING)}
        services = self._catalogue().services
        return any(item in services and services[item].facts.sensitive for item in named)

    def _values(self, reply: Reply, language: str) -> dict[str, Any]:
        catalogue = self._catalogue()
        values: dict[str, Any] = {**self._constants, "services": len(catalogue.services)}
        if reply.service is not None:
            write = self._answerer.writer(reply.service, language)
            contact = write.contact()
            values |= {
                "service": write.prose.title,
                "authority": write.authority,
                "contact": f"{contact.label}: {contact.items[0].text}." if contact else "",
            }
        for name, value in reply.values.items():
            values |= self._named(name, value, language)
        return values

    def _named(self, name: str, value: Any, language: str) -> dict[str, Any]:
        """Ids become names: the dialogue knows no language."""
        visit = self._visits.value(name, value, language)
        if visit is not None:
            return {name: visit}
        catalogue = self._catalogue()
        if name == "district":
            return {name: catalogue.districts[value].name}
        if name == "districts":
            return {name: ", ".join(catalogue.districts[item].name for item in value)}
        if name == "looks_like":
            return {name: str(formatting.locale(language).languages[value])}
        if name == "life_event":
            text = catalogue.life_event_text(value, language)
            return {"title": text.title.rstrip("."), "summary": text.summary}
        if name == "places":
            return {name: "\n".join(self._place(item, language) for item in value)}
        return {name: value}

    def _place(self, place_id: str, language: str) -> str:
        place = self._catalogue().places[place_id]
        line = self.sentence(
            "place_line",
            language,
            {
                "name": place.name,
                "street": place.street,
                "postal_code": place.postal_code,
                "city": place.city,
            },
        )
        if place.state != "verified":
            line += f" ({self.sentence('nearest_unknown_hours', language)})"
        return f"- {line}"

    def title(self, code: str, language: str) -> str:
        """What a choice says. ``KeyError`` for a code that means nothing."""
        if code.startswith(BOOKING):
            return self._visits.title(code, language)
        kind, _, rest = code.partition(":")
        catalogue = self._catalogue()
        if kind == "service":
            return catalogue.text(rest, language)[1].title
        if kind == "ask":
            service, _, aspect = rest.partition(":")
            if service not in catalogue.services or aspect not in ASPECTS:
                raise KeyError(code)
            return self.sentence(f"choice_{aspect}", language)
        if kind == "life_event":
            return catalogue.life_event_text(rest, language).title
        if kind == "language":
            return {item.code: item.name for item in catalogue.languages}[rest]
        if code not in _PLAIN_CHOICES:
            raise KeyError(code)
        return self.sentence(f"choice_{code.replace(':', '_')}", language)


def constants(
    catalogue: Catalogue, crisis_contacts: Mapping[str, str], **more: Any
) -> dict[str, Any]:
    """Values that any reply text may use."""
    city = catalogue.organisations["kk"]
    desk = catalogue.organisations["borgerservice"]
    return {
        "phone": formatting.phone(city.phone or ""),
        "booking_url": str(desk.url),
        **{name: formatting.phone(number) for name, number in crisis_contacts.items()},
        **more,
    }
