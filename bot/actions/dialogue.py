"""Actions about the conversation itself."""

from __future__ import annotations

from collections.abc import Callable

from bot.actions import answering
from bot.actions.answering import Answering, Question
from bot.actions.base import Heard, ReplyAction
from bot.actions.services import ASPECTS, chosen, human
from conversations.models import Reply
from knowledge.catalogue import Catalogue


class ActionAffirm(ReplyAction):
    """Yes, to whatever was asked."""

    action = "action_affirm"

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def reply(self, heard: Heard) -> Reply:
        context = heard.context
        services = [code for code in context.offered if code.startswith("service:")]
        if len(services) == 1:
            return chosen(services[0], context.service, self._catalogue())
        if services:
            return answering.offer(tuple(code.removeprefix("service:") for code in services))
        if (context.last_reply or "").startswith("fallback") or context.offered == ("human",):
            return human(context.service)
        return Reply("affirm_open")


class ActionDeny(ReplyAction):
    """No, to whatever was asked."""

    action = "action_deny"

    def reply(self, heard: Heard) -> Reply:
        guessed = heard.context.last_reply == "candidates"
        return Reply("correct_ask" if guessed else "deny_open", choices=("human",))


class ActionCorrect(ReplyAction):
    """ "No, I meant ...": look the rest up, but not what was answered already."""

    action = "action_correct"

    def __init__(self, answers: Answering) -> None:
        self._answers = answers

    def reply(self, heard: Heard) -> Reply:
        return self._answers.correct(Question(heard.text, "ask_service"), heard.context)


class ActionRepeat(ReplyAction):
    """The last answer once more."""

    action = "action_repeat"

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def reply(self, heard: Heard) -> Reply:
        context = heard.context
        codes = [code for code in context.offered if code.startswith("service:")]
        if codes:
            return answering.offer(tuple(code.removeprefix("service:") for code in codes))
        if context.service is None:
            return Reply("repeat_nothing")
        aspect = context.aspect if context.aspect in ASPECTS else "overview"
        return answering.answer(context.service, aspect, self._catalogue())


class ActionSimpler(ReplyAction):
    """The same in fewer words."""

    action = "action_simpler"

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def reply(self, heard: Heard) -> Reply:
        service = heard.context.service
        if service is None:
            return Reply("which_service", choices=("human",))
        return answering.answer(service, "simple", self._catalogue())


class ActionSwitchLanguage(ReplyAction):
    """Another language: the one named, or the choice of all."""

    action = "action_switch_language"

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def reply(self, heard: Heard) -> Reply:
        language = heard.entities.get("language")
        if language is not None:
            return Reply("language_switched", {"language": language})
        codes = tuple(f"language:{code}" for code in self._catalogue().language_codes)
        return Reply("language_ask", choices=codes)
