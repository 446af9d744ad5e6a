"""Finds a Python 3.10 for Rasa on this machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path


def candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    """Where a 3.10 may be: on the path, and behind pyenv's shims.

    uv looks for pyenv below the home folder only; its shims on the path tell where it really is.
    """
    folders = [Path(part) for part in environment.get("PATH", "").split(os.pathsep) if part]
    for folder in folders:
        yield folder / "python3.10"
        if folder.name == "shims":
            yield from sorted(folder.parent.glob("versions/3.10*/bin/python3.10"), reverse=True)


def find(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The first one that runs; None: uv may look elsewhere, or fetch one."""
    for path in candidates(environment):
        if not path.is_file():
            continue
        asked = [str(path), "-c", "import sys; print(*sys.version_info[:2])"]
        answer = subprocess.run(asked, capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.split() == ["3", "10"]:
            return path
    return None
