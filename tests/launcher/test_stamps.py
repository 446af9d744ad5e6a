"""A step runs again when what it was made from has changed, and only then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.stamps import Stamp


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with an input folder, an input file and an output."""
    return project(tmp_path, monkeypatch)


def project(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("launcher.stamps.ROOT", root)
    monkeypatch.setattr("launcher.stamps.STAMPS", root / ".tools" / "stamps")
    (root / "data" / "da").mkdir(parents=True)
    (root / "data" / "da" / "acts.yml").write_text("hej")
    (root / "config.yml").write_text("config")
    (root / "model").write_text("made")
    return root


def stamp(root: Path) -> Stamp:
    return Stamp("model", [root / "config.yml", root / "data"], [root / "model"])


def test_what_was_never_made_is_stale(root: Path) -> None:
    assert not stamp(root).fresh()


def test_what_was_made_is_fresh(root: Path) -> None:
    stamp(root).set()
    assert stamp(root).fresh()


CHANGES: dict[str, Callable[[Path], object]] = {
    "another content": lambda root: (root / "config.yml").write_text("other"),
    "another content in a folder": lambda root: (root / "data/da/acts.yml").write_text("dav"),
    "a new file": lambda root: (root / "data" / "meta.yml").write_text(""),
    "a file less": lambda root: (root / "data/da/acts.yml").unlink(),
    "another name": lambda root: (root / "data/da/acts.yml").rename(root / "data/da/a.yml"),
    "another place": lambda root: (root / "data/da/acts.yml").rename(root / "data/acts.yml"),
    "no output": lambda root: (root / "model").unlink(),
}
NO_CHANGES: dict[str, Callable[[Path], object]] = {
    "the same content": lambda root: (root / "config.yml").write_text("config"),
    "an empty folder": lambda root: (root / "data" / "en").mkdir(),
    "a compiled file": lambda root: _write(root / "data" / "__pycache__" / "a.pyc"),
    "a package": lambda root: _write(root / "data" / "node_modules" / "a.js"),
    "a file elsewhere": lambda root: (root / "README.md").write_text("read me"),
    "another output": lambda root: (root / "model").write_text("made again"),
}


def _write(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("made")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_makes_it_stale(root: Path, change: Callable[[Path], object]) -> None:
    stamp(root).set()
    change(root)
    assert not stamp(root).fresh()


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_what_does_not_matter_leaves_it_fresh(root: Path, change: Callable[[Path], object]) -> None:
    stamp(root).set()
    change(root)
    assert stamp(root).fresh()


def test_a_change_during_the_step_is_not_forgotten(root: Path) -> None:
    running = stamp(root)
    (root / "config.yml").write_text("changed meanwhile")
    running.set()
    assert not stamp(root).fresh()


def test_stamps_do_not_answer_for_each_other(root: Path) -> None:
    stamp(root).set()
    assert not Stamp("web", [root / "config.yml", root / "data"]).fresh()


@pytest.mark.parametrize("above", ["dist", "node_modules", ".venv"])
def test_the_folders_above_the_project_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, above: str
) -> None:
    root = tmp_path / above / "project"
    root.mkdir(parents=True)
    project(root, monkeypatch)
    stamp(root).set()
    (root / "config.yml").write_text("other")
    assert not stamp(root).fresh()
