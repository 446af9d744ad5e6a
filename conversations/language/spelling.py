"""Words of a text as they are compared: lower case, composed, without vowel marks."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+")
_PLAIN = str.maketrans(
    {"æ": "ae", "ø": "o", "å": "a", "ß": "ss", "ł": "l", "ı": "i", "đ": "d", "'": None}
)
_DIGRAPHS = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
)


def tokens(text: str) -> list[str]:
    """The words of a text, in order.

    Arabic vowel marks are dropped, since hardly anybody writes them; an apostrophe divides.
    """
    # Lowered, the Turkish dotted capital would leave a dot of its own behind.
    composed = unicodedata.normalize("NFC", text).replace("İ", "i").lower()
    marked = any("\u064b" <= letter <= "\u0652" for letter in composed)
    if marked:
        composed = "".join(letter for letter in composed if not "\u064b" <= letter <= "\u0652")
    return _WORD.findall(composed)


def typed(word: str) -> tuple[str, ...]:
    """How a word may be typed on a keyboard without its letters: plain, or with digraphs."""
    return _plain(word), _plain(word.translate(_DIGRAPHS))


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.translate(_PLAIN))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
