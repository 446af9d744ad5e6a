"""The reply files are whole in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from conversations.models import Reply
from conversations.rendering.renderer import Renderer
from conversations.rendering.replies import ReplyTexts, load_replies, placeholders
from settings import ROOT
from tests.conversations.rendering.samples import SERVICE, VALUES

REPLIES = ROOT / "bot" / "replies"
SOURCE: dict[str, str] = yaml.safe_load((REPLIES / "da.yml").read_text(encoding="utf-8"))
LANGUAGES = [
    item["code"]
    for item in yaml.safe_load((ROOT / "knowledge" / "languages.yml").read_text(encoding="utf-8"))
]


def test_there_is_a_file_for_every_language() -> None:
    assert {path.stem for path in REPLIES.glob("*.yml")} == set(LANGUAGES)


def test_all_files_have_the_same_keys_and_placeholders(replies: ReplyTexts) -> None:
    assert list(replies.problems()) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", SOURCE)
def test_every_reply_renders(renderer: Renderer, key: str, language: str) -> None:
    reply = Reply(key, VALUES, service=SERVICE)
    rendered = renderer.render(reply, language)
    assert rendered.text
    assert not re.search(r"[{}]", rendered.text)
    assert (rendered.reply, rendered.language) == (key, language)


@pytest.mark.parametrize("key", [key for key in SOURCE if key.startswith("crisis_")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_crisis_reply_begins_with_the_number_to_call(
    renderer: Renderer, key: str, language: str
) -> None:
    first, *_ = renderer.sentence(key, language).splitlines()
    assert "112" in first


def test_the_check_of_the_files_finds_every_difference() -> None:
    texts = {
        "da": {"a": "{x}", "b": "b", "c": "c"},
        "en": {"a": "{y}", "b": "b", "d": "d"},
    }
    problems = list(ReplyTexts(texts, "da").problems())
    assert len(problems) == 3
    for key in "acd":
        assert any(f" {key} " in problem for problem in problems)


def test_a_missing_value_is_an_error_and_no_brace_for_the_citizen() -> None:
    replies = ReplyTexts({"da": {"a": "{x}"}}, "da")
    with pytest.raises(KeyError):
        replies.text("a", "da")
    with pytest.raises(KeyError):
        replies.text("b", "da")


def test_a_value_is_never_read_as_a_template() -> None:
    replies = ReplyTexts({"da": {"a": "{x} {y}"}}, "da")
    assert replies.text("a", "da", {"x": "{y}", "y": "{0.__class__}"}) == "{y} {0.__class__}"


def test_a_language_without_the_text_reads_the_first() -> None:
    replies = ReplyTexts({"da": {"a": "hej"}, "en": {}}, "da")
    assert replies.text("a", "en") == replies.text("a", "xx") == "hej"


def test_a_file_with_anything_but_texts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "da.yml").write_text("greet: {nested: text}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="greet"):
        load_replies(tmp_path, ["da"])


def test_placeholders_are_found() -> None:
    assert placeholders("a {b} {c_d} {E} {}") == {"b", "c_d"}
