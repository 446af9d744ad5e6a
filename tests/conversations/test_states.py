"""The state machine: a table, and nothing beside it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.states import (
    GUIDE_MAY_SPEAK,
    TRANSITIONS,
    Event,
    IllegalTransition,
    State,
    after,
)

PAIRS = list(itertools.product(State, Event))


@pytest.mark.parametrize(("state", "event"), PAIRS, ids=lambda item: item.value)
def test_every_pair_leads_somewhere_or_is_refused(state: State, event: Event) -> None:
    if (state, event) in TRANSITIONS:
        assert after(state, event) is TRANSITIONS[state, event]
        return
    with pytest.raises(IllegalTransition) as raised:
        after(state, event)
    assert (raised.value.state, raised.value.event) == (state, event)


@pytest.mark.parametrize("state", State)
def test_a_citizen_may_always_write(state: State) -> None:
    assert after(state, Event.citizen_wrote) is not State.resolved


@pytest.mark.parametrize("state", sorted(set(State) - {State.resolved}))
def test_everything_but_resolved_can_be_resolved(state: State) -> None:
    assert after(state, Event.resolved) is State.resolved


@pytest.mark.parametrize(
    ("state", "event", "then"),
    [
        (State.resolved, Event.citizen_wrote, State.bot),
        (State.waiting_citizen, Event.citizen_wrote, State.assigned),
        (State.assigned, Event.staff_wrote, State.waiting_citizen),
        (State.bot, Event.handover_requested, State.queued),
        (State.queued, Event.claimed, State.assigned),
        (State.assigned, Event.returned, State.queued),
    ],
)
def test_the_ways_that_the_design_promises(state: State, event: Event, then: State) -> None:
    assert after(state, event) is then


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (State.bot, Event.staff_wrote),
        (State.bot, Event.claimed),
        (State.queued, Event.staff_wrote),
        (State.resolved, Event.staff_wrote),
        (State.resolved, Event.resolved),
    ],
)
def test_staff_writes_only_in_what_it_has_claimed(state: State, event: Event) -> None:
    with pytest.raises(IllegalTransition):
        after(state, event)


@given(st.lists(st.sampled_from(Event)))
def test_a_walk_never_silences_the_guide_without_a_claim(events: list[Event]) -> None:
    state = State.bot
    claimed = False
    for event in events:
        try:
            state = after(state, event)
        except IllegalTransition:
            continue
        if event is Event.claimed:
            claimed = True
        elif event in {Event.returned, Event.resolved}:
            claimed = False
        assert (state in {State.assigned, State.waiting_citizen}) == claimed
        assert (state in GUIDE_MAY_SPEAK) == (not claimed and state is not State.resolved)


@given(st.lists(st.sampled_from(Event)))
def test_every_walk_can_end_and_begin_again(events: list[Event]) -> None:
    state = State.bot
    for event in events:
        state = TRANSITIONS.get((state, event), state)
    if state is not State.resolved:
        state = after(state, Event.resolved)
    assert after(state, Event.citizen_wrote) is State.bot
