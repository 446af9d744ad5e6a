"""Makes different spellings of a word look the same, for search and for matching."""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = str.maketrans(
    {
        "æ": "ae", "ø": "o", "å": "a", "ö": "o", "ä": "ae", "ü": "u", "ß": "ss",
        "ł": "l", "đ": "d", "ı": "i", "þ": "th", "ð": "d",
    }
)  # fmt: skip
_DIGRAPHS = (("oe", "o"), ("aa", "a"))
_WORD = re.compile(r"\w+", re.UNICODE)


def fold(text: str) -> str:
    """Lower case, no diacritics, and ø/oe/o, å/aa/a, æ/ae/ä alike.

    The Danish digraphs are folded in every language: a question and an entry go through the
    same function, so that nothing is lost but a rare distinction.
    """
    lowered = text.casefold().translate(_SPECIAL)
    decomposed = unicodedata.normalize("NFKD", lowered)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    for pair, single in _DIGRAPHS:
        plain = plain.replace(pair, single)
    return plain


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return _WORD.findall(fold(text))
