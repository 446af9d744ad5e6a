"""The held-out dialogues: after each turn, is the right service under discussion?"""

from __future__ import annotations

import pytest

from tests.end_to_end.conftest import Meet
from tests.eval.data import dialogues

_SHARE = 0.80


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_service_under_discussion_is_right_in_four_of_five_turns(
    meet: Meet, language: str
) -> None:
    turns = 0
    misses: list[str] = []
    for dialogue in dialogues(language):
        citizen = meet(language)
        for turn in dialogue:
            answer = citizen.say(turn["say"])
            if "service" not in turn:
                continue
            turns += 1
            services = [message["service"] for message in answer if message["service"]]
            if turn["service"] not in services:
                said = ", ".join(message["reply"] for message in answer)
                offered = [code for message in answer for code in message["candidates"]]
                misses.append(
                    f"{turn['say']!r}: {turn['service']} expected, {said} {services} {offered}"
                )
    right = turns - len(misses)
    print(f"{right} of {turns} turns ({right / turns:.0%})", *misses, sep="\n")
    assert turns > 40
    assert right >= _SHARE * turns
