from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.standins.conftest import ACCOUNT, CITIZEN, NUMBER, Guide, payload, shape
from tests.standins.twilio import Callbacks, TwilioStandIn
from tests.standins.twilio_messages import Message, SentSms, matches, signature

SERVICE = "MG0123456789abcdef0123456789abcdef"


class Redirected:
    """Twilio's own HTTP client, with every call turned to the stand-in."""

    def __init__(self, base: str) -> None:
        self.http = TwilioHttpClient(timeout=5)
        self.base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        here = urlsplit(url)._replace(scheme=self.base.scheme, netloc=self.base.netloc)
        return self.http.request(method, urlunsplit(here), *args, **kwargs)


@pytest.fixture
def client(twilio: TwilioStandIn) -> Iterator[Any]:
    http = Redirected(twilio.url)
    yield Client(ACCOUNT, "token", http_client=http)
    http.http.session.close()


def create(client: Any, body: str = "Hej", to: str = CITIZEN, **more: Any) -> Any:
    return client.messages.create(to=to, from_=NUMBER, body=body, **more)


def post(twilio: TwilioStandIn, **form: str) -> httpx.Response:
    return httpx.post(
        f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        data={"To": CITIZEN, "From": NUMBER, "Body": "Hej", **form},
        auth=(ACCOUNT, "token"),
    )


# The API, through Twilio's own client.


def test_twilios_client_reads_what_it_sent(twilio: TwilioStandIn, client: Any) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    message = create(client, "Din tid er i morgen 🙂", status_callback=None)
    assert message.status == "queued"
    assert message.sid.startswith("SM")
    assert len(message.sid) == 34
    assert before < message.date_created <= datetime.now(UTC)
    assert message.error_code is None
    (sent,) = twilio.sent
    assert (sent.sid, sent.to, sent.body) == (message.sid, CITIZEN, "Din tid er i morgen 🙂")
    twilio.wait_for(lambda _: client.messages(message.sid).fetch().status == "delivered")


def test_the_list_is_newest_first_and_pages_do_not_overlap(client: Any) -> None:
    for number in range(5):
        create(client, str(number))
    assert [each.body for each in client.messages.list(page_size=2)] == list("43210")


def test_a_page_goes_on_where_it_ended_although_more_was_sent(client: Any) -> None:
    for number in range(4):
        create(client, str(number))
    first = client.messages.page(page_size=2)
    assert [each.body for each in first] == ["3", "2"]
    create(client, "4")
    second = first.next_page()
    assert [each.body for each in second] == ["1", "0"]
    assert second.next_page() is None


def test_the_list_can_be_asked_for_a_citizen_and_a_time(client: Any) -> None:
    create(client, "mine")
    create(client, "another's", to="+4520999999")
    now = datetime.now(UTC)
    recent = now - timedelta(minutes=1)

    def bodies(**filters: Any) -> list[str]:
        return [each.body for each in client.messages.list(**filters)]

    assert bodies(to=CITIZEN) == ["mine"]
    assert bodies(to=CITIZEN, from_=NUMBER, date_sent_after=recent) == ["mine"]
    assert bodies(date_sent_after=now + timedelta(minutes=1)) == []
    assert bodies(date_sent_before=recent) == []
    assert bodies(from_="+4511111111") == []


SENT_AT = datetime(2026, 3, 16, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"DateSent": "2026-03-16"}, True),
        ({"DateSent": "2026-03-15"}, False),
        ({"DateSent<": "2026-03-16"}, True),
        ({"DateSent<": "2026-03-15"}, False),
        ({"DateSent>": "2026-03-16"}, True),
        ({"DateSent>": "2026-03-17"}, False),
        ({"DateSent>": "2026-03-16T12:00:00Z"}, True),
        ({"DateSent>": "2026-03-16T12:00:01Z"}, False),
        ({"DateSent<": "2026-03-16T12:00:00Z"}, True),
        ({"DateSent<": "2026-03-16T11:59:59Z"}, False),
    ],
)
def test_bounds_of_a_list_count_themselves_in(query: dict[str, str], found: bool) -> None:
    sent = SentSms("SM1", CITIZEN, NUMBER, "Hej", "", None, SENT_AT)
    assert matches(Message(sent, "queued", SENT_AT), query) is found


def test_an_inequality_may_stand_in_the_url_as_the_guide_to_the_api_writes_it(
    twilio: TwilioStandIn, client: Any
) -> None:
    create(client)
    url = f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    listed = httpx.get(f"{url}?DateSent>={today}", auth=(ACCOUNT, "token")).json()
    assert len(listed["messages"]) == 1


