"""Commands that fail say where to read on; children end with us."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from launcher import serve
from launcher.console import Failure
from launcher.processes import environment, run


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The logs of these tests go elsewhere."""
    for module in ("launcher.processes", "launcher.serve"):
        monkeypatch.setattr(f"{module}.ROOT", tmp_path)
        monkeypatch.setattr(f"{module}.VAR", tmp_path / "var")
    return tmp_path


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_command_that_succeeds_is_quiet(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run("greeting", python("print('hej'); import sys; print('oh', file=sys.stderr)"))
    assert capfd.readouterr() == ("", "")
    assert (root / "var" / "log" / "greeting.log").read_text() in {"hej\noh\n", "oh\nhej\n"}


def test_a_failing_step_names_its_log_and_its_last_words(root: Path) -> None:
    with pytest.raises(Failure) as raised:
        run("training", python("print('first'); print('last words'); raise SystemExit(3)"))
    told = str(raised.value)
    assert "training" in told
    assert "last words" in told
    assert "var/log/training.log" in told
    assert "\n" not in told
    assert "first" in (root / "var" / "log" / "training.log").read_text()


@pytest.mark.parametrize(
    "code", ["raise SystemExit(1)", r"import sys; sys.stdout.buffer.write(b'\xff\xfe\n'); exit(1)"]
)
def test_a_silent_or_unreadable_failure_names_its_log_too(code: str) -> None:
    with pytest.raises(Failure, match=r"var/log/training\.log"):
        run("training", python(code))


def test_a_log_holds_the_latest_run_only(root: Path) -> None:
    run("step", python("print('old')"))
    run("step", python("print('new')"))
    assert (root / "var" / "log" / "step.log").read_text() == "new\n"


def test_a_program_that_is_not_there_is_a_failure(root: Path) -> None:
    with pytest.raises(Failure, match="tools"):
        run("tools", [root / "nothing"])


def test_children_know_nothing_of_the_callers_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    monkeypatch.setenv("PYTHONHOME", "/elsewhere")
    seen = environment({"MORE": "1"})
    assert not {"VIRTUAL_ENV", "PYTHONHOME"} & seen.keys()
    assert (seen["RASA_TELEMETRY_ENABLED"], seen["MORE"]) == ("false", "1")


def test_a_child_that_ended_is_a_failure_with_its_log() -> None:
    child = serve.start("rasa", python("exit(7)"), {})
    child.wait(10)
    with pytest.raises(Failure, match=r"rasa.*7.*var/log/rasa\.log"):
        serve.check({"rasa": child})


def test_children_that_run_are_no_failure() -> None:
    child = serve.start("rasa", python("import time; time.sleep(60)"), {})
    try:
        serve.check({"rasa": child})
    finally:
        serve.stop({"rasa": child})
    assert child.poll() is not None


def test_a_child_that_will_not_stop_is_made_to(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "_STOP_SECONDS", 0.2)
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('on', flush=True); time.sleep(60)"
    )
    children: dict[str, subprocess.Popen[bytes]] = {
        "stubborn": serve.start("stubborn", python(stubborn), {}),
        "gone": serve.start("gone", python("pass"), {}),
    }
    log = root / "var" / "log" / "stubborn.log"
    while not log.read_text():
        time.sleep(0.02)
    serve.stop(children)
    assert all(child.poll() is not None for child in children.values())
