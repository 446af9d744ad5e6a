"""What ``make run`` says before it starts anything."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from launcher import setup
from launcher.console import Failure
from launcher.paths import RASA_PYTHON, ROOT
from launcher.serve import port
from tests.ports import free_port


def launch(
    module: str, *arguments: str, python: str | Path = sys.executable, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.mark.parametrize("name", ["BORGERGUIDE_PORT", "BORGERGUIDE_RASA_PORT"])
def test_a_taken_port_is_one_line_and_exit_code_1(taken: int, name: str) -> None:
    ports = {"BORGERGUIDE_PORT": str(free_port()), "BORGERGUIDE_RASA_PORT": str(free_port())}
    done = launch("launcher.serve", **{**ports, name: str(taken)})
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert str(taken) in line
    assert name in line


@pytest.mark.parametrize("value", ["", "x", "0", "-1", "65536", "80.5", "http://localhost"])
def test_what_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT_OF_A_TEST", value)
    with pytest.raises(Failure, match="PORT_OF_A_TEST"):
        port("PORT_OF_A_TEST", 8000)


def test_a_superscript_is_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT_OF_A_TEST", "8²")
    with pytest.raises(Failure, match="PORT_OF_A_TEST"):
        port("PORT_OF_A_TEST", 8000)


def test_a_free_port_is_taken_from_the_environment_or_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = free_port(), free_port()
    assert port("PORT_OF_A_TEST", first) == first
    monkeypatch.setenv("PORT_OF_A_TEST", str(second))
    assert port("PORT_OF_A_TEST", first) == second


@pytest.mark.parametrize("version", [(3, 8, 10), (3, 10, 14)])
def test_a_python_too_old_is_told_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]
) -> None:
    monkeypatch.setattr(setup, "sys", SimpleNamespace(version_info=version))
    with pytest.raises(Failure) as raised:
        setup.set_up(["tools"])
    told = str(raised.value)
    assert "3.11" in told
    assert f"{version[0]}.{version[1]}" in told
    assert "\n" not in told


@pytest.mark.skipif(
    not RASA_PYTHON.exists(), reason="no Python 3.10 here: it comes with `make setup`"
)
@pytest.mark.parametrize("module", ["launcher.setup", "launcher.serve"])
def test_a_real_old_python_gets_as_far_as_that_line(module: str) -> None:
    ports = {"BORGERGUIDE_PORT": str(free_port()), "BORGERGUIDE_RASA_PORT": str(free_port())}
    done = launch(module, python=RASA_PYTHON, **ports)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "3.11" in line


def test_a_failing_step_ends_the_set_up_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("launcher.processes.ROOT", tmp_path)
    monkeypatch.setattr("launcher.processes.VAR", tmp_path / "var")
    monkeypatch.setattr(setup, "GATEWAY_PYTHON", tmp_path / "nothing")
    with pytest.raises(Failure, match="migrations"):
        setup.set_up(["database"])


def test_the_steps_stand_in_the_order_in_which_they_need_each_other() -> None:
    order = list(setup.STEPS)
    for first, second in [
        ("tools", "gateway"),
        ("gateway", "rasa"),
        ("gateway", "patterns"),
        ("rasa", "model"),
        ("patterns", "model"),
        ("gateway", "database"),
    ]:
        assert order.index(first) < order.index(second)


def test_the_set_up_imports_nothing_that_is_not_installed_yet() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\nimport launcher.serve, launcher.setup",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
