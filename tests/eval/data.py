"""Reads the held-out data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from knowledge.folding import words

FOLDER = Path(__file__).parent
LANGUAGES = ("da", "en")


def read(kind: str, language: str) -> Any:
    """The content of ``tests/eval/<kind>/<language>.yml``."""
    return yaml.safe_load((FOLDER / kind / f"{language}.yml").read_text(encoding="utf-8"))


def questions(language: str) -> list[tuple[str, str]]:
    """``(question, service)`` for every held-out question."""
    return [(q, service) for service, items in read("services", language).items() for q in items]


def key(text: str) -> str:
    """What makes two texts the same: their folded words."""
    return " ".join(words(text))
