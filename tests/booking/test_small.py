"""Durations, references, and the table of transitions."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking import references
from booking.errors import BookingError, NotOffered, TooMany
from booking.models import ServiceWish
from booking.references import new_reference, read_reference
from booking.states import LIVE, TRANSITIONS, Event, State
from booking.supply import ServiceTime, Supply, VisitRule
from booking.visits import visit_grains

SUPPLY = Supply(
    services={
        "pas-boern": ServiceTime("pas-boern", 15, 10, 6),
        "sundhedskort": ServiceTime("sundhedskort", 10, 5, 6),
        "kort": ServiceTime("kort", 7, 1, 40),
    },
    visit=VisitRule(opening_minutes=5, max_minutes=90),
)


@pytest.mark.parametrize(
    ("wishes", "minutes"),
    [
        ([("pas-boern", 1)], 20),
        ([("pas-boern", 2)], 30),
        # A passport and a health card for two children.
        ([("pas-boern", 2), ("sundhedskort", 2)], 45),
        ([("kort", 1)], 15),  # 12, rounded up to the grid
        ([("kort", 4)], 15),
        ([("kort", 5)], 20),
    ],
)
def test_how_long_a_visit_takes(wishes: list[tuple[str, int]], minutes: int) -> None:
    assert visit_grains(SUPPLY, tuple(ServiceWish(*wish) for wish in wishes)) * 5 == minutes


def test_a_party_of_forty() -> None:
    with pytest.raises(TooMany) as refused:
        visit_grains(SUPPLY, (ServiceWish("pas-boern", 40),))
    assert refused.value.values == {"limit": 6, "unit": "persons"}
    with pytest.raises(TooMany) as refused:
        visit_grains(SUPPLY, (ServiceWish("pas-boern", 6), ServiceWish("sundhedskort", 6)))
    assert refused.value.values == {"limit": 90, "unit": "minutes"}


def test_what_cannot_be_booked() -> None:
    with pytest.raises(NotOffered) as refused:
        visit_grains(SUPPLY, (ServiceWish("rotter"),))
    assert refused.value.values == {"what": "service", "name": "rotter"}
    with pytest.raises(ValueError, match="at least one"):
        visit_grains(SUPPLY, ())
    with pytest.raises(ValueError, match="at least one"):
        visit_grains(SUPPLY, (ServiceWish("kort", 0),))


def test_references_are_read_as_people_type_them() -> None:
    reference = new_reference()
    letters = reference.replace("-", "")
    for typed in (reference, reference.lower(), letters, f" {letters[:2]} {letters[2:]} "):
        assert read_reference(typed) == reference
    for wrong in ("", "A" * 8, letters[:-1], letters + letters[0], "0O1I-LBSZ"):
        assert read_reference(wrong) is None


def test_one_wrong_letter_is_noticed() -> None:
    alphabet = references._LETTERS
    for _ in range(50):
        letters = new_reference().replace("-", "")
        place = random.randrange(8)
        other = random.choice(alphabet.replace(letters[place], ""))
        assert read_reference(letters[:place] + other + letters[place + 1 :]) is None


@given(st.sampled_from(State), st.sampled_from(Event))
def test_every_way_ends_where_it_should(state: State, event: Event) -> None:
    after = TRANSITIONS.get((state, event))
    if after is None:
        return
    assert state in LIVE
    # Nothing goes back to being a hold, and only a hold can expire.
    assert after is not State.held
    assert (after is State.expired) <= (state is State.held)


def test_the_ends_are_ends() -> None:
    assert {state for state, _ in TRANSITIONS} == LIVE
    assert set(TRANSITIONS.values()) == set(State) - {State.held}


def test_every_error_that_is_raised_has_a_reply_of_its_own() -> None:
    def leaves(kind: type[BookingError]) -> list[type[BookingError]]:
        below = kind.__subclasses__()
        return [leaf for item in below for leaf in leaves(item)] if below else [kind]

    keys = [leaf.reply for leaf in leaves(BookingError)]
    assert len(set(keys)) == len(keys)
    assert all(key.startswith("booking.") for key in keys)
