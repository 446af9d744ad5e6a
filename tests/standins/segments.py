"""How many parts a text message is sent in."""

from __future__ import annotations

import math

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_ESCAPED = frozenset("^{}\\[~]|€\f")  # two septets each


def segments(text: str) -> int:
    """Parts of ``text`` by GSM 03.38: 160 septets, or 70 UTF-16 units; 153 and 67 when joined."""
    if all(letter in _GSM or letter in _GSM_ESCAPED for letter in text):
        size, one, joined = sum(1 + (letter in _GSM_ESCAPED) for letter in text), 160, 153
    else:
        size, one, joined = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if size <= one else math.ceil(size / joined)
