"""Runs commands: quietly to the end, or as children that end with us."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher.console import Failure
from launcher.paths import ROOT, VAR

Command = list[str | Path]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our own, with Rasa's telemetry off and without the caller's virtual environment."""
    kept = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONHOME"}}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **(extra or {}),
    }


def run(
    what: str,
    command: Sequence[str | Path],
    extra: Mapping[str, str] | None = None,
    search: Sequence[Path] = (),
) -> None:
    """Run to the end; the output goes to ``var/log``. Raises :class:`Failure` with its place.

    ``search`` are folders to look for programs in before the usual ones.
    """
    own = environment(extra)
    own["PATH"] = os.pathsep.join([*map(str, search), own.get("PATH", os.defpath)])
    log = VAR / "log" / f"{what}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("wb") as output:
            done = subprocess.run(
                [str(part) for part in command],
                cwd=ROOT,
                env=own,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
    except OSError as error:
        raise Failure(f"{what} could not be started: {error}") from error
    if done.returncode != 0:
        lines = log.read_text(errors="replace").strip().splitlines()
        tail = lines[-1] if lines else "no output"
        raise Failure(f"{what} failed ({tail}); all of it is in {log.relative_to(ROOT)}")