def test_a_list_may_lag_behind(twilio: TwilioStandIn, client: Any) -> None:
    twilio.list_lag = 0.2
    sid = create(client).sid
    assert client.messages.list() == []
    assert client.messages(sid).fetch().sid == sid
    twilio.list_lag = 0
    assert len(client.messages.list()) == 1


def test_the_wrong_token_is_told_apart(twilio: TwilioStandIn) -> None:
    client = Client(ACCOUNT, "wrong", http_client=Redirected(twilio.url))
    with pytest.raises(TwilioRestException) as refused:
        create(client)
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert twilio.sent == []


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": "20123456"}, 21211),
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"From": "+4511111111"}, 21606),
        ({"MessagingServiceSid": SERVICE}, 21606),
        ({"Body": ""}, 21602),
        ({"Body": "a" * 1601}, 21617),
        ({"StatusCallback": "guide/status"}, 21609),
        ({"To": "+4520999999"}, 21610),
    ],
)
def test_what_twilio_refuses(twilio: TwilioStandIn, form: dict[str, str], code: int) -> None:
    twilio.opted_out.add("+4520999999")
    answer = post(twilio, **form)
    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert shape(answer.json()) == shape(payload("twilio_error"))
    assert twilio.sent == []
    assert twilio.requests[str(code)] == 1


def test_an_unknown_message_is_not_found(client: Any) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.messages("SM" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_the_answer_has_the_documented_shape(twilio: TwilioStandIn) -> None:
    answer = post(twilio)
    assert answer.status_code == 201
    assert shape(answer.json()) == shape(payload("twilio_message"))


def test_a_messaging_service_chooses_the_sender_later(guide: Guide) -> None:
    with TwilioStandIn(ACCOUNT, "token", NUMBER, messaging_service_sid=SERVICE) as twilio:
        answer = post(
            twilio, From="", MessagingServiceSid=SERVICE, StatusCallback=f"{guide.url}/status"
        ).json()
        assert (answer["status"], answer["from"], answer["num_segments"]) == ("accepted", None, "0")
        told = guide.wait_for(2)[-1].form
        assert (told["From"], told["MessagingServiceSid"]) == (NUMBER, SERVICE)


# Status callbacks.


def test_callbacks_are_signed_and_come_in_order(
    twilio: TwilioStandIn, guide: Guide, client: Any
) -> None:
    sid = create(client, status_callback=f"{guide.url}/status").sid
    first, second = guide.wait_for(2)
    assert [each.form["MessageStatus"] for each in (first, second)] == ["sent", "delivered"]
    for told in (first, second):
        assert told.form["MessageSid"] == told.form["SmsSid"] == sid
        valid = RequestValidator("token").validate(
            f"{guide.url}/status", told.form, told.headers["x-twilio-signature"]
        )
        assert valid
    twilio.wait_for(lambda _: len(twilio.callbacks) == 2)


def test_a_failure_carries_its_code(twilio: TwilioStandIn, guide: Guide, client: Any) -> None:
    twilio.plan = lambda _: Callbacks(("undelivered",), error_code=30003)
    sid = create(client, status_callback=f"{guide.url}/status").sid
    (told,) = guide.wait_for(1)
    assert shape(told.form) == shape(payload("twilio_status"))
    assert told.form["ErrorCode"] == "30003"
    assert client.messages(sid).fetch().error_code == 30003


def test_callbacks_may_be_repeated_and_in_any_order(
    twilio: TwilioStandIn, guide: Guide, client: Any
) -> None:
    twilio.plan = lambda sent: (
        Callbacks(("delivered", "sent"), copies=2)
        if sent.body == "twice"
        else Callbacks(("queued", "sending", "sent", "delivered"), shuffle=random.Random(1))
    )
    sid = create(client, "twice", status_callback=f"{guide.url}/status").sid
    told = [each.form["MessageStatus"] for each in guide.wait_for(4)]
    assert told == ["delivered", "delivered", "sent", "sent"]
    assert client.messages(sid).fetch().status == "delivered"

    create(client, "shuffled", status_callback=f"{guide.url}/status")
    told = [each.form["MessageStatus"] for each in guide.wait_for(8)[4:]]
    assert sorted(told) == ["delivered", "queued", "sending", "sent"]
    assert told != ["queued", "sending", "sent", "delivered"]


def test_a_callback_may_come_before_the_answer(
    twilio: TwilioStandIn, guide: Guide, client: Any
) -> None:
    twilio.plan = lambda _: Callbacks(before_answer=True)
    sid = create(client, status_callback=f"{guide.url}/status").sid
    assert [each.form["MessageSid"] for each in guide.sent] == [sid, sid]


@pytest.mark.parametrize(("deadline", "arrives"), [(0.0, False), (5.0, True)])
def test_a_callback_is_repeated_only_if_asked(
    twilio: TwilioStandIn, guide: Guide, client: Any, deadline: float, arrives: bool
) -> None:
    twilio.callback_deadline = deadline
    twilio.plan = lambda _: Callbacks(("sent",))
    guide.statuses.append(500)
    create(client, status_callback=f"{guide.url}/status")
    twilio.wait_for(lambda _: len(twilio.callbacks) == 1)
    assert (twilio.callbacks[0].answer is not None) is arrives
    assert len(guide.sent) == (2 if arrives else 1)


# Citizens.


def test_a_citizens_message_is_the_documented_form_and_signed(
    twilio: TwilioStandIn, guide: Guide
) -> None:
    assert twilio.text(CITIZEN, "Må jeg grille på altanen? 🙂", media=1).status_code == 204
    (heard,) = guide.sent
    assert shape(heard.form) == shape(payload("twilio_inbound"))
    assert heard.form["Body"] == "Må jeg grille på altanen? 🙂"
    header = heard.headers["x-twilio-signature"]
    validator = RequestValidator("token")
    assert validator.validate(twilio.webhook, heard.form, header)
    assert not validator.validate(twilio.webhook, {**heard.form, "Body": "andet"}, header)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"b": "2", "a": "1"},
        {"Body": "æøå 🙂 & = +", "From": CITIZEN, "Empty": ""},
        {"aB": "1", "AB": "2", "Ab": "3"},
    ],
)
def test_the_signature_is_twilios(form: dict[str, str]) -> None:
    url = "https://guide.example/sms?a=b&c=%20d"
    assert signature("token", url, form) == RequestValidator("token").compute_signature(url, form)


