"""Step: danger comes before everything else."""

from __future__ import annotations

from conversations.models import Reply
from conversations.pipeline.turn import Turn
from knowledge.crisis.detector import CrisisDetector, Danger

CHILD_CONCERN = "bekymring-barn"
"""The service that takes a concern for a child that is not in danger this minute."""


class CheckCrisis:
    """Answers a message about danger with the numbers to call, and with nothing else."""

    def __init__(self, detector: CrisisDetector) -> None:
        self._detector = detector

    async def __call__(self, turn: Turn) -> None:
        if turn.choice is not None:
            return
        danger = self._detector.detect(turn.message.text)
        if danger is None:
            return
        choices = ["human"]
        if danger is Danger.child:
            choices.insert(0, f"service:{CHILD_CONCERN}")
        turn.replies = [Reply(f"crisis_{danger}", choices=tuple(choices))]
        # The kind only: what was said in distress is not copied anywhere else.
        turn.note = ("crisis", {"kind": str(danger)})
        turn.outcome = "crisis"
