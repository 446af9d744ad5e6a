"""Runs ``tests/rasa`` in Rasa's own Python, where pytest cannot go from here."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from launcher.paths import RASA_PYTHON, ROOT
from launcher.processes import environment

_SECONDS = 600


@pytest.mark.timeout(_SECONDS + 30)
def test_everything_in_the_rasa_process_works() -> None:
    # Neither the gateway's pytest options nor its fixtures apply there.
    flags = ["-c", "/dev/null", "--rootdir", str(ROOT), "--confcutdir", str(ROOT / "tests/rasa")]
    flags += [
        "-q",
        "-p",
        "no:cacheprovider",
        "--no-header",
        "--tb=short",
        "-rfE",
        "--disable-warnings",
    ]
    done = subprocess.run(
        [str(RASA_PYTHON), "-W", "ignore", "-m", "pytest", *flags, "tests/rasa"],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"{done.stdout[-8000:]}\n{done.stderr[-2000:]}", pytrace=False)
    assert " passed" in done.stdout
    if "skipped" in done.stdout:
        # Said here as well: what was skipped there nobody would see.
        assert shutil.which("redis-server") is None, done.stdout[-2000:]
        pytest.skip("Rasa's own tests without Redis: apt-get install redis-server")
