"""Fits the crisis detector once for all applications that the tests build.

It takes seconds, depends on nothing but files and is never changed by what it reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import app
from knowledge.crisis.detector import CrisisDetector

_fitted: dict[Path, CrisisDetector] = {}


@pytest.fixture(scope="session", autouse=True)
def one_crisis_detector() -> Iterator[None]:
    """The real detector; only its fitting is shared."""
    real = app.load_detector

    def load(folder: Path, *more: Any) -> CrisisDetector:
        if folder not in _fitted:
            _fitted[folder] = real(folder, *more)
        return _fitted[folder]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "load_detector", load)
        yield
