"""Beginning a new language, in a copy of the project's texts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge.catalogue import load
from launcher.language import gaps, main
from settings import ROOT

FOLDERS = (
    "knowledge", "bot/replies", "bot/lexicon", "bot/data", "channels/sms/words",
    "web/widget/texts", "tests/eval",
)  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def test_nothing_is_missing_in_the_languages_that_are_there() -> None:
    assert list(gaps()) == []


def test_a_new_language_is_known_at_once_and_lists_what_it_lacks(root: Path) -> None:
    arguments = ["add", "fa", "فارسی", "--direction", "rtl", "--stemmer", "persian"]
    assert main(arguments, root) == 0
    (added,) = [item for item in load(root / "knowledge").languages if item.code == "fa"]
    assert (added.name, added.direction, added.stemmer, added.fallback) == (
        "فارسی",
        "rtl",
        "persian",
        "en",
    )
    missing = set(gaps(root))
    assert "bot/data/nlu/fa/acts.yml is missing" in missing
    assert "knowledge/crisis/fa.yml is missing" in missing
    assert "tests/eval/services/fa.yml is missing" in missing
    assert all("/fa" in line for line in missing)
    assert main([], root) == 1
    english = (root / "bot/replies/en.yml").read_text(encoding="utf-8")
    assert (root / "bot/replies/fa.yml").read_text(encoding="utf-8") == english


def test_what_somebody_has_begun_to_write_is_kept(root: Path) -> None:
    path = root / "bot/replies/fi.yml"
    path.write_text("greet: Hei\n", encoding="utf-8")
    assert main(["add", "fi", "Suomi"], root) == 0
    assert path.read_text(encoding="utf-8") == "greet: Hei\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["pl", "Polski"], "spoken already"),
        (["Suomi", "fi"], "no code"),
        (["../x", "x"], "no code"),
        (["fi", "Suomi", "--fallback", "xx"], "fallback must be one of"),
        (["fi", "Suomi", "--stemmer", "x"], "stemmer must be one of"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    root: Path, arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (root / "knowledge/languages.yml").read_text(encoding="utf-8")
    assert main(["add", *arguments], root) == 1
    assert reason in capsys.readouterr().err
    assert (root / "knowledge/languages.yml").read_text(encoding="utf-8") == before
