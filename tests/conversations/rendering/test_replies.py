"""The reply files are whole in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from conversations.models import Reply
from conversations.rendering.renderer import Renderer
from conversations.rendering.replies import ReplyTexts, load_replies, placeholders
from knowledge.catalogue import Catalogue
from settings import ROOT

REPLIES = ROOT / "bot" / "replies"
SOURCE: dict[str, str] = yaml.safe_load((REPLIES / "da.yml").read_text(encoding="utf-8"))
LANGUAGES = [
    item["code"]
    for item in yaml.safe_load((ROOT / "knowledge" / "languages.yml").read_text(encoding="utf-8"))
]
VALUES = {
    "area": "2200",
    "code": "2200",
    "date": "2024",
    "district": "noerrebro",
    "districts": ("noerrebro", "bispebjerg"),
    "life_event": "moving",
    "limit": 2000,
    "minutes": 10,
    "municipality": "Tårnby Kommune",
    "places": ("international-house",),
    "seconds": 3,
    "title": "titel",
    "tries": 4,
    "url": "https://www.kk.dk",
    "year": 2023,
    # what the desk gives
    "address": "ida@example.dk",
    "hours": "mandag 10-16",
    "opens": "mandag 30. november 10",
    "position": 2,
    "team": "Parkering",
    "text": "svar",
    "wait": "5 minutter",
    # what the booking gives
    "booked_place": "telefon",
    "booked_places": ["international-house", "telefon"],
    "bring": ["pas-voksen"],
    "day": "2026-11-24",
    "first": "tirsdag",
    "last": "onsdag",
    "low": "9.00",
    "high": "12.00",
    "holiday": {"da": "Juledag", "en": "Christmas Day"},
    "link": "abcdefgh2345",
    "persons": 2,
    "reached": None,
    "reference": "K7MP-4RXD",
    "references": [["K7MP-4RXD", "2026-11-24T09:00:00+00:00"]],
    "spoken": "dsl",
    "time": "9.00",
    "visit_place": {"id": "telefon", "kind": "phone", "name": "Telefon", "address": ""},
    "visits": [["pas-voksen", 2]],
    "when": {"at": "2026-11-24T09:00:00+00:00"},
    "wish": {
        "first": "2026-11-24",
        "last": "2026-11-24",
        "weekdays": [],
        "from_time": "09:00:00",
        "until_time": None,
    },
    # what place_line is made of
    "name": "navn",
    "street": "gade 1",
    "postal_code": "1000",
    "city": "by",
}
"""What the dialogue and the gateway give with replies; the rest are constants or the service's."""


@pytest.fixture(scope="module")
def values(catalogue: Catalogue) -> dict[str, object]:
    return {**VALUES, "places": tuple(catalogue.places)[:2]}


def test_there_is_a_file_for_every_language() -> None:
    assert {path.stem for path in REPLIES.glob("*.yml")} == set(LANGUAGES)


def test_all_files_have_the_same_keys_and_placeholders(replies: ReplyTexts) -> None:
    assert list(replies.problems()) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", SOURCE)
def test_every_reply_renders(
    renderer: Renderer, values: dict[str, object], key: str, language: str
) -> None:
    reply = Reply(key, values, service="pas-voksen")
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
