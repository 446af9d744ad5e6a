"""The action server's executor, with every action registered by hand."""

from __future__ import annotations

from collections.abc import Callable

from rasa_sdk.executor import ActionExecutor

from bot.actions.answering import Answering
from bot.actions.area import ActionArea, ActionForgetArea
from bot.actions.booking.dialogue import Dialogue
from bot.actions.booking.form import actions as booking_actions
from bot.actions.dialogue import (
    ActionAffirm,
    ActionCorrect,
    ActionDeny,
    ActionRepeat,
    ActionSimpler,
    ActionSwitchLanguage,
)
from bot.actions.people import ActionBooking, ActionHuman
from bot.actions.services import ActionAnswer, ActionChoose, ActionComplain, ActionStatus
from knowledge.catalogue import Catalogue
from knowledge.scope import Scope
from knowledge.search import KnowledgeSearch


def build_executor(
    catalogue: Callable[[], Catalogue],
    search: Callable[[], KnowledgeSearch],
    scope: Scope,
    booking: Dialogue | None = None,
) -> ActionExecutor:
    """An executor for all actions of ``domain.yml``.

    Without ``booking`` there is no calendar, and the guide says where else to book.
    """
    answers = Answering(catalogue, search, scope)
    executor = ActionExecutor()
    for action in (
        ActionAnswer(answers),
        ActionChoose(answers, catalogue),
        ActionStatus(answers),
        ActionComplain(answers),
        ActionHuman(),
        ActionAffirm(catalogue),
        ActionDeny(),
        ActionCorrect(answers),
        ActionRepeat(catalogue),
        ActionSimpler(catalogue),
        ActionSwitchLanguage(catalogue),
        ActionArea(catalogue, answers),
        ActionForgetArea(),
        *booking_actions(booking, ActionBooking(catalogue)),
    ):
        executor.register_action(action)
    return executor
