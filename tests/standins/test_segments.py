from __future__ import annotations

import pytest

from tests.standins.segments import segments


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("æøå" * 53 + "a", 1),
        ("a" * 161, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 80 + "a", 2),
        ("ğ" * 70, 1),
        ("ğ" * 71, 2),
        ("🙂" * 36, 2),
    ],
)
def test_parts_of_a_message(text: str, parts: int) -> None:
    assert segments(text) == parts
