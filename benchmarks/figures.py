"""Figures that every benchmark needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_MILLISECONDS = 1000.0


def quantile(seconds: Sequence[float], share: float) -> float:
    """The ``share`` quantile (0 to 1) of some times, in milliseconds."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * _MILLISECONDS


def resident(pid: int) -> float:
    """Resident memory of a process in MB (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no VmRSS for {pid}")
