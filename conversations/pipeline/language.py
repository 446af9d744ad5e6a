"""Step: which language to answer in."""

from __future__ import annotations

from conversations.language.detector import LanguageDetector
from conversations.models import Reply
from conversations.pipeline.turn import Turn

NOT_SPOKEN = "language_not_spoken"
"""The reply that names a language that the guide does not speak."""
CHOICE = "language:"
_NAMES = frozenset(
    {"booking_ask_name", "booking_name_bad", "booking_ask_contact", "booking_contact_bad"}
)
"""Replies that are answered with a name or an address, which are of no language."""
_LONGEST_NAME = 4
"""Words."""
LANGUAGE_SWITCHED = "language_switched"
"""The reply after which the language is the citizen's own choice."""


class DetectLanguage:
    """Follows the citizen's language, unless they have chosen one."""

    def __init__(self, detector: LanguageDetector) -> None:
        self._detector = detector

    async def __call__(self, turn: Turn) -> None:
        if turn.choice is not None:
            if turn.choice.startswith(CHOICE):
                code = turn.choice.removeprefix(CHOICE)
                turn.language = code
                turn.replies = [Reply(LANGUAGE_SWITCHED, {"language": code})]
        elif not turn.conversation.language_chosen and not self._is_name(turn):
            found = self._detector.detect(turn.message.text, turn.conversation.language)
            turn.language = found.code
            told = any(message.reply == NOT_SPOKEN for message in turn.history)
            if found.looks_like is not None and not told:
                turn.first.append(Reply(NOT_SPOKEN, {"looks_like": found.looks_like}))

    @staticmethod
    def _is_name(turn: Turn) -> bool:
        """Whether a name was asked for, and so few words came that they may be one."""
        last = turn.last_answer
        asked = last is not None and last.reply in _NAMES
        return asked and len(turn.message.text.split()) <= _LONGEST_NAME
