"""What runs in Rasa's own Python; the gateway's pytest leaves it to ``tests/bot``."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

if importlib.util.find_spec("rasa") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def rasa_command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """``rasa ...`` in this process: importing Rasa again would take ten seconds."""

    def run(*arguments: str | Path) -> int:
        monkeypatch.chdir(ROOT)
        monkeypatch.setattr("sys.argv", ["rasa", *map(str, arguments)])
        try:
            importlib.import_module("rasa.__main__").main()
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run
