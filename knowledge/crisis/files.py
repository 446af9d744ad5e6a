"""Reads the editors' files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Many times faster, where PyYAML was built with it."""


def read(path: Path) -> Any:
    """The content of a YAML file. Raises ``OSError`` or ``yaml.YAMLError``."""
    return yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506
