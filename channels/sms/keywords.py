"""The words that stop, start and explain the SMS service, in every language."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from knowledge.folding import words
from knowledge.schema import Strict, Text

FOLDER = Path(__file__).parent / "words"


class UnusableKeywords(ValueError):
    """The keyword files contradict each other, or one of them is not as it should be."""


class Keyword(StrEnum):
    """What a message asks of the service itself."""

    stop = "stop"
    start = "start"
    help = "help"


class KeywordFile(Strict):
    """``words/<lang>.yml``."""

    stop: tuple[Text, ...] = Field(min_length=1)
    start: tuple[Text, ...] = Field(min_length=1)
    help: tuple[Text, ...] = Field(min_length=1)
    polite: tuple[Text, ...] = ()
    """May stand before or after a keyword and changes nothing."""


def load_keywords(folder: Path) -> Mapping[str, Keyword]:
    """Every message that is a keyword, as :func:`knowledge.folding.words` joined by spaces.

    Raises :class:`UnusableKeywords` for a file that is not right, for a folder without files, for
    a word with no letter in it, and for one that two kinds claim, whatever their languages.
    """
    files = {path.name: _read(path) for path in sorted(folder.glob("*.yml"))}
    if not files:
        raise UnusableKeywords(f"no keywords in {folder.name}")
    polite = [_key(name, text) for name, file in files.items() for text in file.polite]
    known: dict[str, Keyword] = {}
    for name, file in files.items():
        for kind in Keyword:
            for text in getattr(file, kind):
                key = _key(name, text)
                around = [form for word in polite for form in (f"{word} {key}", f"{key} {word}")]
                for form in (key, *around):
                    if known.setdefault(form, kind) is not kind:
                        raise UnusableKeywords(f"{name}: {form!r} is {known[form]} and {kind}")
    return known


def _read(path: Path) -> KeywordFile:
    try:
        return KeywordFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise UnusableKeywords(f"{path.name}: {error}") from error


def _key(name: str, text: str) -> str:
    if key := " ".join(words(text)):
        return key
    raise UnusableKeywords(f"{name}: {text!r} has no letter")


def languages_of(folder: Path, text: str) -> frozenset[str]:
    """The languages whose files have a keyword."""
    said = " ".join(words(text))
    return frozenset(
        path.stem
        for path in folder.glob("*.yml")
        for kind in Keyword
        if said in {_key(path.name, item) for item in getattr(_read(path), kind)}
    )


@lru_cache(maxsize=256)
def keyword_language(text: str) -> str | None:
    """The language of a keyword that only one language has. Everybody writes "stop" and "help"."""
    found = languages_of(FOLDER, text)
    return next(iter(found)) if len(found) == 1 and "en" not in found else None


@cache
def _known() -> Mapping[str, Keyword]:
    return load_keywords(FOLDER)


def keyword(text: str) -> Keyword | None:
    """The keyword that the message is, or ``None``.

    It must be the whole message: "Stop!", "please STOP". A sentence that has the word in it ("my
    benefits stop in May") is a question like any other. Every language's words always count.
    """
    return _known().get(" ".join(words(text)))
