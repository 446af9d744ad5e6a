"""Reads the held-out data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from knowledge.folding import words
from settings import ROOT

FOLDER = Path(__file__).parent
LANGUAGES: tuple[str, ...] = tuple(
    item["code"]
    for item in yaml.safe_load((ROOT / "knowledge" / "languages.yml").read_text(encoding="utf-8"))
)


def read(kind: str, language: str) -> Any:
    """The content of ``tests/eval/<kind>/<language>.yml``."""
    return yaml.safe_load((FOLDER / kind / f"{language}.yml").read_text(encoding="utf-8"))


def questions(language: str) -> list[tuple[str, str]]:
    """``(question, service)`` for every held-out question."""
    return [(q, service) for service, items in read("services", language).items() for q in items]


def dialogues(language: str) -> list[list[dict[str, str]]]:
    """Turns: what is said, and the ``service`` and ``aspect`` that it is about."""
    found: list[list[dict[str, str]]] = read("dialogues", language)
    return found


def forms(language: str) -> list[dict[str, str]]:
    """Bookings: what is answered to each question."""
    found: list[dict[str, str]] = read("forms", language)
    return found


def key(text: str) -> str:
    """What makes two texts the same: their folded words."""
    return " ".join(words(text))
