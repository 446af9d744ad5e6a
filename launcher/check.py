"""``python -m launcher.check``: everything that can be said of the project without running it."""

from __future__ import annotations

import sys
from pathlib import Path

from launcher import console
from launcher.console import Failure, step
from launcher.paths import GATEWAY_PYTHON, RASA_PYTHON, ROOT, SITUATIONS, TOOLS_BIN
from launcher.processes import Command, run

_BIN = GATEWAY_PYTHON.parent
_SECRETLESS = {"BORGERGUIDE_ACTIONS_URL": "", "BORGERGUIDE_INTERNAL_TOKEN": ""}
"""Rasa reads endpoints.yml even to validate; nothing is called."""

CHECKS: dict[str, Command] = {
    "format": [_BIN / "ruff", "format", "--check", "."],
    "lint": [_BIN / "ruff", "check", "."],
    "types": [_BIN / "mypy"],
    "layers": [_BIN / "lint-imports"],
    "knowledge": [GATEWAY_PYTHON, "-m", "knowledge.check"],
    "replies": [GATEWAY_PYTHON, "-m", "conversations.rendering.check"],
    "languages": [GATEWAY_PYTHON, "-m", "launcher.language"],
    "translations": [GATEWAY_PYTHON, "-m", "launcher.translations"],
    "rasa-data": [
        RASA_PYTHON, "-W", "ignore", "-m", "bot.serve", "data", "validate",
        "--fail-on-warnings", "--data", "bot/data", SITUATIONS,
    ],
    "browser": [TOOLS_BIN / "npm", "run", "check", "--prefix", Path(ROOT / "web")],
    "browser-tests": [TOOLS_BIN / "npm", "test", "--prefix", Path(ROOT / "web")],
}  # fmt: skip
"""Name and command; the output of each stands in ``var/log/check-<name>.log``."""


def check(names: list[str]) -> int:
    """Run the named checks, or all; how many failed."""
    failed = 0
    for name in names or CHECKS:
        try:
            with step(f"checking {name}"):
                run(f"check-{name}", CHECKS[name], _SECRETLESS, search=[TOOLS_BIN])
        except Failure as error:
            failed += 1
            console.fail(error)
            console.say((ROOT / "var" / "log" / f"check-{name}.log").read_text()[-3000:])
        if name == "knowledge":
            console.say((ROOT / "var" / "log" / "check-knowledge.log").read_text().rstrip())
    return failed


if __name__ == "__main__":
    sys.exit(1 if check(sys.argv[1:]) else 0)
