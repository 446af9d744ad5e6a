"""Decides on the language of a message, given the language of the conversation so far."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from conversations.language.frequencies import Row, WordFrequencies
from conversations.language.profiles import Profiles
from conversations.language.spelling import tokens

NEIGHBOURS = ("nb", "sv", "ru")
"""Languages that the guide does not speak but is often written to in: they are named, and kept out
of the decision, since they would take messages from Danish and Ukrainian."""
SESSION_PRIOR = 0.6
"""How much of the probability the conversation's language holds before a word is read."""
CERTAIN = 0.95
"""Another language must reach this to replace the conversation's."""
_TELLING = 4
"""So many unknown words may speak for another language; fewer may be a name or a slip."""
_UNKNOWN = 0.3
"""N-grams of one word overlap, so their log-likelihoods count only in part."""
_NEAR = 0.99
"""A neighbour must be so much likelier than every language of the guide to be named."""
_NAMED_FROM = 3
"""Words from which a neighbour is named."""


@dataclass(frozen=True)
class Detection:
    """``code`` and its probability among the supported languages (1.0 for a certain rule)."""

    code: str
    probability: float
    looks_like: str | None = None
    """A language that the guide does not speak, where the message is rather in that."""


class LanguageDetector:
    """Deterministic identification among the supported languages.

    A word that some language's list has counts by its frequency, any other by its letters.
    """

    def __init__(
        self,
        codes: Sequence[str],
        frequencies: WordFrequencies,
        shared_words: Iterable[str] = (),
    ) -> None:
        """``frequencies`` were learned for :func:`recognised` languages. ``shared_words`` say
        nothing of the language (ok, MitID, names of places): a message of only such words keeps
        the conversation's language."""
        self.codes = tuple(codes)
        self._all = recognised(codes)
        self._profiles = Profiles(self._all)
        self._frequencies = frequencies
        self._shared = frozenset(word for text in shared_words for word in tokens(text))

    def detect(self, text: str, session: str | None) -> Detection:
        """The language of ``text`` in a conversation that has been in ``session``.

        Without a session language every language starts equal. A text without letters, or with
        shared words only, keeps the session's language (or the first supported one).
        """
        default = session if session in self.codes else self.codes[0]
        said = [word for word in tokens(text) if word not in self._shared]
        known = [self._frequencies.row(word) for word in said]
        rows = [
            self._unknown(word) if row is None else row
            for word, row in zip(said, known, strict=True)
        ]
        telling = [row for row in rows if row is not None]
        if not telling:
            return Detection(default, 1.0)
        likelihood: Row = np.sum(telling, axis=0)
        mine = likelihood[: len(self.codes)]
        posterior = _softmax(mine + self._prior(session))
        best = int(posterior.argmax())
        code, probability = self.codes[best], float(posterior[best])
        if session in self.codes and code != session:
            own = any(row is not None and self._frequencies.has(row, best) for row in known)
            if probability < CERTAIN or not (own or len(telling) >= _TELLING):
                code, probability = default, 1 - probability
        return Detection(code, probability, self._neighbour(likelihood, len(telling)))

    def _unknown(self, word: str) -> Row | None:
        row = self._profiles.row(word)
        return row * _UNKNOWN if row is not None else None

    def _prior(self, session: str | None) -> Row:
        if session not in self.codes or len(self.codes) == 1:
            return np.zeros(len(self.codes))
        rest = (1 - SESSION_PRIOR) / (len(self.codes) - 1)
        return np.array(
            [math.log(SESSION_PRIOR if code == session else rest) for code in self.codes]
        )

    def _neighbour(self, likelihood: Row, said: int) -> str | None:
        if said < _NAMED_FROM:
            return None
        posterior = _softmax(likelihood)
        best = int(posterior.argmax())
        named = best >= len(self.codes) and posterior[best] >= _NEAR
        return self._all[best] if named else None


def recognised(codes: Sequence[str]) -> tuple[str, ...]:
    """The guide's languages, then the neighbours."""
    return (*codes, *(code for code in NEIGHBOURS if code not in codes))


def _softmax(logs: Row) -> Row:
    shares = np.exp(logs - logs.max())
    return np.asarray(shares / shares.sum())
