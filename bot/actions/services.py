"""Actions that answer about services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import answering, base
from bot.actions.answering import Answering, Question
from conversations.models import Reply
from knowledge.catalogue import Catalogue


class ActionAnswer(Action):
    """Any question to the knowledge base."""

    def __init__(self, answers: Answering) -> None:
        self._answers = answers

    def name(self) -> str:
        return "action_answer"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        intent, confidence = base.intent_of(tracker)
        question = Question(base.text_of(tracker), intent, confidence)
        return base.say(dispatcher, self._answers.decide(question, base.context_of(tracker)))


class ActionChoose(Action):
    """The citizen picked one of the choices, or named its place in the list."""

    def __init__(self, answers: Answering, catalogue: Callable[[], Catalogue]) -> None:
        self._answers = answers
        self._catalogue = catalogue

    def name(self) -> str:
        return "action_choose"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        context = base.context_of(tracker)
        code = base.entity_of(tracker, "choice")
        if code is None:
            code = pick(base.entity_of(tracker, "ordinal"), context.offered)
        if code is None:
            if context.offered:
                return base.say(dispatcher, Reply("choice_gone"))
            question = Question(base.text_of(tracker), "ask_service", 0.0)
            return base.say(dispatcher, self._answers.decide(question, context))
        return base.say(dispatcher, chosen(code, context.service, self._catalogue()))


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
    if kind == "none":
        return Reply("correct_ask", choices=("human",))
    return Reply("choice_gone")


ASPECTS = frozenset(answering.ASPECTS.values()) | {"overview"}


def human(service: str | None) -> Reply:
    """Where to find a person: the right authority for the service at hand, or the city."""
    return Reply("human" if service is None else "human_service", service=service)


class _AboutService(Action):
    """A question that only the authority itself can answer."""

    reply: str

    def name(self) -> str:
        return f"action_{self.reply}"

    def __init__(self, answers: Answering) -> None:
        self._answers = answers

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        context = base.context_of(tracker)
        service = self._answers.subject(base.text_of(tracker), context)
        key = self.reply if service is not None else f"{self.reply}_any"
        return base.say(dispatcher, Reply(key, service=service, choices=("human",)))


class ActionStatus(_AboutService):
    reply = "status"


class ActionComplain(_AboutService):
    reply = "complain"
