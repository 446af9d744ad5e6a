"""Actions that answer about services."""

from __future__ import annotations

from collections.abc import Callable

from bot.actions import answering
from bot.actions.answering import Answering, Question
from bot.actions.base import Heard, ReplyAction
from conversations.models import Reply
from knowledge.catalogue import Catalogue

_FOUND = frozenset({"service", "life_event"})
_ACTS = {
    "greet": "greet",
    "thanks": "thanks",
    "bye": "bye",
    "who_are_you": "who_are_you",
    "privacy": "privacy",
    "feedback_positive": "feedback_thanks",
    "feedback_negative": "feedback_sorry",
    "booking": "booking",
}
"""The reply to a dialogue act, as the rules give it to a short message."""
ASPECTS = frozenset(answering.ASPECTS.values()) | {"overview", "simple"}


def question_of(heard: Heard) -> Question:
    """The message as a question to the knowledge base."""
    return Question(
        heard.text,
        heard.asked,
        confidence=heard.confidence,
        names_service="service" in heard.entities,
    )


class ActionAnswer(ReplyAction):
    """Any question to the knowledge base."""

    action = "action_answer"

    def __init__(self, answers: Answering) -> None:
        self._answers = answers

    def reply(self, heard: Heard) -> Reply:
        reply = self._answers.decide(question_of(heard), heard.context)
        if reply.key in _FOUND:
            return reply
        # A long message that sounded like a dialogue act and is about no service is the act.
        return (
            long_act(heard.intent, heard.context.service, heard.entities.get("language")) or reply
        )


def long_act(intent: str, service: str | None, language: str | None = None) -> Reply | None:
    """What to say to a dialogue act told at length; None for an intent that is no such act.

    ``language`` is the one that is named in it.
    """
    if intent == "human":
        return human(service)
    if intent == "switch_language" and language is not None:
        return Reply("language_switched", {"language": language})
    if intent in {"nearest", "which_district"}:
        return Reply("ask_area")
    key = _ACTS.get(intent)
    return Reply(key, choices=("human",)) if key is not None else None


class ActionChoose(ReplyAction):
    """The citizen picked one of the choices, or named its place in the list."""

    action = "action_choose"

    def __init__(self, answers: Answering, catalogue: Callable[[], Catalogue]) -> None:
        self._answers = answers
        self._catalogue = catalogue

    def reply(self, heard: Heard) -> Reply:
        context = heard.context
        code = heard.entities.get("choice") or pick(heard.entities.get("ordinal"), context.offered)
        if code is not None:
            return chosen(code, context.service, self._catalogue())
        if context.offered:
            return Reply("choice_gone", choices=context.offered)
        return self._answers.decide(Question(heard.text, "ask_service"), context)


def pick(ordinal: str | None, offered: tuple[str, ...]) -> str | None:
    """The code at a position ("1", "2", ... or "last") of what was offered."""
    services = [code for code in offered if code != "human"] or list(offered)
    if ordinal is None or not services:
        return None
    if ordinal == "last":
        return services[-1]
    index = int(ordinal) - 1
    return services[index] if index < len(services) else None


def chosen(code: str, service: str | None, catalogue: Catalogue) -> Reply:
    """What a choice leads to; ``choice_gone`` for one that is not there any more."""
    kind, _, rest = code.partition(":")
    if kind == "service" and rest in catalogue.services:
        return answering.answer(rest, "overview", catalogue)
    if kind == "ask":
        about, _, aspect = rest.partition(":")
        if about in catalogue.services and aspect in ASPECTS:
            return answering.answer(about, aspect, catalogue)
    if kind == "life_event" and rest in catalogue.life_events:
        return answering.life_event(rest, catalogue)
    if kind == "human":
        return human(service)
    if kind == "language" and rest in catalogue.language_codes:
        return Reply("language_switched", {"language": rest})
    return Reply("choice_gone")


def human(service: str | None) -> Reply:
    """Where to find a person: the right authority for the service at hand, or the city."""
    return Reply("human" if service is None else "human_service", service=service)


class ActionStatus(ReplyAction):
    """How far a case is: only the authority itself can see that."""

    action = "action_status"

    def __init__(self, answers: Answering) -> None:
        self._answers = answers

    def reply(self, heard: Heard) -> Reply:
        return self._answers.status(question_of(heard), heard.context)


class ActionComplain(ReplyAction):
    """Disagreement with a decision."""

    action = "action_complain"

    def __init__(self, answers: Answering) -> None:
        self._answers = answers

    def reply(self, heard: Heard) -> Reply:
        return self._answers.complain(question_of(heard), heard.context)
