"""References: what a citizen writes down, or reads out on the phone."""

from __future__ import annotations

import secrets

_LETTERS = "CDFGHJKMNPRTVWXY34679"
"""Nothing that looks or sounds like another; no vowels, so no words come out."""
_LENGTH = 7


def _check(body: str) -> str:
    # Weights that have no factor in common with the number of letters (3 * 7) find every single
    # wrong letter; that neighbours differ finds most swaps.
    weights = (1, 2, 4, 5, 8, 10, 11)
    total = sum(
        weight * _LETTERS.index(letter) for weight, letter in zip(weights, body, strict=True)
    )
    return _LETTERS[total % len(_LETTERS)]


def new_reference() -> str:
    """A random reference: seven letters and a check letter, ``K7MP-4RXD`` say."""
    body = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    whole = body + _check(body)
    return f"{whole[:4]}-{whole[4:]}"


def read_reference(text: str) -> str | None:
    """A reference as somebody typed it, in its stored form; None if it cannot be one."""
    letters = "".join(character for character in text.upper() if character.isalnum())
    if len(letters) != _LENGTH + 1 or any(letter not in _LETTERS for letter in letters):
        return None
    if _check(letters[:_LENGTH]) != letters[_LENGTH]:
        return None
    return f"{letters[:4]}-{letters[4:]}"
