"""Reads the training examples of ``bot/data/nlu``, without Rasa."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

NLU = Path(__file__).parent / "data" / "nlu"
_SMALL_TALK = ("acts.yml", "meta.yml")


def _read(path: Path) -> Iterator[tuple[str, str]]:
    for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        for line in item["examples"].splitlines():
            if line.startswith("- "):
                yield item["intent"], line[2:].strip()


def examples(folder: Path) -> Iterator[tuple[str, str]]:
    """``(intent, text)`` of every training example under ``folder``."""
    for path in sorted(folder.glob("*.yml")):
        yield from _read(path)


def small_talk(languages: Iterable[str]) -> list[str]:
    """What citizens say to the guide that is about no service: greetings, thanks, complaints."""
    paths = [NLU / language / name for language in languages for name in _SMALL_TALK]
    return [text for path in paths if path.exists() for _, text in _read(path)]
