"""Step: the guide is silent while a person has the conversation."""

from __future__ import annotations

from conversations.pipeline.turn import Turn
from conversations.states import GUIDE_MAY_SPEAK


class CheckOwner:
    async def __call__(self, turn: Turn) -> None:
        if turn.conversation.state not in GUIDE_MAY_SPEAK:
            turn.replies = []
            turn.outcome = "with_staff"
