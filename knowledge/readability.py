"""How hard a text is to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

_SENTENCE_END = re.compile(r"[.!?:؟]+(?:\s|$)")
_FLAGS = re.IGNORECASE
_ENDING = {True: r"\w*", False: r"\b"}
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


def sentences(text: str) -> list[str]:
    """The sentences of a text, without their closing marks."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part.strip()]


def longest_sentence(text: str) -> int:
    """Words in the longest sentence; 0 for an empty text."""
    return max((len(_WORD.findall(part)) for part in sentences(text)), default=0)


class Jargon:
    """Words of offices, with what to write instead (``knowledge/jargon/<lang>.yml``).

    A word or several; ``*`` at the end stands for any ending. Case does not matter.
    """

    def __init__(self, words: Mapping[str, str]) -> None:
        self._plain = [
            (
                re.compile(rf"\b{re.escape(word.rstrip('*'))}{_ENDING[word[-1] == '*']}", _FLAGS),
                plain,
            )
            for word, plain in words.items()
        ]

    def find(self, text: str) -> Iterator[tuple[str, str]]:
        """Each word of the list that stands in the text, with the plain one."""
        for pattern, plain in self._plain:
            if (match := pattern.search(text)) is not None:
                yield match[0], plain


def load_jargon(path: Path) -> Jargon:
    """Raises ``FileNotFoundError`` for a language without a list."""
    return Jargon(yaml.safe_load(path.read_text(encoding="utf-8")))


def lix(text: str) -> float:
    """LIX: words per sentence plus the percentage of words over six letters.

    Under 35 is easy, over 45 hard (C.-H. Björnsson, 1968; scale as in skriveskolen.dk). It is
    unfit for short texts: measure a whole answer. 0 for a text without words.
    """
    words = _WORD.findall(text)
    if not words:
        return 0.0
    long_words = sum(len(word) > 6 for word in words)
    return len(words) / max(len(sentences(text)), 1) + 100 * long_words / len(words)
