"""What citizens answer to the questions of a booking: yes, by phone, my name is, for two children.

The words of each language are data (``bot/lexicon/booking/answers/``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers
import yaml

from bot.actions.booking.lexicon import LEXICON
from knowledge.folding import words
from knowledge.schema import Strict

_EMAIL = re.compile(r"[^@\s<>\"',;]{1,60}@[^@\s<>\"',;]+\.[^@\s<>\"'.,;]{2,}")
_PHONE = re.compile(r"\+?\d[\d \-().]{6,20}\d")
_NAME = re.compile(r"[^\W\d_][\w'’.\- ]*[^\W\d_.]\.?")
_MAX_NAME = 60
_MAX_NAME_WORDS = 6
_MAX_PIECES = 4
_REGION = "DK"
EMAIL, SMS = "email", "sms"


class _Words(Strict):
    """``bot/lexicon/booking/answers/<lang>.yml``."""

    kinds: dict[str, tuple[str, ...]]
    anywhere: tuple[str, ...]
    sign_language: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    stop: tuple[str, ...]
    here: tuple[str, ...]
    introductions: tuple[str, ...]
    people: tuple[str, ...]
    me_and: tuple[str, ...]
    both: tuple[str, ...]
    and_: tuple[str, ...]
    numbers: dict[str, int]
    and_glued: tuple[str, ...] = ()
    """An "and" that is written as one with the next word."""
    beside_yes: tuple[str, ...] = ()
    """What adds nothing to a yes: "yes, that is all of it, thanks"."""
    party: tuple[str, ...] = ()
    """What stands before a number that counts people: "a party of"."""


class Answers:
    """Reads one language."""

    def __init__(self, language: str) -> None:
        """Raises ``FileNotFoundError`` for a language without a lexicon."""
        path = LEXICON / "answers" / f"{language}.yml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content["and_"] = content.pop("and")
        self._words = _Words.model_validate(content)
        self._agreeing = frozenset(
            word for item in (*self._words.yes, *self._words.beside_yes) for word in words(item)
        )

    def yes(self, text: str) -> bool:
        """Whether the message is a yes and nothing else: "but" or "Friday" make it more."""
        said = words(text)
        plain = "?" not in text and self._agreeing.issuperset(said)
        return plain and _names(text, self._words.yes)

    def no(self, text: str) -> bool:
        """Whether the message is a no, or begins with one."""
        said = words(text)
        return any(said[: len(listed)] == listed for listed in map(words, self._words.no))

    def stop(self, text: str) -> bool:
        """Whether the message calls the booking off."""
        return _is(text, self._words.stop)

    def here(self, text: str) -> bool:
        """Whether to be reached where the message comes from."""
        return _is(text, self._words.here)

    def anywhere(self, text: str) -> bool:
        """Whether the place does not matter."""
        return _names(text, self._words.anywhere)

    def sign_language(self, text: str) -> bool:
        return _names(text, self._words.sign_language)

    def kind(self, text: str) -> str | None:
        """How to meet, if it is said."""
        return next((kind for kind, said in self._words.kinds.items() if _names(text, said)), None)

    def adds(self, text: str) -> bool:
        """Whether the message goes on with "and ..."."""
        return words(text)[:1] in [words(item) for item in self._words.and_]

    def pieces(self, text: str) -> list[str]:
        """The parts of a list: "a passport and a health card"."""
        for glued in self._words.and_glued:
            text = re.sub(rf"(?<!\w){re.escape(glued)}(?=\w{{3,}})", ", ", text)
        between = "|".join(rf"\b{re.escape(item)}\b" for item in self._words.and_ if item[0] != "&")
        parts = re.split(rf"{between}|[,;&+]", text, flags=re.IGNORECASE)
        return [part.strip() for part in parts if part.strip()][:_MAX_PIECES]

    def persons(self, text: str) -> int | None:
        """For how many it is, if that is said."""
        said = words(text)
        if any(_within(said, words(item)) for item in self._words.both):
            return 2
        numbers = {words(word)[0]: count for word, count in self._words.numbers.items()}
        people = {words(word)[-1] for word in self._words.people}
        groups = [words(item) for item in self._words.party]
        count = None
        for place, word in enumerate(said):
            value = int(word) if word.isdecimal() and len(word) <= 3 else numbers.get(word)
            if value is not None and said[place + 1 : place + 2] and said[place + 1] in numbers:
                # "my two children" are two.
                continue
            # "two small children", "party of 40": a word may stand in between, or before.
            if value is not None and people & set(said[place + 1 : place + 3]):
                count = (count or 0) + value
            elif value is not None and any(
                said[max(0, place - len(group)) : place] == group for group in groups
            ):
                count = value
        if count is None:
            return None
        also = any(_within(said, words(item)) for item in self._words.me_and)
        return count + 1 if also else count

    def name(self, text: str) -> str | None:
        """The name in the message, if it can be one."""
        rest = " ".join(text.split()).strip(" .,!")
        for introduction in sorted(self._words.introductions, key=len, reverse=True):
            if rest.casefold().startswith(f"{introduction} "):
                rest = rest[len(introduction) + 1 :].strip()
                break
        if not 2 <= len(rest) <= _MAX_NAME or len(rest.split()) > _MAX_NAME_WORDS:
            return None
        return rest if _NAME.fullmatch(rest) else None


def email(text: str) -> str | None:
    """The first e-mail address in a text."""
    found = _EMAIL.search(text)
    return found[0].rstrip(".") if found else None


def looks_like_phone(text: str) -> bool:
    """Whether somebody meant to write a phone number."""
    return _PHONE.search(text) is not None


def phone(text: str) -> str | None:
    """The first phone number in a text, as E.164; Danish where no country is said."""
    found = _PHONE.search(text)
    if found is None:
        return None
    try:
        number = phonenumbers.parse(found[0], _REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _is(text: str, listed: Iterable[str]) -> bool:
    said = words(text)
    return bool(said) and any(said == words(item) for item in listed)


def _names(text: str, listed: Iterable[str]) -> bool:
    said = words(text)
    return any(_within(said, words(item)) for item in listed)


def _within(said: list[str], wanted: list[str]) -> bool:
    length = len(wanted)
    return any(said[n : n + length] == wanted for n in range(len(said) - length + 1))
