"""Actions that lead to a person."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import base
from bot.actions.services import human
from conversations.models import Reply


class ActionHuman(Action):
    """A person, at once."""

    def name(self) -> str:
        return "action_human"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        return base.say(dispatcher, human(base.context_of(tracker).service))


class ActionBooking(Action):
    """A time with a caseworker."""

    def name(self) -> str:
        return "action_booking"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        return base.say(dispatcher, Reply("booking", choices=("human",)))
