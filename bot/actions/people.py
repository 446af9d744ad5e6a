"""Actions that lead to a person."""

from __future__ import annotations

from bot.actions.base import Heard, ReplyAction
from bot.actions.services import human
from conversations.models import Reply


class ActionHuman(ReplyAction):
    """A person, at once."""

    action = "action_human"

    def reply(self, heard: Heard) -> Reply:
        return human(heard.context.service)


class ActionBooking(ReplyAction):
    """A time with a caseworker."""

    action = "action_booking"

    def reply(self, heard: Heard) -> Reply:
        return Reply("booking", choices=("human",))
