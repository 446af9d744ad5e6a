"""Rasa's side of the booking dialogue: the form ``booking_form`` and what leads into it.

Rasa's slots say which steps are done, and nothing more: names and numbers stay in the gateway.
"""

from __future__ import annotations

from typing import Any, ClassVar

import structlog
from rasa_sdk.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.actions.base import Heard, utter
from bot.actions.booking.dialogue import Dialogue
from bot.actions.booking.draft import Draft, Step
from bot.actions.people import ActionBooking
from conversations.models import Reply

log = structlog.get_logger(__name__)

FORM = "booking_form"
OPEN = "booking_open"
"""The slot that leads into the form."""
_REQUESTED = "requested_slot"
Events = list[dict[str, Any]]


def slots(draft: Draft | None) -> Events:
    """What Rasa has to know of a draft; without one, that all is over."""
    if draft is None:
        return [
            *(SlotSet(f"booking_{step}", None) for step in Step),
            SlotSet(OPEN, None),
            SlotSet(_REQUESTED, None),
        ]
    return [SlotSet(f"booking_{step}", True if draft.done(step) else None) for step in Step]


class _BookingAction(Action):
    action: ClassVar[str]

    def __init__(self, dialogue: Dialogue | None) -> None:
        self._dialogue = dialogue

    async def _draft(self, tracker: Tracker) -> Draft | None:
        if self._dialogue is None:
            return None
        return await self._dialogue.draft(str(tracker.sender_id))

    def name(self) -> str:
        return self.action


class ActionBook(_BookingAction):
    """The entrance: a booking in our own calendar, or where else to book."""

    action = "action_booking"

    def __init__(self, dialogue: Dialogue | None, elsewhere: ActionBooking) -> None:
        super().__init__(dialogue)
        self._elsewhere = elsewhere

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events:
        heard = Heard.of(tracker)
        outcome = await self._dialogue.begin(heard) if self._dialogue is not None else None
        if outcome is None:
            reply = self._elsewhere.reply(heard)
            utter(dispatcher, [reply])
            return [SlotSet(OPEN, False)]
        utter(dispatcher, outcome.replies)
        if outcome.draft is None:
            return [*slots(None)[:-1], SlotSet(OPEN, False)]
        return [*slots(outcome.draft), SlotSet(OPEN, True)]


class ValidateBookingForm(_BookingAction):
    """The citizen's message, to the form. Without an event Rasa answers it otherwise."""

    action = "validate_booking_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events:
        if self._dialogue is None or _answered_otherwise(tracker):
            return slots(await self._draft(tracker))
        heard = Heard.of(tracker)
        outcome = await self._dialogue.hear(heard)
        if outcome is None:
            return []
        utter(dispatcher, outcome.replies)
        return slots(outcome.draft)


class ActionAskBooking(_BookingAction):
    """The question of one step."""

    def __init__(self, dialogue: Dialogue | None, step: Step) -> None:
        super().__init__(dialogue)
        self._step = step

    def name(self) -> str:
        return f"action_ask_booking_{self._step}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events:
        sender = str(tracker.sender_id)
        reply = await self._dialogue.question(sender) if self._dialogue is not None else None
        utter(dispatcher, [reply or Reply("booking_gone")])
        return []


class ActionBookingOver(Action):
    """The next booking starts afresh."""

    def name(self) -> str:
        return "action_booking_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events:
        return slots(None)[:-1]


class ActionSessionStart(_BookingAction):
    """A dialogue process that has forgotten a conversation takes up the form where it was."""

    action = "action_session_start"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events:
        events: Events = [SessionStarted()]
        try:
            draft = await self._draft(tracker)
        except Exception:
            # Rasa would never listen to this conversation again.
            log.exception("draft_not_read", conversation=tracker.sender_id)
            draft = None
        if draft is not None:
            events += [*slots(draft), SlotSet(OPEN, True), ActiveLoop(FORM)]
            events.append(SlotSet(_REQUESTED, f"booking_{draft.pending}"))
        return [*events, ActionExecuted("action_listen")]


def _answered_otherwise(tracker: Tracker) -> bool:
    """Whether the form has passed the citizen's message on, and now only asks again."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return False
        if event["event"] == "action_execution_rejected" and event.get("name") == FORM:
            return True
    return False


def actions(dialogue: Dialogue | None, elsewhere: ActionBooking) -> list[Action]:
    """All of them, for the executor."""
    return [
        ActionBook(dialogue, elsewhere),
        ValidateBookingForm(dialogue),
        *(ActionAskBooking(dialogue, step) for step in Step),
        ActionBookingOver(),
        ActionSessionStart(dialogue),
    ]
