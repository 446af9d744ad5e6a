"""Reads the training examples of ``bot/data/nlu``, without Rasa."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

NLU = Path(__file__).parent / "data" / "nlu"
_DAYS = Path(__file__).parent / "lexicon" / "booking"
_ANSWERS = _DAYS / "answers"
_STORIES = "ask_service"
"""The intent of whole stories, some of which tell of danger."""
_OUTSIDE = "out_of_scope"
"""The intent of what is none of the city's business."""


def _read(path: Path) -> Iterator[tuple[str, str]]:
    for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        for line in item["examples"].splitlines():
            if line.startswith("- "):
                yield item["intent"], line[2:].strip()


def examples(folder: Path) -> Iterator[tuple[str, str]]:
    """``(intent, text)`` of every training example under ``folder``."""
    for path in sorted(folder.glob("*.yml")):
        yield from _read(path)


def everyday_talk(languages: Iterable[str]) -> list[str]:
    """What citizens say to the guide when nobody is in danger: thanks, days, follow-ups."""
    codes = list(languages)
    said = [
        text
        for language in codes
        for intent, text in examples(NLU / language)
        if intent != _STORIES
    ]
    paths = [folder / f"{code}.yml" for code in codes for folder in (_DAYS, _ANSWERS)]
    for path in paths:
        said += _texts(yaml.safe_load(path.read_text(encoding="utf-8")))
    return said


def _texts(content: object) -> Iterator[str]:
    """Every text in a file of words, keys of words included."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for item in content:
            yield from _texts(item)
    elif isinstance(content, dict):
        for key, item in content.items():
            yield from _texts(key)
            yield from _texts(item)


def within_scope(languages: Iterable[str]) -> list[str]:
    """What citizens say to the guide that it can do something with."""
    return [
        text
        for language in languages
        for intent, text in examples(NLU / language)
        if intent != _OUTSIDE
    ]


def out_of_scope(languages: Iterable[str]) -> list[str]:
    """What citizens say to the guide that is about something else."""
    return [
        text
        for language in languages
        for intent, text in examples(NLU / language)
        if intent == _OUTSIDE
    ]
