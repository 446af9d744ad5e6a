"""Every kind of event, and nothing that could stop the others."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import MalformedWebhook
from channels.intake import Event, ReadUntil
from channels.messenger.parse import parse
from conversations.delivery.port import DeliveryState, StatusReport
from conversations.reception import Received, Request
from tests.channels.messenger.conftest import PAGE, PSID
from tests.standins.meta_events import Events, encode

EVENTS = Events(PAGE, app_id=1517776481860111)
DELIVERY = "0123456789abcdef0123456789abcdef"


def read(*items: Any, page: str = PAGE) -> list[Event]:
    batch = {"object": "page", "entry": [{"id": page, "time": 1, "messaging": list(items)}]}
    return parse(encode(batch), PAGE)


def item(**content: Any) -> dict[str, Any]:
    return {
        "sender": {"id": PSID},
        "recipient": {"id": PAGE},
        "timestamp": 1_700_000_000_000,
        **content,
    }


def message(**content: Any) -> dict[str, Any]:
    return item(message={"mid": "m_1", **content})


def received(**content: Any) -> list[Received]:
    return [Received("messenger", PSID, "m_1", **content)]


PICTURE = {"type": "image", "payload": {"url": "https://example.dk/1"}}

MESSAGES: dict[str, tuple[dict[str, Any], list[Received]]] = {
    "text": (message(text="Hvad koster et pas? 🛂"), received(text="Hvad koster et pas? 🛂")),
    "empty": (message(text=""), received()),
    "stop": (message(text="STOP"), received(text="STOP")),
    "help": (message(text="hjælp"), received(text="hjælp")),
    "number": (message(text="2"), received(text="2")),
    "reply to another": (message(text="ja", reply_to={"mid": "m_0"}), received(text="ja")),
    "half a surrogate pair": (message(text="pas \ud83d"), received(text="pas \ufffd")),
    "quick reply": (
        message(text="Flytning", quick_reply={"payload": "service:flytning"}),
        received(choice="service:flytning", title="Flytning"),
    ),
    "quick reply, longest": (
        message(text="x", quick_reply={"payload": "x" * 80}),
        received(choice="x" * 80, title="x"),
    ),
    "quick reply, too long": (
        message(text="x", quick_reply={"payload": "x" * 81}),
        received(text="x"),
    ),
    "quick reply, not printable": (
        message(text="x", quick_reply={"payload": "a\x00b"}),
        received(text="x"),
    ),
    "quick reply, empty": (message(text="x", quick_reply={"payload": ""}), received(text="x")),
    "quick reply of Meta's": (message(text="x", quick_reply=None), received(text="x")),
    "picture": (message(attachments=[PICTURE]), received(attachments=True)),
    "picture with text": (
        message(text="mit pas", attachments=[PICTURE]),
        received(text="mit pas", attachments=True),
    ),
    "like": (
        message(sticker_id=369239263222822, attachments=[PICTURE]),
        received(attachments=True),
    ),
    "shared without payload": (
        message(attachments=[{"type": "fallback"}]),
        received(attachments=True),
    ),
    "location": (
        message(attachments=[{"type": "location", "payload": {"coordinates": {"lat": 55.6}}}]),
        received(attachments=True),
    ),
    "kept back by Meta": (message(is_unsupported=True), received(attachments=True)),
    "get started": (
        item(postback={"mid": "m_1", "payload": "get_started", "title": "Kom i gang"}),
        received(request=Request.welcome),
    ),
    "button": (
        item(postback={"mid": "m_1", "payload": "human", "title": "Et\nmenneske\x00 "}),
        received(choice="human", title="Et menneske"),
    ),
    "somebody else's button": (
        item(postback={"mid": "m_1", "payload": "{" * 200, "title": "Åbningstider"}),
        received(text="Åbningstider"),
    ),
}


@pytest.mark.parametrize(("event", "expected"), MESSAGES.values(), ids=MESSAGES)
def test_what_a_citizen_does(event: dict[str, Any], expected: list[Received]) -> None:
    assert read(event) == expected


def test_a_button_without_an_id_gets_one_that_stays() -> None:
    def tap(psid: str = PSID, at: int = 1, payload: str = "human") -> str:
        event = item(postback={"payload": payload, "title": "x"}, timestamp=at)
        (found,) = read({**event, "sender": {"id": psid}})
        assert isinstance(found, Received)
        return found.provider_message_id

    ids = [tap(), tap(at=2), tap(payload="service:pas-voksen"), tap(psid="7"), tap(at=12)]
    assert tap() == ids[0]
    assert len(set(ids)) == len(ids)
    assert max(map(len, ids)) <= 200


def test_our_own_echo_tells_that_it_was_sent() -> None:
    (report,) = read(EVENTS.echo(PSID, "Hej", mid="m_1", metadata=DELIVERY))
    assert report == StatusReport(
        "messenger", DeliveryState.sent, "echo", delivery_id=DELIVERY, provider_id="m_1"
    )


@pytest.mark.parametrize("metadata", [None, "", "campaign", DELIVERY.upper(), DELIVERY + "\n"])
def test_what_others_write_on_the_page_is_nothing(metadata: str | None) -> None:
    assert read(EVENTS.echo(PSID, "Hej", metadata=metadata, app_id=7)) == []


def test_deliveries_are_reported_one_by_one() -> None:
    assert read(EVENTS.delivery(PSID, ["m_1", "m_2"])) == [
        StatusReport("messenger", DeliveryState.delivered, "delivered", provider_id=mid)
        for mid in ("m_1", "m_2")
    ]


@pytest.mark.parametrize("mids", [None, []])
def test_a_delivery_without_ids_is_nothing(mids: list[str] | None) -> None:
    assert read(EVENTS.delivery(PSID, mids)) == []


def test_reading_has_a_moment() -> None:
    moment = dt.datetime(2026, 3, 1, 12, 30, 0, 500_000, tzinfo=dt.UTC)
    watermark = int(moment.timestamp() * 1000)
    assert read(EVENTS.read(PSID, watermark)) == [ReadUntil("messenger", PSID, moment)]


@pytest.mark.parametrize(
    "event",
    [
        message(text="x", is_deleted=True),
        message(is_deleted=True),
        message(),
        item(reaction={"mid": "m_1", "action": "react", "emoji": "❤"}),
        item(referral={"ref": "x"}),
        item(optin={"type": "notification_messages"}),
        item(account_linking={"status": "linked"}),
        item(message_edit={"mid": "m_1", "text": "x", "num_edit": 1}),
        item(pass_thread_control={"new_owner_app_id": "1"}),
        item(something_new={"text": "x"}),
        item(),
        {},
        {**message(text="x"), "sender": {"id": PAGE}},
    ],
)
def test_what_says_nothing_to_the_guide_is_left_out(event: dict[str, Any]) -> None:
    assert read(event, message(text="næste")) == received(text="næste")


MALFORMED: list[Any] = [
    None,
    7,
    "x",
    [],
    item(message=None),
    item(message="x"),
    item(message={"text": "no id"}),
    message(text=7),
    message(text=["x"]),
    message(text="x", quick_reply="x"),
    message(attachments={"type": "image"}),
    message(is_echo="perhaps"),
    item(message={"mid": "m 1", "text": "x"}),
    item(message={"mid": "m_" + "x" * 200, "text": "x"}),
    item(message={"mid": "m_\ud83d", "text": "x"}),
    {**message(text="x"), "sender": None},
    {**message(text="x"), "sender": {"id": 7}},
    {**message(text="x"), "sender": {"id": ""}},
    {**message(text="x"), "sender": {"id": "7" * 81}},
    {**message(text="x"), "sender": {"user_ref": "x"}},
    item(postback=[]),
    item(delivery={"mids": "m_1"}),
    item(delivery={"mids": [None]}),
    item(read={}),
    item(read={"watermark": -1}),
    item(read={"watermark": 10**400}),
    item(read={"watermark": float("inf")}),
    item(read={"watermark": float("nan")}),
]


@pytest.mark.parametrize("event", MALFORMED)
def test_a_malformed_event_does_not_take_its_neighbours_along(event: Any) -> None:
    around = [message(text="før"), message(text="efter")]
    assert read(around[0], event, around[1]) == received(text="før") + received(text="efter")


def test_an_event_is_read_whatever_else_is_wrong_in_it() -> None:
    event = {**message(text="x"), "recipient": 7, "timestamp": "now", "read": [], "prior": {}}
    assert read(event) == received(text="x")


def test_entries_are_read_in_order() -> None:
    entries = [
        {"id": PAGE, "messaging": [message(text="1"), message(text="2")]},
        "x",
        {"id": "999", "messaging": [message(text="another page's")]},
        {"id": PAGE, "standby": [message(text="for another app")]},
        {"id": PAGE, "changes": [{"field": "feed"}]},
        {"id": PAGE, "messaging": "x"},
        {"id": PAGE, "messaging": [message(text="3")]},
    ]
    events = parse(encode({"object": "page", "entry": entries}), PAGE)
    assert [event.text for event in events if isinstance(event, Received)] == ["1", "2", "3"]
    assert len(events) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"\xff\xfe\x00",
        b"{",
        b"[]",
        b"7",
        b"null",
        b"[" * 100_000,
        b'{"object":"page","entry":' + b"9" * 5000 + b"}",
        b'{"object":"page"}',
        b'{"object":"page","entry":{}}',
        b'{"object":"instagram","entry":[]}',
        b'{"entry":[]}',
    ],
    ids=lambda body: repr(body[:40]),
)
def test_what_is_no_batch_of_a_page_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedWebhook):
        parse(body, PAGE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["sender", "message", "postback", "delivery", "read", "id", "mid", "mids", "text", "payload",
     "quick_reply", "attachments", "is_echo", "metadata", "watermark", "title", "timestamp"]
)  # fmt: skip
LIKELY = st.recursive(
    JSON | st.sampled_from([PSID, PAGE, "m_1", DELIVERY]),
    lambda inner: st.dictionaries(NAMES, inner, max_size=5) | st.lists(inner, max_size=3),
    max_leaves=20,
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=150, deadline=None)
def test_no_body_raises_anything_else(body: bytes) -> None:
    with contextlib.suppress(MalformedWebhook):
        parse(body, PAGE)


@given(st.lists(LIKELY | st.dictionaries(NAMES, LIKELY), max_size=4))
@settings(max_examples=200, deadline=None)
def test_no_event_raises_or_hides_the_last(items: list[Any]) -> None:
    events = read(*items, message(text="sidst"))
    assert events[-1:] == received(text="sidst")


def test_nothing_of_a_citizen_is_logged() -> None:
    with structlog.testing.capture_logs() as logs:
        read(message(text=["hemmeligt"]), item(reaction={"emoji": "hemmeligt"}), item(hemmeligt=1))
    assert len(logs) == 3
    assert all(entry["channel"] == "messenger" for entry in logs)
    assert "hemmeligt" not in str(logs)
    assert PSID not in str(logs)
