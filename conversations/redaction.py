"""Takes out of a citizen's text what must not be stored."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

MASK = "******-****"

# Ten digits in the CPR pattern DDMMYY-XXXX with the separators that people put in.
# Neighbouring digits or a leading plus make it something else (an account, a phone number).
_CPR = re.compile(
    r"(?<![\d+])(\d{2})[ ./-]?(\d{2})[ ./-]?(\d{2})[ ./\-–—]{0,3}(\d{2})[ ]?(\d{2})(?!\d)"
)
_KEPT_CONTROLS = {"\n", "\t"}


def mask_cpr(text: str) -> tuple[str, bool]:
    """The text with every CPR number masked, and whether there was one.

    A number counts when its first six digits are a date (also the offset of 60 days that
    temporary numbers carry). There is no checksum test: since 2007 valid numbers fail it
    (cpr.dk, "Personnumre uden kontrolciffer").
    """
    found = False

    def mask(match: re.Match[str]) -> str:
        nonlocal found
        day, month = int(match[1]), int(match[2])
        try:
            # 2000 is a leap year, so that 29 February passes whatever the century.
            dt.date(2000, month, day - 60 if day > 60 else day)
        except ValueError:
            return match[0]
        found = True
        return MASK

    return _CPR.sub(mask, text), found


def clean(text: str) -> str:
    """NFC text without control, format or unpaired surrogate characters, stripped.

    Line breaks stay. Joiners stay too: Arabic, Persian and emoji need them.
    """
    kept = []
    for character in unicodedata.normalize("NFC", text.replace("\r\n", "\n")):
        category = unicodedata.category(character)
        if character in _KEPT_CONTROLS or character in "\u200c\u200d" or category[0] != "C":
            kept.append(character)
    return "".join(kept).strip()
