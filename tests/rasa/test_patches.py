"""The cached hot spots do exactly what they replace, only faster."""
# ruff: noqa: E402

from __future__ import annotations

import re
import sys
import timeit
from collections.abc import Iterator

assert sys.version_info < (3, 11)  # Rasa's Python; the gateway's type checker stops here

import pytest
import rasa
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core import events
from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses
from rasa.shared.utils.schemas.events import EVENT_SCHEMA

from bot import patches
from tests.rasa.conftest import ROOT

_resolve = Event.resolve_by_type
_validate = RemoteAction._validate_action_result
_ACTION = RemoteAction("action_answer", None)

EVENT_TYPES = sorted(cls.type_name for cls in all_subclasses(Event) if cls.type_name)
SCHEMA_TYPES = [kind["properties"]["event"]["const"] for kind in EVENT_SCHEMA["oneOf"]]
ANSWER = {
    "events": [{"event": "slot", "name": "area", "value": "2200", "timestamp": None}],
    "responses": [{"custom": {"reply": "service", "choices": ["human"]}, "text": None}],
}
PAYLOADS = {
    "an answer": ANSWER,
    "nothing": {},
    "empty lists": {"events": [], "responses": []},
    "more than asked for": {**ANSWER, "extra": [1, None]},
    "a slot set to nothing": {"events": [{"event": "slot", "name": "area", "value": None}]},
    "a slot without a value": {"events": [{"event": "slot", "name": "area"}]},
    "a slot without a name": {"events": [{"event": "slot", "value": 1}]},
    "a slot with a number for a name": {"events": [{"event": "slot", "name": 1, "value": 1}]},
    "an event without a type": {"events": [{"name": "area"}]},
    "an unknown event": {"events": [{"event": "teleport"}]},
    "an event that is text": {"events": ["slot"]},
    "a timestamp as text": {"events": [{"event": "restart", "timestamp": "now"}]},
    "metadata as a list": {"events": [{"event": "restart", "metadata": []}]},
    "entities without a value": {"events": [{"event": "entities", "entities": [{"entity": "a"}]}]},
    "entities": {"events": [{"event": "entities", "entities": [{"entity": "a", "value": 1}]}]},
    "an offset as text": {
        "events": [
            {"event": "entities", "entities": [{"entity": "a", "value": 1, "start": "0"}]},
        ]
    },
    "an action hidden by a text": {"events": [{"event": "action", "hide_rule_turn": "yes"}]},
    "one good, one bad": {"events": [*ANSWER["events"], {"event": "slot"}]},
    "events as an object": {"events": {}},
    "no events": {"events": None},
    "responses as text": {"responses": "hello"},
    "a response that is text": {"responses": ["hello"]},
    "a list": [],
    "a text": "hello",
    "null": None,
    **{f"only the type {name}": {"events": [{"event": name}]} for name in SCHEMA_TYPES},
}


@pytest.fixture(autouse=True)
def patched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Event, "resolve_by_type", staticmethod(_resolve))
    monkeypatch.setattr(RemoteAction, "_validate_action_result", _validate)
    monkeypatch.setattr(patches, "_event_types", {})
    patches.apply()
    yield
    monkeypatch.undo()


def test_rasa_is_the_version_that_was_measured() -> None:
    pinned = re.search(r'"rasa==([\d.]+)"', (ROOT / "bot" / "pyproject.toml").read_text())
    assert pinned is not None
    assert rasa.__version__ == patches.PINNED == pinned[1]


def test_another_version_stops_the_start_and_stays_as_it_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Event, "resolve_by_type", staticmethod(_resolve))
    monkeypatch.setattr(RemoteAction, "_validate_action_result", _validate)
    monkeypatch.setattr(rasa, "__version__", "3.6.22")
    with pytest.raises(RuntimeError, match=r"3\.6\.22"):
        patches.apply()
    assert Event.resolve_by_type is _resolve
    assert RemoteAction._validate_action_result is _validate


def test_both_are_in_place() -> None:
    assert Event.resolve_by_type is not _resolve
    assert RemoteAction._validate_action_result is not _validate


def test_there_are_event_types_to_compare() -> None:
    assert {"user", "bot", "action", "slot", "active_loop"} <= set(EVENT_TYPES)


@pytest.mark.parametrize("default", [None, events.SlotSet, events.Restarted], ids=str)
@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_event_type_is_the_same_class_at_first_and_from_memory(
    name: str, default: type[Event] | None
) -> None:
    expected = _resolve(name, default)
    assert expected is not None
    assert [Event.resolve_by_type(name, default) for _ in range(3)] == [expected] * 3


def test_an_old_event_type_is_nothing() -> None:
    assert _resolve("topic") is None
    assert Event.resolve_by_type("topic") is None
    assert Event.resolve_by_type("topic", events.SlotSet) is None


def test_an_unknown_type_is_the_default_of_that_call() -> None:
    assert Event.resolve_by_type("teleport", events.SlotSet) is events.SlotSet
    assert Event.resolve_by_type("teleport", events.Restarted) is events.Restarted


def test_an_unknown_type_without_a_default_is_an_error_every_time() -> None:
    Event.resolve_by_type("teleport", events.SlotSet)
    for _ in range(2):
        with pytest.raises(ValueError, match="teleport"):
            Event.resolve_by_type("teleport")


def test_a_class_that_comes_later_is_found() -> None:
    assert Event.resolve_by_type("late_comer", events.SlotSet) is events.SlotSet

    class LateComer(events.Restarted):
        type_name = "late_comer"

    assert Event.resolve_by_type("late_comer", events.SlotSet) is LateComer
    assert Event.resolve_by_type("late_comer") is LateComer


def test_events_come_back_from_their_json() -> None:
    said = [events.SlotSet("area", "2200"), events.ActiveLoop("area_form"), events.Restarted()]
    assert events.deserialise_events([event.as_dict() for event in said]) == said


def verdict(validate: object, payload: object) -> object:
    try:
        return validate(_ACTION, payload)
    except ValidationError as error:
        return type(error)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_an_answer_is_accepted_or_refused_as_before(payload: object) -> None:
    expected = verdict(_validate, payload)
    assert [verdict(RemoteAction._validate_action_result, payload) for _ in range(2)] == [
        expected,
        expected,
    ]


def test_the_payloads_are_of_both_kinds() -> None:
    verdicts = [verdict(_validate, payload) for payload in PAYLOADS.values()]
    assert verdicts.count(True) > 10
    assert verdicts.count(ValidationError) > 10


def test_checking_an_answer_is_at_least_five_times_faster() -> None:
    def seconds(validate: object) -> float:
        return min(timeit.repeat(lambda: validate(_ACTION, ANSWER), number=5, repeat=5))

    assert seconds(_validate) > 5 * seconds(RemoteAction._validate_action_result)


def test_finding_an_event_class_is_at_least_five_times_faster() -> None:
    def seconds(resolve: object) -> float:
        return min(timeit.repeat(lambda: resolve("slot"), number=200, repeat=5))

    assert seconds(_resolve) > 5 * seconds(Event.resolve_by_type)
