"""From a form to an event."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import MalformedWebhook, Webhook
from channels.intake import Event
from channels.sms.keywords import Keyword
from channels.sms.parse import parse
from channels.sms.routes import INBOUND_PATH, STATUS_PATH
from conversations.delivery.port import DeliveryState, StatusReport
from conversations.reception import Received, Request
from tests.channels.sms.webhooks import CITIZEN, DELIVERY, message, signed, status, status_path


def events(form: dict[str, str], path: str = INBOUND_PATH) -> list[Event]:
    return list(parse(signed(form, path), "sms", STATUS_PATH))


def received(form: dict[str, str]) -> Received:
    (event,) = events(form)
    assert isinstance(event, Received)
    return event


def report(form: dict[str, str], path: str | None = None) -> StatusReport:
    (event,) = events(form, path or status_path())
    assert isinstance(event, StatusReport)
    return event


def test_a_message() -> None:
    form = message("Hvordan får jeg nyt pas? 🙂\n+ & = %")
    assert received(form) == Received(
        channel="sms",
        address=CITIZEN,
        provider_message_id=form["MessageSid"],
        text="Hvordan får jeg nyt pas? 🙂\n+ & = %",
    )


def test_a_query_on_the_address_changes_nothing() -> None:
    assert len(events(message(), f"{INBOUND_PATH}?delivery={DELIVERY}")) == 1


@pytest.mark.parametrize(("media", "text"), [(1, ""), (10, "se her"), (0, "")])
def test_pictures(media: int, text: str) -> None:
    event = received(message(text, media=media))
    assert (event.text, event.attachments) == (text, media > 0)


def test_without_a_count_there_are_no_pictures() -> None:
    form = message("Hej")
    del form["NumMedia"]
    assert not received(form).attachments


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("STOP", Request.stop),
        ("Stop tak!", Request.stop),
        ("start", Request.start),
        ("HJÆLP", Request.help),
        ("help", Request.help),
        ("Hvornår stopper min ydelse?", None),
        ("2", None),
        ("ja", None),
        ("", None),
    ],
)
def test_words_about_the_channel(text: str, request_: Request | None) -> None:
    event = received(message(text))
    assert (event.request, event.answered, event.text) == (request_, False, text)


def test_every_keyword_is_a_request() -> None:
    assert {item.value for item in Keyword} <= {item.value for item in Request}


@pytest.mark.parametrize(
    ("text", "kind", "request_"),
    [
        ("STOP", "STOP", Request.stop),
        ("Cancel", "STOP", Request.stop),  # a word of Twilio's that is none of ours
        ("yes", "START", Request.start),
        ("HELP", "HELP", Request.help),
    ],
)
def test_what_twilio_has_answered_is_marked(text: str, kind: str, request_: Request) -> None:
    event = received(message(text, OptOutType=kind))
    assert (event.request, event.answered) == (request_, True)


def test_an_unknown_kind_of_opting_out_is_read_as_its_text() -> None:
    event = received(message("STOP", OptOutType="PAUSE"))
    assert (event.request, event.answered) == (Request.stop, False)


@pytest.mark.parametrize(
    "sender",
    [
        "whatsapp:+4520123478",
        "messenger:1234567890",
        "rcs:+4520123478",
        "BORGER.DK",
        "1231",
        "+112",
        "4520123478",
        "",
        "+" + "9" * 400,
    ],
)
def test_who_cannot_be_answered_is_no_event(sender: str) -> None:
    assert events(message(from_=sender)) == []


@pytest.mark.parametrize("sid", ["", " ", "S M", "x" * 65, "æ", "SM1\n"])
@pytest.mark.parametrize("form", [message(), status("sent")])
def test_without_an_id_it_is_malformed(form: dict[str, str], sid: str) -> None:
    for path in (INBOUND_PATH, status_path()):
        with pytest.raises(MalformedWebhook):
            events({**form, "MessageSid": sid}, path)


TWILIOS = {
    "accepted": DeliveryState.sent,
    "scheduled": DeliveryState.sent,
    "queued": DeliveryState.sent,
    "sending": DeliveryState.sent,
    "sent": DeliveryState.sent,
    "receiving": DeliveryState.sent,
    "partially_delivered": DeliveryState.sent,
    "delivered": DeliveryState.delivered,
    "received": DeliveryState.delivered,
    "read": DeliveryState.read,
    "failed": DeliveryState.failed,
    "undelivered": DeliveryState.failed,
    "canceled": DeliveryState.failed,
}


@pytest.mark.parametrize(("value", "state"), TWILIOS.items())
def test_every_status_of_twilios(value: str, state: DeliveryState) -> None:
    form = status(value)
    assert report(form) == StatusReport(
        channel="sms",
        state=state,
        status=value,
        delivery_id=DELIVERY,
        provider_id=form["MessageSid"],
    )


def test_there_are_thirteen() -> None:
    assert len(TWILIOS) == 13


@pytest.mark.parametrize("value", ["", "SENT", "lost", "delivered "])
def test_an_unknown_status_is_no_event(value: str) -> None:
    assert events(status(value), status_path()) == []


@pytest.mark.parametrize(
    ("code", "error", "stopped"),
    [
        ("30003", "30003", False),
        ("21610", "21610", True),
        ("", None, False),
        ("0", None, False),
        ("none", None, False),
        ("1" * 300, None, False),
    ],
)
def test_error_codes(code: str, error: str | None, stopped: bool) -> None:
    event = report(status("undelivered", ErrorCode=code))
    assert (event.state, event.error, event.stopped) == (DeliveryState.failed, error, stopped)


@pytest.mark.parametrize(
    ("query", "delivery"),
    [
        (f"?delivery={DELIVERY}", DELIVERY),
        (f"?x=1&delivery={DELIVERY}&y", DELIVERY),
        (f"?delivery={DELIVERY.upper()}", None),
        (f"?delivery={DELIVERY}0", None),
        (f"?delivery={DELIVERY}%0A", None),
        ("?delivery=", None),
        ("?delivery=%FF", None),
        ("?", None),
        ("", None),
    ],
)
def test_our_own_id_comes_in_the_query(query: str, delivery: str | None) -> None:
    form = status("sent")
    event = report(form, STATUS_PATH + query)
    assert (event.delivery_id, event.provider_id) == (delivery, form["MessageSid"])


fields = st.sampled_from(
    ["MessageSid", "From", "Body", "NumMedia", "OptOutType", "MessageStatus", "ErrorCode", "X"]
)
values = st.one_of(
    st.text(), st.sampled_from(["SM1", CITIZEN, "STOP", "sent", "21610", "0", "+45", "٣"])
)


@given(
    body=st.one_of(
        st.binary(),
        st.lists(st.tuples(fields, values)).map(
            lambda pairs: urlencode(pairs, errors="surrogatepass").encode()
        ),
    ),
    path=st.sampled_from([INBOUND_PATH, STATUS_PATH]),
    query=st.one_of(st.just(""), st.text().map(lambda text: f"?delivery={text}")),
)
def test_whatever_comes_is_read_or_malformed(body: bytes, path: str, query: str) -> None:
    try:
        found = parse(Webhook(path + query, {}, body), "sms", STATUS_PATH)
    except MalformedWebhook:
        return
    for event in found:
        assert isinstance(event, Received if path == INBOUND_PATH else StatusReport)
