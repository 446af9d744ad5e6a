"""The editors' small notation for phrases, compiled to regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.folding import words

_ANY = ".."
_GAP = r"(?:\w+ ){0,3}"


def _word(token: str) -> str:
    prefix = token.endswith("*")
    parts = [re.escape(part) for part in words(token.replace("_", " "))]
    return " ".join(parts) + (r"\w*" if prefix else "")


def _token(token: str) -> str:
    if token == _ANY:
        return _GAP
    optional = token.endswith("?")
    alternatives = sorted({_word(part) for part in token.rstrip("?").split("|")}, key=len)
    group = "(?:" + "|".join(reversed(alternatives)) + ") "
    return f"(?:{group})?" if optional else group


def compile_phrases(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """One expression for all phrases, to be searched in :func:`spaced` text; None for none."""
    expressions = ["".join(_token(token) for token in phrase.split()) for phrase in phrases]
    if not expressions:
        return None
    return re.compile("(?<= )(?:" + "|".join(expressions) + ")")


def spaced(text: str) -> str:
    """The folded words of a text, each followed by one space, and one space before the first."""
    return " " + " ".join(words(text)) + " "