def test_extra_fields_are_signed_too_and_a_sid_can_be_given(
    twilio: TwilioStandIn, guide: Guide
) -> None:
    sid = "SM" + "1" * 32
    twilio.text(CITIZEN, "Hej", sid=sid, extra={"ChannelMetadata": "{}"})
    (heard,) = guide.sent
    assert heard.form["MessageSid"] == heard.form["SmsMessageSid"] == sid
    assert heard.form["ChannelMetadata"] == "{}"
    header = heard.headers["x-twilio-signature"]
    assert RequestValidator("token").validate(twilio.webhook, heard.form, header)


def test_another_url_and_a_forged_signature(twilio: TwilioStandIn, guide: Guide) -> None:
    twilio.text(CITIZEN, "Hej", signed_url="https://guide.example/sms")
    twilio.post(twilio.form(CITIZEN, "Hej"), forged="AAAA")
    proxied, forged = guide.sent
    header = proxied.headers["x-twilio-signature"]
    assert RequestValidator("token").validate("https://guide.example/sms", proxied.form, header)
    assert forged.headers["x-twilio-signature"] == "AAAA"


def test_behind_a_proxy_the_public_url_is_signed(
    twilio: TwilioStandIn, guide: Guide, client: Any
) -> None:
    twilio.behind_proxy("https://guide.example", guide.url)
    twilio.webhook = "https://guide.example/sms"
    twilio.text(CITIZEN, "Hej")
    create(client, status_callback="https://guide.example/status")
    for heard in guide.wait_for(3):
        assert heard.headers["host"] == "guide.example"
        assert heard.headers["x-forwarded-proto"] == "https"
        public = f"https://guide.example{heard.path}"
        header = heard.headers["x-twilio-signature"]
        assert RequestValidator("token").validate(public, heard.form, header)


def test_stop_and_start(twilio: TwilioStandIn, guide: Guide, client: Any) -> None:
    twilio.text(CITIZEN, " stop ")
    with pytest.raises(TwilioRestException) as refused:
        create(client)
    assert refused.value.code == 21610
    twilio.text(CITIZEN, "START")
    assert create(client).status == "queued"
    assert "OptOutType" not in guide.sent[0].form
    twilio.messaging_service_sid = SERVICE
    twilio.text(CITIZEN, "Stop")
    assert guide.sent[-1].form["OptOutType"] == "STOP"
