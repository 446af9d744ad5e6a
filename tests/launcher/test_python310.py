"""Which Python 3.10 Rasa gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher import python310


def program(path: Path, answer: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{answer}\n")
    path.chmod(0o755)
    return path


def test_the_one_on_the_path_is_taken(tmp_path: Path) -> None:
    wanted = program(tmp_path / "bin" / "python3.10", "echo 3 10")
    assert python310.find({"PATH": str(tmp_path / "bin")}) == wanted


def test_a_shim_that_does_not_run_leads_to_what_is_behind_it(tmp_path: Path) -> None:
    program(tmp_path / "shims" / "python3.10", "exit 127")
    wanted = program(tmp_path / "versions" / "3.10.13" / "bin" / "python3.10", "echo 3 10")
    assert python310.find({"PATH": str(tmp_path / "shims")}) == wanted


@pytest.mark.parametrize("answer", ["echo 3 11", "exit 1"])
def test_anything_else_is_left_to_uv(tmp_path: Path, answer: str) -> None:
    program(tmp_path / "python3.10", answer)
    assert python310.find({"PATH": str(tmp_path)}) is None
    assert python310.find({}) is None
