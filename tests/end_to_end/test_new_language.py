"""A language that nobody has heard of before, from its first line to an answer in it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from launcher.paths import GATEWAY_PYTHON, ROOT
from tests.stack import Citizen, Stack, running

_PARTS = (
    "app.py", "settings.py", "alembic.ini", "config.yml", "domain.yml", "endpoints.yml",
    "credentials.yml", "booking", "bot", "channels", "conversations", "desk", "gateway",
    "knowledge", "launcher", "migrations", "storage", "web/widget/texts",
)  # fmt: skip


def run(root: Path, *command: str) -> None:
    subprocess.run([GATEWAY_PYTHON, "-m", *command], cwd=root, check=True, capture_output=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, as somebody has it who adds a language."""
    root = tmp_path_factory.mktemp("project")
    unwanted = shutil.ignore_patterns(".venv", "__pycache__", "node_modules")
    for part in _PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, root / part, ignore=unwanted)
        else:
            shutil.copyfile(ROOT / part, root / part)
    for made in ("models", "web/dist"):
        (root / made).symlink_to(ROOT / made)
    return root


@pytest.fixture(scope="module")
def finnish(project: Path) -> Iterator[Stack]:
    """The guide, run from there, after three commands and one translated service."""
    run(project, "launcher.language", "add", "fi", "Suomi", "--stemmer", "finnish")
    folder = project / "knowledge" / "services" / "pas-voksen"
    text = yaml.safe_load((folder / "en.yml").read_text(encoding="utf-8"))
    text |= {
        "title": "Aikuisen passi",
        "summary": "Passin voi hakea aikuiselle.",
        "names": ["passi", "matkapassi"],
        "phrasings": [
            "passini on vanhentunut", "tarvitsen uuden passin", "mistä saan passin",
            "miten haen passia", "lennän ensi viikolla ja passi puuttuu",
        ],
    }  # fmt: skip
    (folder / "fi.yml").write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    replies = project / "bot" / "replies" / "fi.yml"
    content = yaml.safe_load(replies.read_text(encoding="utf-8"))
    content["welcome"] = "Hei, olen Borgerguide. Olen kone, en ihminen."
    replies.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    run(project, "launcher.translations", "stamp", "fi", "--", "services/pas-voksen")
    run(project, "bot.entity_patterns", "var/entity_patterns.json")
    logs = project / "logs"
    logs.mkdir()
    with running(logs, root=project) as stack:
        yield stack


@pytest.mark.timeout(600)
def test_a_citizen_is_welcomed_and_answered_in_the_new_language(finnish: Stack) -> None:
    citizen = Citizen(finnish.url, "fi")
    (welcome, *_) = citizen.read()["messages"]
    assert (welcome["language"], welcome["text"].startswith("Hei, olen")) == ("fi", True)
    answer = citizen.say("Passini on vanhentunut, mistä saan uuden passin?")[-1]
    assert (answer["language"], answer["service"]) == ("fi", "pas-voksen")
    assert "Aikuisen passi" in answer["text"]


def test_what_is_not_translated_is_found_through_the_fallback(finnish: Stack) -> None:
    citizen = Citizen(finnish.url, "fi")
    citizen.choose("language:fi")
    answer = citizen.choose("service:flytning")[-1]
    assert answer["service"] == "flytning"


def test_the_language_is_recognised_by_itself(finnish: Stack) -> None:
    citizen = Citizen(finnish.url, "da")
    answer = citizen.say("Tarvitsen uuden passin, koska vanha on kadonnut")[-1]
    assert answer["language"] == "fi"
