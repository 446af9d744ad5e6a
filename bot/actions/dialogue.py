"""Actions about the conversation itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import answering, base
from bot.actions.answering import Answering, Question
from bot.actions.services import ASPECTS, chosen, human
from conversations.models import Reply
from knowledge.catalogue import Catalogue

Events = list[dict[str, Any]]


class ActionAffirm(Action):
    """Yes, to whatever was asked."""

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def name(self) -> str:
        return "action_affirm"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        context = base.context_of(tracker)
        services = [code for code in context.offered if code.startswith("service:")]
        if len(services) == 1:
            reply = chosen(services[0], context.service, self._catalogue())
        elif services:
            reply = Reply("candidates", choices=(*services, "human"))
        elif (context.last_reply or "").startswith("fallback") or context.offered == ("human",):
            reply = human(context.service)
        else:
            reply = Reply("affirm_open")
        return base.say(dispatcher, reply)


class ActionDeny(Action):
    """No, to whatever was asked."""

    def name(self) -> str:
        return "action_deny"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        guessed = base.context_of(tracker).last_reply == "candidates"
        key = "correct_ask" if guessed else "deny_open"
        return base.say(dispatcher, Reply(key, choices=("human",)))


class ActionCorrect(Action):
    """ "No, I meant ...": look the rest up, but not what was answered already."""

    def __init__(self, answers: Answering) -> None:
        self._answers = answers

    def name(self) -> str:
        return "action_correct"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        context = base.context_of(tracker)
        question = Question(base.text_of(tracker), "ask_service", 0.0)
        reply = self._answers.correct(question, context)
        return base.say(dispatcher, reply)


class ActionRepeat(Action):
    """The last answer once more."""

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def name(self) -> str:
        return "action_repeat"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        context = base.context_of(tracker)
        services = tuple(
            code.removeprefix("service:") for code in context.offered if code.startswith("service:")
        )
        if services:
            reply = answering.offer(services)
        elif context.service is not None:
            aspect = context.aspect if context.aspect in ASPECTS else "overview"
            reply = answering.answer(context.service, aspect, self._catalogue())
        else:
            reply = Reply("repeat_nothing")
        return base.say(dispatcher, reply)


class ActionSimpler(Action):
    """The same in fewer words."""

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def name(self) -> str:
        return "action_simpler"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        service = base.context_of(tracker).service
        if service is None:
            return base.say(dispatcher, Reply("which_service", choices=("human",)))
        return base.say(dispatcher, answering.answer(service, "simple", self._catalogue()))


class ActionSwitchLanguage(Action):
    """Another language: the one named, or the choice of all."""

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def name(self) -> str:
        return "action_switch_language"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        language = base.entity_of(tracker, "language")
        if language is not None:
            return base.say(dispatcher, Reply("language_switched", {"language": language}))
        codes = tuple(f"language:{code}" for code in self._catalogue().language_codes)
        return base.say(dispatcher, Reply("language_ask", choices=codes))
