"""What a text message costs: its alphabet, its segments, and how to keep both small.

A message is sent in the GSM 7-bit alphabet (3GPP TS 23.038) if every character is in it, and as
UTF-16 if one is not. That one character more than halves what a segment holds.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
"""Sent as an escape and a second septet."""
_ALPHABET = _BASIC | _EXTENSION
_ESCAPED = re.compile(f"[{re.escape(''.join(sorted(_EXTENSION)))}]")
_SURROGATES = re.compile("[\U00010000-\U0010ffff]")
"""Characters that UTF-16 writes as a pair."""

_ALPHABET_SUFFICES = frozenset({"da", "de", "en", "fi", "nb", "nn", "no", "sv"})
"""Languages whose own letters are all in the GSM alphabet: another letter is a guest there."""
_WRITTEN_PLAIN = frozenset({"pl", "ro", "tr"})
"""Languages that are read without their marks as well, and mostly texted so: a message with them
holds less than half."""


class Encoding(StrEnum):
    """How a message is sent."""

    gsm7 = "GSM-7"
    ucs2 = "UCS-2"


_SIZES = {Encoding.gsm7: (160, 153), Encoding.ucs2: (70, 67)}
"""Units in a message of one segment, and in each segment of a longer one: its header takes six
octets."""


def encoding(text: str) -> Encoding:
    """How the text would be sent as it stands."""
    return Encoding.gsm7 if _ALPHABET.issuperset(text) else Encoding.ucs2


def units(text: str) -> int:
    """The length in the units of its encoding: septets, or 16-bit units of UTF-16."""
    return _units(text, encoding(text))


def _units(text: str, kind: Encoding) -> int:
    pairs = _ESCAPED if kind is Encoding.gsm7 else _SURROGATES
    return len(text) + len(pairs.findall(text))


def budget(kind: Encoding, max_segments: int) -> int:
    """The most units that ``max_segments`` hold.

    A text with pairs may hold a little less: they do not straddle segments. :func:`segments` knows.
    """
    single, each = _SIZES[kind]
    return single if max_segments == 1 else each * max_segments


def segments(text: str) -> int:
    """How many segments the text is sent and paid as; 0 for no text."""
    kind = encoding(text)
    length = _units(text, kind)
    single, each = _SIZES[kind]
    if length <= single:
        return min(length, 1)
    # Only a text with pairs can leave a unit of a segment unused.
    return -(-length // each) if length == len(text) else len(split(text))


def split(text: str) -> list[str]:
    """The text of each segment, in order. No pair (escape or surrogate) is torn apart."""
    kind = encoding(text)
    single, each = _SIZES[kind]
    if _units(text, kind) <= single:
        return [text] if text else []
    parts, start, used = [], 0, 0
    for place, character in enumerate(text):
        size = _units(character, kind)
        if used + size > each:
            parts.append(text[start:place])
            start, used = place, 0
        used += size
    return [*parts, text[start:]]


# Typographic characters and how they are written on a typewriter. Twilio's "smart encoding" knows
# most of them too; here a space stays one space, and a quotation mark a quotation mark.
_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″‶❝❞〝〞ˮ", '"'),
        **dict.fromkeys("‘’‚‛‹›′‵❛❜ʻʼʽ´`", "'"),
        **dict.fromkeys("\u2010\u2011\u2012–—―−\u2043•·‣▪●", "-"),
        **dict.fromkeys("\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007", " "),
        **dict.fromkeys("\u2008\u2009\u200a\u202f\u205f\u3000", " "),
        **dict.fromkeys("\u2028\u2029\u0085", "\n"),
        # Soft hyphens, joiners, direction marks: without a letter that needs them they are nothing.
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
        **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ""),
        **dict.fromkeys("→➔➜➞", "->"),
        **{chr(0xFF01 + place): chr(0x21 + place) for place in range(94) if place != 0x3F},
        "←": "<-", "↔": "<->", "⇒": "=>", "…": "...", "‼": "!!", "×": "x", "≤": "<=", "≥": ">=",
        "⁄": "/", "∕": "/", "÷": "/", "∗": "*", "¼": "1/4", "½": "1/2", "¾": "3/4", "ﬁ": "fi",
        "ﬂ": "fl",
    }
)  # fmt: skip
_FRACTION = re.compile(r"(?<=\d)(?=[¼½¾])")
_RAISED = re.compile(r"(?<=[^\W\d_])([²³])")
"""Square and cubic metres. After a digit it is a power, and ``102`` would be another number."""

_LETTERS = str.maketrans(
    {
        "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th",
        "ı": "i", "œ": "oe", "Œ": "OE", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ẞ": "ß",
    }
)  # fmt: skip


def fold(text: str, language: str | None = None) -> str:
    """The text without the typographic characters that would force UTF-16.

    All or nothing: a text that needs UTF-16 anyway (Arabic, Ukrainian, an emoji) comes back as it
    is, and so does one that would take more segments. Folding twice changes nothing.

    Letters are another matter. They lose their marks in a ``language`` that has all its own letters
    in the alphabet (Danish, English and their neighbours), where they come in a name or as a
    stress: "fór", "Łódź"; and in Polish, Romanian and Turkish, which people text without marks
    for the same reason. Æ, ø, å, ä, ö, ü, é and whatever else is in the alphabet always stay.
    Without ``language`` no letter is touched.
    """
    if encoding(text) is Encoding.gsm7:
        return text
    folded = _FRACTION.sub(" ", unicodedata.normalize("NFC", text))
    folded = _RAISED.sub(lambda match: "2" if match[1] == "²" else "3", folded)
    folded = folded.translate(_TYPOGRAPHY)
    if language in _ALPHABET_SUFFICES | _WRITTEN_PLAIN:
        folded = folded.translate({ord(c): _unmarked(c) for c in set(folded) - _ALPHABET})
    if encoding(folded) is Encoding.ucs2 or segments(folded) > segments(text):
        return text
    return folded


def _unmarked(letter: str) -> str:
    """``ŏ`` -> ``o``. What is not such a letter comes back, for :func:`fold` to give up on."""
    plain = letter.translate(_LETTERS)
    apart = unicodedata.normalize("NFD", plain)
    return apart[0] if all(map(unicodedata.combining, apart[1:])) else plain
