"""What a message says, in the words of every language we have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from booking.clock import Clock
from bot.actions.base import Heard
from bot.actions.booking import time as timing
from bot.actions.booking.answers import Answers
from bot.actions.booking.dates import DateReader
from bot.actions.booking.draft import Draft, Offer, Step
from bot.actions.booking.wish import Said

QUESTIONS = frozenset(
    {
        "ask_cost", "ask_documents", "ask_deadline", "ask_eligibility", "ask_how", "ask_authority",
        "ask_status", "ask_complain", "ask_online", "ask_time", "ask_where", "human",
        "who_are_you", "privacy", "feedback_positive", "feedback_negative", "thanks", "greet",
        "bye", "switch_language", "simpler", "which_district",
    }
)  # fmt: skip
"""Intents that are no answer to a question of ours, unless the words say otherwise."""
OF_TIME = frozenset({"ask_time", "ask_where", "ask_deadline"})
"""Those that "is there anything on Tuesday?" may be taken for."""
SURE = 0.45
"""Probability from which such an intent is believed."""
_MIXED_IN = 2
"""The first languages, Danish and English, are mixed into all the others."""
_NO_NAME = 0.7
"""The same where a name is awaited: names sound like anything."""


class Ears:
    """The words decide before the classifier does."""

    def __init__(self, languages: tuple[str, ...], clock: Clock) -> None:
        """Raises ``FileNotFoundError`` for a language without a lexicon."""
        self._answers: Mapping[str, Answers] = {code: Answers(code) for code in languages}
        self._dates: Mapping[str, DateReader] = {code: DateReader(code) for code in languages}
        self._languages = languages
        self._clock = clock

    def words(self, heard: Heard) -> Answers:
        """The reader of answers in the citizen's language."""
        return self._answers.get(heard.context.language) or self._answers[self._languages[0]]

    def any(self, heard: Heard, ask: Callable[[Answers], bool]) -> bool:
        """Whether the answer is one in the citizen's language, or in any other of ours."""
        return ask(self.words(heard)) or any(ask(words) for words in self._answers.values())

    def said(self, heard: Heard) -> Said:
        """What is said about time, in the citizen's language or one that is mixed into it.

        Not in any: the Romanian "am 3 copii" is no third of the month in German.
        """
        today = self._clock().astimezone(timing.ZONE).date()
        codes = dict.fromkeys((heard.context.language, *self._languages[:_MIXED_IN]))
        for code in codes:
            if code in self._dates and (said := self._dates[code].read(heard.text, today)):
                return said
        return Said()

    def is_question(self, heard: Heard, step: Step | None = None) -> bool:
        """Whether it is about something else than what is asked at this step."""
        sure = _NO_NAME if step is Step.name and "?" not in heard.text else SURE
        return heard.intent in QUESTIONS and heard.confidence >= sure

    def language(self, heard: Heard) -> str | None:
        """What the caseworker must speak, if the message says so."""
        if self.any(heard, lambda words: words.sign_language(heard.text)):
            return "dsl"
        return heard.entities.get("language")

    @staticmethod
    def ordinal(heard: Heard, draft: Draft) -> Offer | None:
        """The offered time at the place that is named: "the second"."""
        ordinal = heard.entities.get("ordinal")
        if ordinal is None or not draft.offered:
            return None
        if ordinal == "last":
            return draft.offered[-1]
        index = int(ordinal) - 1
        return draft.offered[index] if index < len(draft.offered) else None
