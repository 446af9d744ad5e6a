"""What applications in tests share, because each of their own would cost seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

import app
from gateway import logs
from knowledge.crisis.detector import CrisisDetector, load_detector

_fitted: dict[Path, CrisisDetector] = {}


@pytest.fixture(scope="session", autouse=True)
def one_crisis_detector() -> Iterator[None]:
    """The real detector, fitted once: it depends on files only, and reading does not change it."""

    def load(folder: Path, *more: Any) -> CrisisDetector:
        if folder not in _fitted:
            _fitted[folder] = load_detector(folder, *more)
        return _fitted[folder]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "load_detector", load)
        yield


@pytest.fixture(autouse=True)
def logs_of_production() -> Iterator[None]:
    """Logs as they are in production; structlog's own default draws every local variable."""
    logs.configure("production", "INFO")
    yield
    structlog.reset_defaults()
