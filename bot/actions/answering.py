"""Which service, which aspect, or which question back. No Rasa here, and no words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conversations.assistant.port import Context
from conversations.models import Reply
from knowledge.catalogue import Catalogue
from knowledge.folding import words
from knowledge.scope import Scope
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
SHORT_SWITCH = 0.5
"""The same for a message that is short enough for a follow-up."""
SURE_SWITCH = 0.85
"""The same for a bare question ("what must I bring?"), which fits every service."""
CERTAIN_ASPECT = 0.45
"""Probability of the intent from which a new subject is answered with one aspect only."""
TOLD_ASPECT = 0.9
"""The same for a longer follow-up."""
STANDS_OUT = 0.1
"""Lead over the other related services from which a follow-up is about one of them."""
NAMED = 0.5
"""Probability from which a question that only an authority can answer names a service."""
COMPLAINTS = "klage"
"""The service that explains how to complain."""
SHORT = 7
"""Words up to which a message may be a follow-up ("and for my son?")."""
LONG = 14
"""The same for one that clearly asks for an aspect and is clearly about no other service."""
UNRELATED = 0.27
"""Probability of being about something else from which a question is refused; on tests/eval that
refuses 86 in 100 of them (``make eval``)."""
UNRELATED_AND_YET = 0.75
"""The same, where a service is named or under discussion, or only its price is asked for."""
SURE = 0.95
"""Search probability from which it is not refused."""

_OPEN = frozenset({"overview", "how", "documents", "deadline", "authority"})
"""Aspects that "what do I need to do?" may be taken for."""

_UNRELATED = ("out_of_scope", "not_answerable", "fallback_3")
"""What to say to a question about something else: the second time in other words, then a person."""

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
    confidence: float = 1.0
    """The probability of the intent, 0 to 1."""
    names_service: bool = False
    """Whether a service is named in it."""

    @property
    def bare(self) -> bool:
        """Short, sure of its aspect, and naming no service."""
        few = len(words(self.text)) <= SHORT
        return few and not self.names_service and self.confidence >= CERTAIN_ASPECT


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


def _services_of(offered: tuple[str, ...], catalogue: Catalogue) -> tuple[str, ...]:
    """The services among the choices that were offered last."""
    codes = (code.partition(":") for code in offered)
    return tuple(
        item for kind, _, item in codes if kind == "service" and item in catalogue.services
    )


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
        self,
        catalogue: Callable[[], Catalogue],
        search: Callable[[], KnowledgeSearch],
        scope: Scope,
    ) -> None:
        self._catalogue = catalogue
        self._search = search
        self._scope = scope

    def decide(self, question: Question, context: Context) -> Reply:
        """What to say to a question."""
        catalogue = self._catalogue()
        aspect = ASPECTS.get(question.intent, "overview")
        hits = self._search().find(question.text, context.language)
        current = context.service if context.service in catalogue.services else None
        bare = aspect != "overview" and question.bare
        unrelated = self._unrelated(question, hits, current, bare=bare)
        if current is not None and not unrelated:
            followed = self._follow_up(question, current, context, hits)
            if followed is not None:
                return followed
        if unrelated:
            key = _UNRELATED[min(context.failures, len(_UNRELATED) - 1)]
            return Reply(key, choices=("human",))
        if bare and hits.clear is None:
            choices = _services_of(context.offered, catalogue)
            return offer(choices) if choices else Reply("which_service", choices=("human",))
        one = aspect != "overview" and hits.clear is not None and hits.probability >= NAMED
        if hits.life_event is not None and aspect in _OPEN and not one:
            return life_event(hits.life_event, catalogue)
        if hits.clear is not None:
            # A story that is only perhaps about the price deserves the whole answer.
            sure = question.confidence >= CERTAIN_ASPECT
            return answer(hits.clear, aspect if sure else "overview", catalogue)
        understood = self._scope.knows(question.text)
        if offered := hits.guesses if understood else hits.candidates:
            return offer(offered)
        if aspect != "overview":
            return Reply("which_service", choices=("human",))
        return fallback(context.failures)

    def clear(self, text: str, language: str) -> Reply | None:
        """The overview of the service that a text is clearly about, if there is one."""
        service = self._search().find(text, language).clear
        return answer(service, "overview", self._catalogue()) if service is not None else None

    def status(self, question: Question, context: Context) -> Reply:
        """How far a case is: only the authority can see that, so whose case is it?"""
        if question.confidence < CERTAIN_ASPECT:
            return self.decide(question, context)
        hits = self._search().find(question.text, context.language)
        service = hits.clear if hits.probability >= NAMED else context.service
        return Reply("status" if service else "status_any", service=service, choices=("human",))

    def complain(self, question: Question, context: Context) -> Reply:
        """Disagreement: the service that takes such complaints, or how one complains at all."""
        if question.confidence < CERTAIN_ASPECT:
            return self.decide(question, context)
        hits = self._search().find(question.text, context.language)
        if hits.clear is not None and hits.probability >= NAMED:
            return answer(hits.clear, "overview", self._catalogue())
        key = "complain" if context.service else "complain_any"
        return Reply(key, service=context.service, choices=(f"service:{COMPLAINTS}", "human"))

    def correct(self, question: Question, context: Context) -> Reply:
        """After "no, I meant ...": the best that is not what was answered already."""
        hits = self._search().find(question.text, context.language)
        others = tuple(item for item in hits.candidates if item != context.service)
        if hits.clear is not None and hits.clear != context.service:
            return answer(hits.clear, "overview", self._catalogue())
        return offer(others) if others else Reply("correct_ask", choices=("human",))

    def _unrelated(
        self, question: Question, hits: Hits, current: str | None, *, bare: bool
    ) -> bool:
        """Whether a question is about something else."""
        sure = hits.clear is not None and hits.probability >= SURE
        if sure or (bare and current is not None):
            return False
        named = question.names_service and hits.clear is not None
        # In the middle of a subject even "and for my son?" looks unrelated to everything, and
        # at its beginning "what does it cost?".
        doubtful = named or bare or current is not None
        limit = UNRELATED_AND_YET if doubtful else UNRELATED
        return self._scope.unrelated(question.text, hits.probability) >= limit

    def _follow_up(
        self, question: Question, service: str, context: Context, hits: Hits
    ) -> Reply | None:
        """The answer, if the message goes on about ``service`` or one close to it."""
        catalogue = self._catalogue()
        aspect = ASPECTS.get(question.intent, "overview")
        if hits.clear == service:
            return answer(service, aspect, catalogue)
        bare = aspect != "overview" and question.bare
        said = len(words(question.text))
        switch = SURE_SWITCH if bare else SHORT_SWITCH if said <= SHORT else SWITCH
        if hits.clear is not None and hits.probability >= switch:
            return None
        if bare:
            return answer(service, aspect, catalogue)
        told = question.confidence >= TOLD_ASPECT and hits.clear is None and said <= LONG
        if aspect != "overview" and (told or service in hits.candidates):
            return answer(service, aspect, catalogue)
        if said > SHORT:
            return None
        before = context.aspect if context.aspect in _FOLLOW_UPS else "overview"
        asked = aspect if aspect != "overview" else before
        near = self._close_to(service, question.text, context.language)
        if near is not None:
            return answer(near, asked, catalogue)
        return answer(service, aspect, catalogue) if aspect != "overview" else None

    def _close_to(self, service: str, text: str, language: str) -> str | None:
        """A service related to ``service`` that the text fits better, if one stands out."""
        services = self._catalogue().services
        related = {*services[service].facts.related}
        related |= {item.id for item in services.values() if service in item.facts.related}
        hits = self._search().find(text, language, within=related | {service})
        first = hits.ranked[0].service if hits.ranked else service
        stands_out = hits.signs is not None and hits.signs.margin >= STANDS_OUT
        return first if first != service and stands_out else None
