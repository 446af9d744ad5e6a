"""Sending through Twilio's SDK to a Twilio of our own."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import re
import socket
from collections.abc import AsyncIterator, Iterator
from email.utils import format_datetime

import httpx
import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.sms import transport
from channels.sms.client import TwilioClient
from channels.sms.transport import failure, retry_after
from conversations.delivery.port import (
    DeliveryFailure,
    Outgoing,
    Rejected,
    Stopped,
    TryLater,
    Unclear,
)
from tests.channels.sms.webhooks import ACCOUNT, CITIZEN, DELIVERY, NUMBER, TOKEN, account
from tests.standins.faults import Fault
from tests.standins.server import StandIn
from tests.standins.twilio import Callbacks, TwilioStandIn

SERVICE = "MG0123456789abcdef0123456789abcdef"


@pytest.fixture
def twilio() -> Iterator[TwilioStandIn]:
    with TwilioStandIn(ACCOUNT, TOKEN, NUMBER, messaging_service_sid=SERVICE) as twilio:
        twilio.plan = lambda _: Callbacks(statuses=())
        yield twilio


@pytest.fixture
async def client(twilio: TwilioStandIn) -> AsyncIterator[TwilioClient]:
    client = TwilioClient(account(api_url=twilio.url), "https://guide.example.dk/status")
    yield client
    await client.close()


def outgoing(body: str = "Hej", *, to: str = CITIZEN, **more: object) -> Outgoing:
    given: dict[str, object] = {
        "id": DELIVERY,
        "channel": "sms",
        "address": to,
        "payload": {"body": body},
        "author": None,
        "attempt": 1,
        "maybe_sent": False,
        "first_tried": dt.datetime.now(tz=dt.UTC),
        "heard_at": None,
    }
    return Outgoing(**{**given, **more})  # type: ignore[arg-type]


# Sending.


async def test_a_message_leaves(twilio: TwilioStandIn, client: TwilioClient) -> None:
    sid = await client.send(outgoing("Æblegrød & 100 % + مرحبا 🙂\n2. Nyt pas"))
    (sent,) = twilio.sent
    assert (sent.sid, sent.to, sent.from_) == (sid, CITIZEN, NUMBER)
    assert sent.body == "Æblegrød & 100 % + مرحبا 🙂\n2. Nyt pas"
    assert sent.messaging_service_sid is None
    assert sent.status_callback == f"https://guide.example.dk/status?delivery={DELIVERY}"


async def test_a_messaging_service_sends(twilio: TwilioStandIn) -> None:
    settings = account(api_url=twilio.url, sender=SERVICE)
    client = TwilioClient(settings, "https://guide.example.dk/status")
    await client.send(outgoing())
    await client.close()
    assert twilio.sent[0].messaging_service_sid == SERVICE


async def test_the_environment_does_not_turn_it_elsewhere(
    twilio: TwilioStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    client = TwilioClient(account(api_url=twilio.url), "https://guide.example.dk/status")
    assert await client.send(outgoing())
    await client.close()


@pytest.mark.parametrize(
    ("fault", "failed", "taken"),
    [
        (Fault.server_error, Unclear, 0),
        (Fault.error_after, Unclear, 1),
        (Fault.reset_before, Unclear, 0),
        (Fault.reset_after, Unclear, 1),
        (Fault.throttled, TryLater, 0),
    ],
)
async def test_faults(
    twilio: TwilioStandIn,
    client: TwilioClient,
    fault: Fault,
    failed: type[DeliveryFailure],
    taken: int,
) -> None:
    twilio.faults.extend([fault])
    with pytest.raises(DeliveryFailure) as raised:
        await client.send(outgoing())
    assert type(raised.value) is failed
    assert len(twilio.sent) == taken
    assert await client.send(outgoing())


async def test_a_throttling_twilio_says_for_how_long(
    twilio: TwilioStandIn, client: TwilioClient
) -> None:
    twilio.retry_after = 17
    twilio.faults.extend([Fault.throttled])
    with pytest.raises(TryLater) as raised:
        await client.send(outgoing())
    assert raised.value.after == 17


@pytest.mark.parametrize("fault", [Fault.timeout_before, Fault.timeout_after, Fault.slow])
async def test_no_answer_in_time_is_unclear(
    twilio: TwilioStandIn, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr(transport, "TOTAL_SECONDS", 0.3)
    client = TwilioClient(account(api_url=twilio.url), "https://guide.example.dk/status")
    twilio.slow_seconds = 2
    twilio.faults.extend([fault])
    with pytest.raises(Unclear):
        await client.send(outgoing())
    await client.close()


async def test_a_trickle_does_not_last_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TOTAL_SECONDS", 0.3)

    async def trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(b"HTTP/1.1 201 Created\r\n\r\n")
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)

    async with await asyncio.start_server(trickle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = TwilioClient(account(api_url=f"http://127.0.0.1:{port}"), "https://x.example")
        async with asyncio.timeout(5):
            with pytest.raises(Unclear):
                await client.send(outgoing())
        await client.close()


async def test_nobody_there_is_for_later(twilio: TwilioStandIn, client: TwilioClient) -> None:
    twilio.stop()
    with pytest.raises(TryLater):
        await client.send(outgoing())
    twilio.start()
    assert await client.send(outgoing())


async def test_a_connection_that_never_opens_is_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.2)
    with socket.socket() as full:
        # A queue of one that nobody takes from: whoever comes next waits at the door.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        inside = [socket.socket() for _ in range(3)]
        for each in inside:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        client = TwilioClient(account(api_url=f"http://127.0.0.1:{port}"), "https://x.example")
        with pytest.raises(TryLater):
            await client.send(outgoing())
        await client.close()
        for each in inside:
            each.close()


async def test_who_wrote_stop_gets_nothing(twilio: TwilioStandIn, client: TwilioClient) -> None:
    twilio.opted_out.add(CITIZEN)
    with pytest.raises(Stopped, match=r"^21610: "):
        await client.send(outgoing())


@pytest.mark.parametrize(
    ("message", "code"),
    [(outgoing(to="+99"), 21211), (outgoing("x" * 1601), 21617), (outgoing(""), 21602)],
)
async def test_what_twilio_does_not_take_is_rejected(
    client: TwilioClient, message: Outgoing, code: int
) -> None:
    with pytest.raises(Rejected, match=f"^{code}: ") as raised:
        await client.send(message)
    assert not isinstance(raised.value, Stopped)


async def test_a_wrong_token_is_rejected_and_not_told(twilio: TwilioStandIn) -> None:
    settings = account(api_url=twilio.url, auth_token=SecretStr("wrong-token"))
    client = TwilioClient(settings, "https://guide.example.dk/status")
    with pytest.raises(Rejected, match=r"^20003: ") as raised:
        await client.send(outgoing())
    await client.close()
    assert "wrong-token" not in str(raised.value)


# Finding what may have been sent.


async def test_what_got_through_is_found(twilio: TwilioStandIn, client: TwilioClient) -> None:
    message = outgoing("Hvor er du?")
    twilio.faults.extend([Fault.reset_after])
    with pytest.raises(Unclear):
        await client.send(message)
    assert await client.find(message) == twilio.sent[0].sid


async def test_what_did_not_get_through_is_not(twilio: TwilioStandIn, client: TwilioClient) -> None:
    message = outgoing("Hvor er du?")
    twilio.faults.extend([Fault.reset_before])
    with pytest.raises(Unclear):
        await client.send(message)
    assert await client.find(message) is None


async def test_others_messages_are_not_ours(twilio: TwilioStandIn, client: TwilioClient) -> None:
    await client.send(outgoing("Noget andet"))
    await client.send(outgoing("Hej", to="+4520999999"))
    assert await client.find(outgoing("Hej")) is None


async def test_one_that_another_delivery_accounts_for_is_not_ours(
    twilio: TwilioStandIn, client: TwilioClient
) -> None:
    first = await client.send(outgoing("Hej"))
    assert await client.find(outgoing("Hej", known=frozenset({first}))) is None
    second = await client.send(outgoing("Hej"))
    assert await client.find(outgoing("Hej", known=frozenset({first}))) == second
    assert await client.find(outgoing("Hej", known=frozenset({second}))) == first


async def test_of_several_it_is_the_oldest(twilio: TwilioStandIn, client: TwilioClient) -> None:
    sids = [await client.send(outgoing("Hej")) for _ in range(3)]
    assert await client.find(outgoing("Hej")) == sids[0]


@pytest.mark.parametrize(("seconds", "found"), [(-3600, True), (45, True), (75, False)])
async def test_clocks_may_differ_by_a_minute(
    client: TwilioClient, seconds: int, found: bool
) -> None:
    sid = await client.send(outgoing("Hej"))
    tried = dt.datetime.now(tz=dt.UTC) + dt.timedelta(seconds=seconds)
    assert await client.find(outgoing("Hej", first_tried=tried)) == (sid if found else None)


async def test_one_that_waits_at_a_messaging_service_is_found(twilio: TwilioStandIn) -> None:
    settings = account(api_url=twilio.url, sender=SERVICE)
    client = TwilioClient(settings, "https://guide.example.dk/status")
    sid = await client.send(outgoing("Hej"))
    assert await client.find(outgoing("Hej")) == sid
    await client.close()


async def test_it_may_stand_on_a_later_page(
    twilio: TwilioStandIn, client: TwilioClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.sms.client._PAGE", 2)
    sids = [await client.send(outgoing(f"Nr. {n}")) for n in range(7)]
    assert await client.find(outgoing("Nr. 0")) == sids[0]
    assert twilio.requests["listed"] == 4
    # No end of new ones: nobody can say, and that is not the same as no.
    for n in range(7, 12):
        await client.send(outgoing(f"Nr. {n}"))
    with pytest.raises(Unclear):
        await client.find(outgoing("Nr. 0"))


async def test_old_messages_are_not_looked_through(
    twilio: TwilioStandIn, client: TwilioClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.sms.client._PAGE", 2)
    for n in range(7):
        await client.send(outgoing(f"Nr. {n}"))
    later = dt.datetime.now(tz=dt.UTC) + dt.timedelta(minutes=5)
    assert await client.find(outgoing("Nr. 0", first_tried=later)) is None
    assert twilio.requests["listed"] == 1


@pytest.mark.parametrize(
    ("fault", "failed"),
    [
        (Fault.server_error, Unclear),
        (Fault.reset_before, Unclear),
        (Fault.throttled, TryLater),
    ],
)
async def test_twilio_cannot_say(
    twilio: TwilioStandIn, client: TwilioClient, fault: Fault, failed: type[DeliveryFailure]
) -> None:
    twilio.query_faults.extend([fault])
    with pytest.raises(DeliveryFailure) as raised:
        await client.find(outgoing())
    assert type(raised.value) is failed


async def test_a_refused_question_says_nothing_of_the_message(twilio: TwilioStandIn) -> None:
    settings = account(api_url=twilio.url, auth_token=SecretStr("wrong"))
    client = TwilioClient(settings, "https://guide.example.dk/status")
    with pytest.raises(Unclear):
        await client.find(outgoing())
    await client.close()


# Answers that are not Twilio's.


class Proxy(StandIn[None]):
    """Something on the way that answers for itself."""

    def __init__(self, status: int, text: str) -> None:
        self.status, self.text = status, text
        self.forms: list[dict[str, object]] = []
        super().__init__([Route("/{path:path}", self._answer, methods=["GET", "POST"])], patience=1)

    async def _answer(self, request: Request) -> Response:
        self.forms.append(dict(await request.form()))
        return Response(self.text, self.status, media_type="text/html")


async def test_twilio_is_asked_to_leave_the_text_as_it_is() -> None:
    with Proxy(201, '{"sid": "SM1"}') as proxy:
        client = TwilioClient(account(api_url=proxy.url), "https://guide.example.dk/status")
        assert await client.send(outgoing("“مرحبا”")) == "SM1"
        await client.close()
    assert proxy.forms == [
        {
            "To": CITIZEN,
            "From": NUMBER,
            "Body": "“مرحبا”",
            "StatusCallback": f"https://guide.example.dk/status?delivery={DELIVERY}",
            "SmartEncoded": "false",
        }
    ]


@pytest.mark.parametrize(
    ("status", "text", "failed"),
    [
        (200, "<html>Log in</html>", Unclear),
        (201, "{}", Unclear),
        (201, "[]", Unclear),
        (201, '{"sid": 7}', Unclear),
        (200, '{"messages": [7]}', Unclear),
        (502, "<html>Bad gateway</html>", Unclear),
        (404, "<html>No such page</html>", Rejected),
        (302, "", Rejected),
    ],
)
async def test_a_stranger_answers(status: int, text: str, failed: type[DeliveryFailure]) -> None:
    with Proxy(status, text) as proxy:
        client = TwilioClient(account(api_url=proxy.url), "https://guide.example.dk/status")
        with pytest.raises(failed):
            await client.send(outgoing())
        with pytest.raises(Unclear):
            await client.find(outgoing())
        await client.close()


# What the answers mean.


def told(code: int, message: str = "") -> str:
    return f'{{"code": {code}, "message": "{message}"}}'


@pytest.mark.parametrize(
    ("status", "text", "failed"),
    [
        (400, told(21211), Rejected),
        (400, told(21614), Rejected),
        (400, told(21408), Rejected),
        (400, told(21610), Stopped),
        (400, told(21611), TryLater),
        (401, told(20003), Rejected),
        (429, told(20429), TryLater),
        (429, "slow down", TryLater),
        (500, told(20500), Unclear),
        (503, "", Unclear),
        (400, '{"code": "21610"}', Rejected),
        (400, "null", Rejected),
    ],
)
def test_failures(status: int, text: str, failed: type[DeliveryFailure]) -> None:
    assert type(failure(status, httpx.Headers(), text)) is failed


def test_a_reason_is_short_and_names_no_number() -> None:
    text = told(21211, "The 'To' number +4520123478 is not valid. " + "x" * 500)
    reason = str(failure(400, httpx.Headers(), text))
    assert reason.startswith("21211: The 'To' number (number) is not valid.")
    assert len(reason) <= 180
    partly_hidden = str(failure(400, httpx.Headers(), told(21211, "To: +4520123XXXX")))
    assert partly_hidden == "21211: To: (number)"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("30", 30.0), (" 0 ", 0.0), ("", None), ("soon", None), ("-1", None), ("1e9", None)],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after(value) == seconds


def test_retry_after_a_date() -> None:
    moment = dt.datetime.now(tz=dt.UTC) + dt.timedelta(seconds=60)
    seconds = retry_after(format_datetime(moment, usegmt=True))
    assert seconds is not None
    assert 55 < seconds <= 60
    assert retry_after("Thu, 01 Jan 1970 00:00:00 GMT") == 0


# Silence.


async def test_no_log_tells_a_number_or_a_text(
    twilio: TwilioStandIn, client: TwilioClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "httpx")  # as the gateway sets it
    text = "Hemmelig besked"
    await client.send(outgoing(text))
    await client.find(outgoing(text))
    twilio.faults.extend([Fault.reset_after, Fault.server_error])
    for _ in range(2):
        with pytest.raises(Unclear):
            await client.send(outgoing(text))
    assert not [record for record in caplog.records if record.name.startswith("twilio")]
    digits = CITIZEN.removeprefix("+")
    assert not re.search(f"{digits}|Hemmelig|{TOKEN}", caplog.text)
