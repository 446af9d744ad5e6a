"""Actions that lead to a person."""

from __future__ import annotations

from collections.abc import Callable

from bot.actions.answering import answer
from bot.actions.base import Heard, ReplyAction
from bot.actions.services import human
from conversations.models import Reply
from knowledge.catalogue import Catalogue

CITIZEN_SERVICE = "borgerservice"


class ActionHuman(ReplyAction):
    """A person, at once."""

    action = "action_human"

    def reply(self, heard: Heard) -> Reply:
        return human(heard.context.service)


class ActionBooking(ReplyAction):
    """A time with a caseworker."""

    action = "action_booking"

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def reply(self, heard: Heard) -> Reply:
        catalogue = self._catalogue()
        service = heard.context.service
        if service is not None and service in catalogue.services:
            # Only Citizen Service's own calendar is known here; others have their own ways in.
            authority = catalogue.services[service].facts.competent_authority
            if authority != CITIZEN_SERVICE:
                return answer(service, "where", catalogue)
        return Reply("booking", choices=("human",))
