"""Which kind of danger a message tells of, if any."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from knowledge.crisis.patterns import compile_phrases, spaced
from knowledge.schema import Identifier, PartialDate, Phone, State, Strict, Text


class Danger(StrEnum):
    """Kinds of danger, the most urgent first."""

    danger = "danger"
    self_harm = "self_harm"
    violence = "violence"
    child = "child"


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


class CrisisDetector:
    """Searches a message for the phrases of every language.

    Every language, whatever the conversation's: people in danger fall back into their own.
    """

    def __init__(self, phrases: Mapping[str, CrisisPhrases]) -> None:
        self._languages = {
            code: _Compiled(
                compile_phrases(item.harmless),
                {danger: compile_phrases(getattr(item, danger.value)) for danger in Danger},
            )
            for code, item in phrases.items()
        }

    def detect(self, text: str) -> Danger | None:
        """The most urgent danger told of in ``text``, or None."""
        whole = spaced(text)
        for compiled in self._languages.values():
            # A mark in place of the harmless words: what stood around them must not join up.
            rest = compiled.harmless.sub("| ", whole) if compiled.harmless else whole
            for danger, pattern in compiled.dangers.items():
                if pattern is not None and pattern.search(rest):
                    return danger
        return None


def load_detector(folder: Path) -> CrisisDetector:
    """The detector for every ``<lang>.yml`` in ``folder``."""
    phrases = {}
    for path in sorted(folder.glob("??.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        phrases[path.stem] = CrisisPhrases.model_validate(content)
    return CrisisDetector(phrases)


def load_contacts(folder: Path) -> dict[str, str]:
    """Verified phone numbers by id."""
    content = yaml.safe_load((folder / "contacts.yml").read_text(encoding="utf-8"))
    contacts = TypeAdapter(list[CrisisContact]).validate_python(content)
    return {item.id: item.phone for item in contacts if item.state is State.verified}
