"""Takes out of a citizen's text what must not be stored."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

MASK = "******-****"

# Ten digits in the CPR pattern DDMMYY-XXXX with the separators that people put in: the day
# (plus 60 for temporary numbers) and the month must be possible, so that a postal code before the
# number does not use its digits up. Neighbouring digits or a leading plus make it something else
# (an account, a phone number), and so do a year and a time after a date.
_SPACE = r" \u00a0\u202f"
_HYPHEN = r"\-\u2010\u2011\u2012\u2013\u2014\u2212"
_DAY = r"(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_BETWEEN = rf"[{_SPACE}./{_HYPHEN}]?"
_CPR = re.compile(
    rf"(?<![\d+])(?<!\b[A-Z]{{2}})(?!\d\d[./{_HYPHEN}]\d\d[./{_HYPHEN}](?:19|20)\d\d[{_SPACE}]\d\d(?!\d))"
    rf"({_DAY}){_BETWEEN}({_MONTH}){_BETWEEN}\d\d[{_SPACE}./{_HYPHEN}]{{0,3}}\d\d[{_SPACE}]?\d\d(?!\d)"
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
    for character in text.replace("\r\n", "\n"):
        category = unicodedata.category(character)
        if character in _KEPT_CONTROLS or character in "\u200c\u200d" or category[0] != "C":
            kept.append(character)
    # Last: what stood between two letters that belong together is gone by now.
    return unicodedata.normalize("NFC", "".join(kept)).strip()
