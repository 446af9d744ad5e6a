"""Which service, which aspect, or which question back. No Rasa here, and no words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conversations.assistant.port import Context
from conversations.models import Reply
from knowledge.catalogue import Catalogue
from knowledge.folding import words
from knowledge.search import Hits, KnowledgeSearch

ASPECTS = {
    "ask_cost": "cost",
    "ask_time": "time",
    "ask_deadline": "deadline",
    "ask_documents": "documents",
    "ask_eligibility": "eligibility",
    "ask_where": "where",
    "ask_how": "how",
    "ask_authority": "authority",
    "ask_online": "online",
}
"""Aspect per intent; any other intent asks for the overview."""

SWITCH = 0.35
"""Probability at which a question about an aspect leaves the current service for another."""
SHORT = 7
"""Words up to which a message may be a follow-up ("and for my son?")."""
UNRELATED = 0.25
"""Probability of the intent "out of scope" from which it is believed, whatever the first intent."""
SURE = 0.6
"""Search probability from which it is not."""

_FOLLOW_UPS = {
    "overview": ("cost", "deadline", "documents", "how"),
    "cost": ("how", "documents"),
    "time": ("how", "deadline"),
    "deadline": ("how", "documents"),
    "documents": ("how", "cost"),
    "eligibility": ("how", "documents"),
    "where": ("documents", "how"),
    "how": ("documents", "cost"),
    "authority": ("where", "how"),
    "online": ("how", "documents"),
    "simple": ("how", "documents"),
}


@dataclass(frozen=True)
class Question:
    """A citizen's message as the dialogue understood it."""

    text: str
    intent: str
    unrelated: float = 0.0
    """The probability that it is about nothing the city does."""


def answer(service: str, aspect: str, catalogue: Catalogue) -> Reply:
    """The answer about a service, with what one may ask next."""
    facts = catalogue.services[service].facts
    has = {"cost": facts.costs, "deadline": facts.deadlines, "documents": facts.evidence}
    asks = [item for item in _FOLLOW_UPS[aspect] if has.get(item, True)]
    if aspect == "overview":
        # The overview shows price, deadline and papers already.
        asks = ["how", "eligibility"] if facts.requirements else ["how"]
    codes = [f"ask:{service}:{item}" for item in asks]
    codes.insert(0 if facts.handover else len(codes), "human")
    return Reply("service", service=service, aspect=aspect, choices=tuple(codes))


def offer(services: tuple[str, ...]) -> Reply:
    """A few services to choose from."""
    codes = (*(f"service:{item}" for item in services), "human")
    return Reply("candidates", candidates=services, choices=codes)


def life_event(identifier: str, catalogue: Catalogue) -> Reply:
    """The package of services of a situation in life."""
    services = catalogue.life_events[identifier].facts.services
    return Reply(
        "life_event",
        {"life_event": identifier},
        candidates=services,
        choices=(*(f"service:{item}" for item in services), "human"),
    )


def fallback(failures: int) -> Reply:
    """Two steps, each in other words: say it differently, then a person; and a third."""
    return Reply(f"fallback_{min(failures, 2) + 1}", choices=("human",))


class Answering:
    """Decides on one catalogue and its search."""

    def __init__(
        self, catalogue: Callable[[], Catalogue], search: Callable[[], KnowledgeSearch]
    ) -> None:
        self._catalogue = catalogue
        self._search = search

    def decide(self, question: Question, context: Context) -> Reply:
        """What to say to a question."""
        catalogue = self._catalogue()
        aspect = ASPECTS.get(question.intent, "overview")
        hits = self._search().find(question.text, context.language)
        unrelated = question.unrelated >= UNRELATED and hits.probability < SURE
        current = context.service
        if current is not None and current in catalogue.services and not unrelated:
            followed = self._follow_up(question, current, context, hits)
            if followed is not None:
                return followed
        if unrelated:
            return Reply("out_of_scope", choices=("human",))
        if hits.life_event is not None and aspect == "overview":
            return life_event(hits.life_event, catalogue)
        if hits.clear is not None:
            return answer(hits.clear, aspect, catalogue)
        if hits.candidates:
            return offer(hits.candidates)
        if aspect != "overview":
            return Reply("which_service", choices=("human",))
        return fallback(context.failures)

    def subject(self, text: str, context: Context) -> str | None:
        """The service that a message is about: one that it names clearly, or the current one."""
        clear = self._search().find(text, context.language).clear
        if clear is not None:
            return clear
        known = context.service in self._catalogue().services
        return context.service if known else None

    def authority_question(self, key: str, text: str, context: Context) -> Reply:
        """A question that only the authority can answer: whose it is and how to reach them.

        ``key`` is the reply about a service; ``<key>_any`` is the one without.
        """
        service = self.subject(text, context)
        return Reply(key if service else f"{key}_any", service=service, choices=("human",))

    def correct(self, question: Question, context: Context) -> Reply:
        """After "no, I meant ...": the best that is not what was answered already."""
        hits = self._search().find(question.text, context.language)
        others = tuple(item for item in hits.candidates if item != context.service)
        if hits.clear is not None and hits.clear != context.service:
            return answer(hits.clear, "overview", self._catalogue())
        return offer(others) if others else Reply("correct_ask", choices=("human",))

    def _follow_up(
        self, question: Question, service: str, context: Context, hits: Hits
    ) -> Reply | None:
        """The answer, if the message goes on about ``service`` or one close to it."""
        catalogue = self._catalogue()
        aspect = ASPECTS.get(question.intent, "overview")
        if len(words(question.text)) > SHORT:
            return None
        if hits.clear == service:
            return answer(service, aspect, catalogue)
        if hits.probability >= SWITCH and hits.distinct:
            return None
        services = catalogue.services
        related = {service, *services[service].facts.related}
        related |= {item.id for item in services.values() if service in item.facts.related}
        near = self._search().find(question.text, context.language, within=related)
        before = context.aspect if context.aspect in _FOLLOW_UPS else None
        if near.ranked and near.ranked[0].service != service and near.distinct:
            asked = before or aspect if aspect == "overview" else aspect
            return answer(near.ranked[0].service, asked, catalogue)
        return answer(service, aspect, catalogue) if aspect != "overview" else None
