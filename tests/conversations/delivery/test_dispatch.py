"""From what is said to parcels."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from conversations.delivery.dispatch import Dispatch
from conversations.models import Conversation, Rendered
from conversations.states import State
from tests.paper import Paper

PAPER = Paper()
CONVERSATION = Conversation(
    id="a" * 32,
    channel="web",
    language="da",
    language_chosen=False,
    state=State.bot,
    last_seq=0,
    service=None,
    created_at=dt.datetime(2024, 6, 15, tzinfo=dt.UTC),
    link_code="abc123",
)
PRIVATE = Rendered("hemmeligt", "da", "service_overview", neutral="Se nettet.", more="Mere:")


@pytest.fixture
def dispatch() -> Dispatch:
    return Dispatch({"paper": PAPER}, "https://guide.example")


def test_a_parcel_has_the_channels_own_words(dispatch: Dispatch) -> None:
    (parcel,) = dispatch.parcels(CONVERSATION, "paper", "box 1", Rendered("hej", "da", "greet"))
    assert (parcel.channel, parcel.address) == ("paper", "box 1")
    assert parcel.payload == {"text": "hej"}


@pytest.mark.parametrize(
    ("channel", "address"), [("web", "box 1"), ("paper", None), ("web", None), ("fax", "box 1")]
)
def test_whoever_fetches_is_sent_nothing(
    dispatch: Dispatch, channel: str, address: str | None
) -> None:
    assert dispatch.parcels(CONVERSATION, channel, address, Rendered("hej", "da", "greet")) == ()


@pytest.mark.parametrize("url", ["https://guide.example", "https://guide.example/"])
def test_the_link_leads_to_the_conversation(url: str) -> None:
    dispatch = Dispatch({"paper": PAPER}, url)
    assert dispatch.link(CONVERSATION) == "https://guide.example/s/abc123"
    (parcel,) = dispatch.parcels(CONVERSATION, "paper", "box 1", PRIVATE)
    assert parcel.payload == {"text": "Se nettet.\nMere: https://guide.example/s/abc123"}


def test_without_a_code_there_is_no_link(dispatch: Dispatch) -> None:
    without = dataclasses.replace(CONVERSATION, link_code=None)
    assert dispatch.link(without) is None
    (parcel,) = dispatch.parcels(without, "paper", "box 1", PRIVATE)
    assert parcel.payload == {"text": "Se nettet."}


@pytest.mark.parametrize(
    ("reply", "despite"),
    [
        ("crisis_danger", True),
        ("crisis_violence", True),
        ("crisis_self_harm", True),
        ("crisis_child", True),
        ("stopped", True),
        ("started", False),
        ("greet", False),
        ("one_time_code", False),
        ("joined", False),
        ("slow_down", False),
        ("service_overview", False),
    ],
)
def test_after_stop_only_numbers_to_call_go_out(
    dispatch: Dispatch, reply: str, despite: bool
) -> None:
    (parcel,) = dispatch.parcels(CONVERSATION, "paper", "box 1", Rendered("ord", "da", reply))
    assert parcel.despite_stop is despite


def test_an_outlet_is_found_by_the_channels_name(dispatch: Dispatch) -> None:
    assert dispatch.outlet("paper") is PAPER
    assert dispatch.outlet("web") is None
