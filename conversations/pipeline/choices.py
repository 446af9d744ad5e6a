"""Step: a typed "2", or a typed title, is the choice that it names."""

from __future__ import annotations

import re

from conversations.pipeline.turn import Turn
from knowledge.folding import fold, words

_BEFORE = "nr|no|nummer|number|numer|numero|numărul|numarul|numara|номер|رقم|الرقم"
_AFTER = "vă rog|va rog|te rog|будь ласка|لو سمحت|من فضلك|if you please"
_NUMBER = re.compile(
    rf"^\W*(?:{_BEFORE})?\W*(\d{{1,2}})(?:\W+(?:{_AFTER}|\w+))?\W*$", re.IGNORECASE
)
"""``2``, ``nr. 2``, ``2 tak``, ``٢``: a number and at most one word more, or a please."""


class ResolveChoice:
    """Matches a typed message with the choices that are open."""

    async def __call__(self, turn: Turn) -> None:
        if turn.choice is not None:
            return
        offered = turn.offered
        text = turn.message.text
        if (match := _NUMBER.match(text)) and 1 <= int(match[1]) <= len(turn.numbered):
            turn.choice = turn.numbered[int(match[1]) - 1]
            return
        said = words(fold(text))
        for message in turn.history:
            for choice in message.choices:
                if choice.choice in offered and words(fold(choice.title)) == said:
                    turn.choice = choice.choice
                    return
