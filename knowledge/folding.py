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
_DIGRAPHS = ((re.compile("oe+"), "o"), (re.compile("a{2,}"), "a"))
_WORD = re.compile(r"\w+", re.UNICODE)


def _plain(text: str) -> str:
    return text.casefold().translate(_SPECIAL)


def fold(text: str) -> str:
    """Lower case, no diacritics, and ø/oe/o, å/aa/a, æ/ae/ä alike. Folding twice changes nothing.

    The Danish digraphs are folded in every language: a question and an entry go through the
    same function, so that nothing is lost but a rare distinction.
    """
    # Composed first, so that "a" with a separate diaeresis is the letter ä; then apart, so that
    # what carries any other mark loses it; and plain again, for what the marks were hiding.
    decomposed = unicodedata.normalize("NFKD", _plain(unicodedata.normalize("NFKC", text)))
    folded = _plain("".join(c for c in decomposed if not unicodedata.combining(c)))
    for pair, single in _DIGRAPHS:
        folded = pair.sub(single, folded)
    return folded


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return _WORD.findall(fold(text))
