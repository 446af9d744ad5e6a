"""Passwords: which are good enough, and how they are kept."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from desk.errors import Refused

MIN_LENGTH = 12
MAX_LENGTH = 256
_MIN_LEFT = 6
"""Letters and digits that must be left when names and common words are taken out."""
_MIN_WORD = 3
_COMMON = Path(__file__).parent / "common_passwords.txt"
_AT_ONCE = 2
"""Each hash takes 64 MiB for a while."""


@cache
def _common() -> tuple[str, ...]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def _normal(password: str) -> str:
    # The same keys give other bytes on other keyboards and systems.
    return unicodedata.normalize("NFKC", password)


def _left(folded: str, words: tuple[str, ...]) -> int:
    """How many letters and digits are left without the words, longest first."""
    for word in sorted(words, key=len, reverse=True):
        folded = folded.replace(word, "")
    return sum(character.isalnum() for character in folded)


def check(password: str, name: str, email: str) -> None:
    """Raises :class:`Refused` for a password that is too easy to guess, and says why.

    No rules about kinds of characters: length is what counts.
    """
    normal = _normal(password)
    if len(normal) < MIN_LENGTH:
        raise Refused("password_short", min=MIN_LENGTH)
    if len(normal) > MAX_LENGTH:
        raise Refused("password_long", max=MAX_LENGTH)
    folded = normal.casefold()
    words = re.split(r"[\W_\d]+", f"{name} {email}".casefold())
    own = tuple(word for word in words if len(word) >= _MIN_WORD)
    if _left(folded, own) < _MIN_LEFT:
        raise Refused("password_name")
    if _left(folded, own + _common()) < _MIN_LEFT or len(set(folded)) < _MIN_LEFT - 1:
        raise Refused("password_common")


class Passwords:
    """Hashes and verifies with argon2id, beside the event loop and few at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """What to store."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Is it this one? ``None`` takes as long as a real hash, and is never right."""
        async with self._slots:
            right = await asyncio.to_thread(self._verify, stored or self._nobody, password)
        return right and stored is not None

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _normal(password))
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, stored: str) -> bool:
        """Was it hashed with weaker parameters than today's?"""
        return self._hasher.check_needs_rehash(stored)
