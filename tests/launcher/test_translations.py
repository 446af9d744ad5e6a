"""Noting what translations were made from, in a copy of the project's texts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from knowledge.catalogue import load
from launcher.translations import main, old, stamp
from settings import ROOT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("knowledge", "bot/replies", "web/widget/texts"):
        texts = shutil.ignore_patterns("*.py", "__pycache__", "examples")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=texts)
    return tmp_path


def change(path: Path, before: str, after: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert before in content
    path.write_text(content.replace(before, after, 1), encoding="utf-8")


def test_a_changed_source_makes_its_translations_old_until_they_are_stamped(root: Path) -> None:
    catalogue = load(root / "knowledge")
    for language in catalogue.language_codes[1:]:
        stamp(catalogue, language, root=root)
    catalogue = load(root / "knowledge")
    assert list(old(catalogue, root)) == []

    change(root / "knowledge/services/flytning/da.yml", "title: ", "title: Ny ")
    change(root / "bot/replies/da.yml", "greet: Hej", "greet: Davs")
    catalogue = load(root / "knowledge")
    others = catalogue.language_codes[1:]
    expected = {f"services/flytning/{code}" for code in others}
    expected |= {f"replies/{code}/greet" for code in others}
    assert set(old(catalogue, root)) == expected

    assert stamp(catalogue, "pl", ["services/flytning"], root) == 1
    catalogue = load(root / "knowledge")
    assert set(old(catalogue, root)) == expected - {"services/flytning/pl"}
    assert stamp(catalogue, "pl", root=root) == 1
    assert stamp(load(root / "knowledge"), "pl", root=root) == 0


def test_stamping_leaves_the_text_alone(root: Path) -> None:
    path = root / "knowledge/services/flytning/pl.yml"
    before = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(root / "knowledge/services/flytning/da.yml", "title: ", "title: Ny ")
    stamp(load(root / "knowledge"), "pl", root=root)
    after = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert after.pop("source_version") != before.pop("source_version", None)
    assert after == before


@pytest.mark.parametrize("arguments", [["stamp"], ["stamp", "da"], ["stamp", "xx"], ["x", "pl"]])
def test_what_makes_no_sense_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert "LANG is one of en" in capsys.readouterr().out


def test_the_projects_own_translations_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "0 are older" in capsys.readouterr().out
