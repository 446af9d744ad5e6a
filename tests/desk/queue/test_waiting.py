"""The wait is worked out, or it is not known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.queue.waiting import outlook

TEN = [600.0, 600.0, 600.0]


@pytest.mark.parametrize(
    ("position", "slots", "busy", "handling", "minutes"),
    [
        (1, 3, 0, TEN, 1),
        (3, 3, 0, TEN, 1),
        (4, 3, 0, TEN, 5),
        (1, 3, 3, TEN, 5),
        (3, 1, 1, TEN, 30),
        (2, 1, 1, [60.0, 600.0, 6000.0], 20),
        (1, 3, 5, TEN, 5),
        (1, 0, 0, TEN, None),
        (1, 1, 0, [], None),
        (1, 1, 0, [600.0, 600.0], None),
        (40, 1, 1, TEN, None),
    ],
)
def test_minutes(
    position: int, slots: int, busy: int, *, handling: list[float], minutes: int | None
) -> None:
    assert outlook(position, slots, busy, handling).minutes == minutes


@given(
    st.integers(1, 50),
    st.integers(0, 20),
    st.integers(0, 30),
    st.lists(st.floats(0, 10_000), max_size=60),
)
def test_one_place_further_back_is_never_sooner(
    position: int, slots: int, busy: int, handling: list[float]
) -> None:
    here = outlook(position, slots, busy, handling)
    behind = outlook(position + 1, slots, busy, handling)
    assert here.position == position
    assert behind.minutes is None or (here.minutes is not None and here.minutes <= behind.minutes)
