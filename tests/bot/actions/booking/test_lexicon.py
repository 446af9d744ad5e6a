"""What the words of a language may do that Danish and English need not: all of it is data."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from bot.actions.booking import lexicon
from bot.actions.booking.dates import DateReader
from bot.actions.booking.wish import Wish

TODAY = dt.date(2026, 11, 23)
"""A Monday."""
MADE_UP = {
    "months": {"harvest": 12},
    "holiday_names": {"feast of eggs": "Påskedag"},
    "ordinals": ["th"],
    "behind": {
        "next": ["coming"],
        "last": ["gone"],
        "after": ["onwards"],
        "before": ["short of"],
    },
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> DateReader:
    folder = tmp_path_factory.mktemp("lexicon")
    words = yaml.safe_load((lexicon.LEXICON / "en.yml").read_text(encoding="utf-8"))
    path: Path = folder / "en.yml"
    path.write_text(yaml.safe_dump(words | MADE_UP, allow_unicode=True), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexicon, "LEXICON", folder)
        return DateReader("en")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("tuesday coming", Wish(day("2026-12-01"), day("2026-12-01"))),
        ("week coming", Wish(day("2026-11-30"), day("2026-12-06"))),
        ("weekend coming", Wish(day("2026-12-05"), day("2026-12-06"))),
        ("tuesday onwards", Wish(first=day("2026-11-25"))),
        ("3 harvest", Wish(day("2026-12-03"), day("2026-12-03"))),
        ("3 harvest short of", Wish(last=day("2026-12-02"))),
        ("15 th", Wish(day("2026-12-15"), day("2026-12-15"))),
        ("15:00 onwards", Wish(from_time=dt.time(15))),
        ("feast of eggs", Wish(day("2027-03-28"), day("2027-03-28"))),
        ("٣/١٢", Wish(day("2026-12-03"), day("2026-12-03"))),
        ("after ۱۵:۳۰", Wish(from_time=dt.time(15, 30))),
    ],
)
def test_said_in_a_language_of_its_own(reader: DateReader, text: str, wish: Wish) -> None:
    assert reader.read(text, TODAY).wish == wish
