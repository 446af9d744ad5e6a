"""Remembers what a step was made from, so that it runs only when that changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from launcher.paths import ROOT, STAMPS

_MADE = {"__pycache__", "node_modules", "dist", ".venv"}
"""Folders of what a step makes: they are no input."""


def digest(paths: Iterable[Path]) -> str:
    """A hash over the names and contents of files and of all files in folders."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            name = file.relative_to(ROOT)
            if file.is_file() and not _MADE & set(name.parts):
                total.update(str(name).encode() + b"\0")
                total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


class Stamp:
    """The state of one step."""

    def __init__(self, name: str, inputs: Iterable[Path], outputs: Iterable[Path] = ()) -> None:
        """``outputs`` must exist for the step to count as done."""
        self._file = STAMPS / name
        self._digest = digest(inputs)
        self._outputs = tuple(outputs)

    def fresh(self) -> bool:
        made = self._file.exists() and self._file.read_text() == self._digest
        return made and all(path.exists() for path in self._outputs)

    def set(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(self._digest)
