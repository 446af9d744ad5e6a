"""How long until another try."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.delivery.backoff import delay

LONGEST = 300.0


@given(attempt=st.integers(1, 1000), seed=st.integers())
def test_it_doubles_to_a_bound_and_leaves_half_to_chance(attempt: int, seed: int) -> None:
    highest = min(LONGEST, 2.0 ** (attempt - 1))
    assert highest / 2 <= delay(attempt, None, random.Random(seed)) <= highest


@given(attempt=st.integers(1, 50), asked=st.floats(0, 10_000), seed=st.integers())
def test_it_is_never_sooner_than_the_provider_asks(attempt: int, asked: float, seed: int) -> None:
    assert delay(attempt, asked, random.Random(seed)) >= asked


@pytest.mark.parametrize("asked", [None, 0.0])
def test_without_a_wish_the_first_try_comes_within_a_second(asked: float | None) -> None:
    assert 0.5 <= delay(1, asked, random.Random(1)) <= 1.0


def test_a_small_wish_changes_nothing() -> None:
    assert delay(9, 1.0, random.Random(7)) == delay(9, None, random.Random(7))


def test_what_failed_together_does_not_come_back_together() -> None:
    rng = random.Random(3)
    delays = sorted(delay(5, None, rng) for _ in range(200))
    assert delays[-1] - delays[0] > 6.0
    gaps = [later - sooner for sooner, later in itertools.pairwise(delays)]
    assert max(gaps) < 1.0


def test_the_usual_ten_tries_last_for_minutes_and_not_for_hours() -> None:
    longest = sum(min(LONGEST, 2.0 ** (attempt - 1)) for attempt in range(1, 10))
    rng = random.Random(0)
    total = sum(delay(attempt, None, rng) for attempt in range(1, 10))
    assert longest / 2 <= total <= longest
    assert 120 < total < 3600
