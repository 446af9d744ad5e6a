"""Which language an error speaks before a conversation is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.web.errors import preferred_language

SUPPORTED = ("da", "en", "de")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "da"),
        ("", "da"),
        ("en", "en"),
        ("EN-us", "en"),
        ("de;q=0.3, en;q=0.7", "en"),
        ("fr-CH, fr;q=0.9, de;q=0.8, *;q=0.5", "de"),
        ("pl, ru", "da"),
        ("en;q=nonsense", "en"),
    ],
)
def test_the_first_supported_language_by_weight(header: str | None, language: str) -> None:
    assert preferred_language(header, SUPPORTED) == language


@given(st.text())
def test_any_header_gives_a_supported_language(header: str) -> None:
    assert preferred_language(header, SUPPORTED) in SUPPORTED
