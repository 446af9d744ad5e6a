"""Step: danger comes before everything else."""

from __future__ import annotations

from conversations.models import Reply
from conversations.pipeline.turn import Turn
from knowledge.crisis.detector import CrisisDetector
from knowledge.crisis.kinds import Danger

CHILD_CONCERN = "bekymring-barn"
"""The service that takes a concern for a child that is not in danger this minute."""


class CheckCrisis:
    """Answers a message about danger with the numbers to call, and with nothing else.

    Where it is not certain, the numbers go in front of whatever the others will say.
    """

    def __init__(self, detector: CrisisDetector) -> None:
        self._detector = detector

    async def __call__(self, turn: Turn) -> None:
        if turn.choice is not None:
            return
        alarm = self._detector.detect(turn.message.text)
        if alarm is None:
            return
        choices = ["human"]
        if alarm.kind is Danger.child:
            choices.insert(0, f"service:{CHILD_CONCERN}")
        # The kind only: what was said in distress is not copied anywhere else.
        turn.note = ("crisis", {"kind": str(alarm.kind), "certain": alarm.certain})
        if alarm.certain:
            turn.replies = [Reply(f"crisis_{alarm.kind}", choices=tuple(choices))]
            turn.outcome = "crisis"
        else:
            turn.first.append(Reply(f"check_{alarm.kind}"))
