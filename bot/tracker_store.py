"""Keeps Rasa's memory of a conversation short, bounded and in memory only.

The gateway's database is the record of a conversation; Rasa needs the last few turns. A tracker
that grows makes every turn slower, and a copy of citizens' words on disk would have to be erased.

``redis_stores.py`` keeps the same memory where several Rasa processes share it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any, Dict, List, Optional, Text

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker


def shorten(tracker: DialogueStateTracker, max_turns: int) -> List[Event]:
    """The tracker's events from its last ``max_turns`` user messages on.

    What the dropped ones had decided, slots and the active form, is set again at the front.
    """
    events = list(tracker.events)
    said = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(said) <= max_turns:
        return events
    dropped, kept = events[: said[-max_turns]], events[said[-max_turns] :]
    before = DialogueStateTracker.from_events(
        tracker.sender_id, dropped, slots=list(tracker.slots.values())
    )
    front: List[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    front += [
        SlotSet(slot.name, slot.value)
        for slot in before.slots.values()
        if slot.has_been_set and slot.value != slot.initial_value
    ]
    if before.active_loop_name:
        front.append(ActiveLoop(before.active_loop_name))
    front.append(ActionExecuted(ACTION_LISTEN_NAME))
    return front + kept


def shortened(tracker: DialogueStateTracker, max_turns: int) -> DialogueStateTracker:
    """A tracker of its own with the events that ``shorten`` leaves."""
    return DialogueStateTracker.from_events(
        tracker.sender_id, shorten(tracker, max_turns), slots=list(tracker.slots.values())
    )


class ShortTrackerStore(InMemoryTrackerStore):
    """The last ``max_turns`` turns of at most ``max_conversations`` conversations.

    A conversation is forgotten ``expire_after`` seconds after its last turn.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: Optional[EventBroker] = None,
        max_turns: int = 20,
        expire_after: float = 3600,
        max_conversations: int = 20_000,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self.store: Dict[Text, Text] = OrderedDict()
        self._saved: Dict[Text, float] = OrderedDict()
        self._max_turns = int(max_turns)
        self._expire_after = float(expire_after)
        self._max_conversations = int(max_conversations)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the shortened tracker, and forget what is too old or too much."""
        await super().save(shortened(tracker, self._max_turns))
        self._saved.pop(tracker.sender_id, None)
        self._saved[tracker.sender_id] = time.monotonic()
        self._forget()

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """The tracker, unless it is too old."""
        self._forget()
        return await super().retrieve(sender_id)

    def _forget(self) -> None:
        oldest_allowed = time.monotonic() - self._expire_after
        while self._saved:
            sender_id, saved = next(iter(self._saved.items()))
            if saved >= oldest_allowed and len(self._saved) <= self._max_conversations:
                break
            del self._saved[sender_id]
            self.store.pop(sender_id, None)
