"""Which kind of danger a message tells of, if any."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from knowledge.catalogue import Catalogue
from knowledge.crisis.classifier import CrisisClassifier, everyday, learn, load_examples
from knowledge.crisis.files import read
from knowledge.crisis.kinds import Alarm, Danger
from knowledge.crisis.patterns import compile_phrases, spaced
from knowledge.fitted import Recall, fit_anew
from knowledge.folding import words
from knowledge.schema import Identifier, PartialDate, Phone, State, Strict, Text


class CrisisPhrases(Strict):
    """``knowledge/crisis/<lang>.yml``; the notation is explained there."""

    harmless: tuple[Text, ...]
    danger: tuple[Text, ...]
    violence: tuple[Text, ...]
    self_harm: tuple[Text, ...]
    child: tuple[Text, ...]


class CrisisContact(Strict):
    """A number to call, from ``knowledge/crisis/contacts.yml``."""

    id: Identifier
    phone: Phone
    state: State
    source: str
    last_verified: PartialDate | None


@dataclass(frozen=True)
class _Compiled:
    harmless: re.Pattern[str] | None
    dangers: Mapping[Danger, re.Pattern[str] | None]


CERTAIN = 0.55
"""Probability of danger from which the alarm is certain."""
CERTAIN_WITH_PHRASE = 0.2
"""The same, where one of the editors' phrases stands in the message too."""
POSSIBLE = 0.15
"""Probability from which the numbers to call are put in front of the answer."""


FEW, CERTAIN_OF_FEW = 4, 0.4
"""So few words say too little for the classifier alone: no alarm below this probability."""


SMALL = 2
"""Letters of a word that alone says nothing."""


class CrisisDetector:
    """Judges a message by the editors' phrases and by the classifier together.

    In every language, whatever the conversation's: people in danger fall back into their own.
    The limits are set by ``make eval`` on messages that neither was made from.
    """

    def __init__(self, phrases: Mapping[str, CrisisPhrases], classifier: CrisisClassifier) -> None:
        self.classifier = classifier
        self._languages = {
            code: _Compiled(
                compile_phrases(item.harmless),
                {danger: compile_phrases(getattr(item, danger.value)) for danger in Danger},
            )
            for code, item in phrases.items()
        }

    def phrase(self, text: str) -> Danger | None:
        """The most urgent kind of danger whose phrase stands in ``text``."""
        whole = spaced(text)
        told = set()
        for compiled in self._languages.values():
            # A mark in place of the harmless words: what stood around them must not join up.
            rest = compiled.harmless.sub("| ", whole) if compiled.harmless else whole
            for danger, pattern in compiled.dangers.items():
                if pattern is not None and pattern.search(rest):
                    told.add(danger)
        return next((danger for danger in Danger if danger in told), None)

    def detect(self, text: str) -> Alarm | None:
        """Whether ``text`` may tell of danger, and how certainly."""
        named = self.phrase(text)
        probability, likeliest = self.classifier.judge(text)
        limit = CERTAIN if named is None else CERTAIN_WITH_PHRASE
        said = words(text)
        few = len(said) < FEW
        if named is None and all(len(word) <= SMALL for word in said):
            # "en", "i", "af": too little to be anybody's call for help.
            return None
        if named is None and probability < (CERTAIN_OF_FEW if few else POSSIBLE):
            return None
        return Alarm(named or likeliest, certain=probability >= limit)


def load_detector(
    folder: Path,
    catalogue: Catalogue,
    everyday_talk: Sequence[str] = (),
    recall: Recall = fit_anew,
) -> CrisisDetector:
    """The detector for the ``<lang>.yml`` and ``examples/<lang>.yml`` in ``folder``.

    ``everyday_talk`` are more harmless messages: what the dialogue was taught to understand.
    ``recall`` may know from an earlier start what the classifier learned.
    """
    phrases = {}
    for path in sorted(folder.glob("??.yml")):
        phrases[path.stem] = CrisisPhrases.model_validate(read(path))
    examples = load_examples(folder / "examples")
    harmless = [*everyday(catalogue), *everyday_talk]
    inputs = [[item.model_dump() for item in examples], harmless]
    learned = recall("crisis", inputs, lambda: learn(examples, harmless))
    return CrisisDetector(phrases, CrisisClassifier(learned))


def load_contacts(folder: Path) -> dict[str, str]:
    """Verified phone numbers by id."""
    contacts = TypeAdapter(list[CrisisContact]).validate_python(read(folder / "contacts.yml"))
    return {item.id: item.phone for item in contacts if item.state is State.verified}
