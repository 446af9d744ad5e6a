"""Signs that somebody is writing: passed on at once, stored nowhere, over after some seconds.

A sign is a wake-up on a topic of its own. Whoever shows it takes it away again by themselves, so
one that gets lost costs nothing, and none stays.
"""

from __future__ import annotations

from conversations.events.port import PASSING

BY_CITIZENS = f"{PASSING}citizen"
"""Followed by who wants the signs of all citizens."""
BY_STAFF = f"{PASSING}staff"


def by_citizen(conversation_id: str) -> str:
    """The topic of the citizen's writing."""
    return f"{BY_CITIZENS}:{conversation_id}"


def by_staff(conversation_id: str) -> str:
    """The topic of a member of staff's writing."""
    return f"{BY_STAFF}:{conversation_id}"
