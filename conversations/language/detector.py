"""Decides on the language of a message, given the language of the conversation so far."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conversations.language.profiles import Profiles, ngrams

SESSION_PRIOR = 0.6
"""How much of the probability the conversation's language holds before a word is read."""
CERTAIN = 0.9
"""Another language must reach this to replace the conversation's."""
_TELLING = 4
"""So many unknown words may speak for another language; fewer may be a name or a slip."""
_DAMPING = 0.35
"""N-grams of one word overlap, so their log-likelihoods count only in part."""


@dataclass(frozen=True)
class Detection:
    """``code`` and its probability among the supported languages (1.0 for a certain rule)."""

    code: str
    probability: float


class LanguageDetector:
    """Deterministic identification among the supported languages.

    ``shared_words`` say nothing of the language (ok, MitID, names of places): a message of only
    such words keeps the conversation's language. ``known_words`` give each language its most
    frequent words, which decide short messages better than n-grams can.
    """

    def __init__(
        self,
        codes: Sequence[str],
        shared_words: Iterable[str] = (),
        known_words: dict[str, frozenset[str]] | None = None,
    ) -> None:
        self.codes = tuple(codes)
        self._profiles = Profiles(codes)
        self._shared = frozenset(word.casefold() for word in shared_words)
        self._known = known_words or {}

    def detect(self, text: str, session: str | None) -> Detection:
        """The language of ``text`` in a conversation that has been in ``session``.

        Without a session language every language starts equal. A text without letters, or with
        shared words only, keeps the session's language (or the first supported one).
        """
        default = session if session in self.codes else self.codes[0]
        telling = [
            word
            for word in text.split()
            if ngrams(word) and word.strip(".,!?:;()\"'").casefold() not in self._shared
        ]
        scores = self._profiles.scores(" ".join(telling)) if telling else None
        if scores is None:
            return Detection(default, 1.0)
        tokens = [word.strip(".,!?:;()\"'").casefold() for word in telling]
        logs = {}
        for code in self.codes:
            prior = 1 / len(self.codes)
            if session in self.codes:
                rest = (1 - SESSION_PRIOR) / max(len(self.codes) - 1, 1)
                prior = SESSION_PRIOR if code == session else rest
            hits = sum(token in self._known.get(code, ()) for token in tokens)
            others = max(
                sum(token in self._known.get(other, ()) for token in tokens) for other in self.codes
            )
            logs[code] = math.log(prior) + _DAMPING * scores[code] + 2.0 * (hits - others)
        top = max(logs.values())
        total = sum(math.exp(value - top) for value in logs.values())
        best = max(self.codes, key=lambda code: logs[code])
        probability = math.exp(logs[best] - top) / total
        if session in self.codes and best != session:
            known = any(token in self._known.get(best, ()) for token in tokens)
            enough = known or not self._known or len(tokens) >= _TELLING
            if probability < CERTAIN or not enough:
                return Detection(default, 1 - probability)
        return Detection(best, probability)
