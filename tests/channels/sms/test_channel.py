"""The channel behind its routes."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI

from channels.base import Access, PushChannel, Webhook, WebhookRefused, WrongSignature
from channels.intake import Event
from channels.sms.channel import SmsChannel
from channels.sms.routes import INBOUND_PATH, STATUS_PATH
from channels.sms.settings import PREFIX
from channels.webhooks import refuse
from conversations.delivery.port import (
    DeliveryState,
    Outgoing,
    Rejected,
    StatusReport,
)
from conversations.models import MessageRejected, Rendered
from conversations.reception import Received
from tests.channels.sms.webhooks import (
    ACCOUNT,
    CITIZEN,
    DELIVERY,
    NUMBER,
    PUBLIC,
    TOKEN,
    account,
    message,
    signed,
    status,
    status_path,
)


class Taken:
    """What reached the core. ``away`` is a core that cannot store."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.away = False

    async def take(self, events: Iterable[Event]) -> None:
        if self.away:
            raise ConnectionError("the database is away")
        self.events += events


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
async def channel() -> AsyncIterator[SmsChannel]:
    channel = SmsChannel(PUBLIC, account())
    yield channel
    await channel.close()


def application(channel: SmsChannel, taken: Taken) -> FastAPI:
    app = FastAPI()
    app.add_exception_handler(WebhookRefused, refuse)
    access = Access(
        conversations=cast(Any, None),
        continuation=cast(Any, None),
        intake=cast(Any, taken),
        languages=("da", "en"),
    )
    app.include_router(channel.router(access))
    return app


@pytest.fixture
async def guide(channel: SmsChannel, taken: Taken) -> AsyncIterator[httpx.AsyncClient]:
    # Not the public address: as behind a proxy.
    transport = httpx.ASGITransport(application(channel, taken), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8000") as guide:
        yield guide


async def post(guide: httpx.AsyncClient, webhook: Webhook) -> httpx.Response:
    return await guide.post(webhook.path, content=webhook.body, headers=dict(webhook.headers))


def test_it_is_a_channel_that_pushes(channel: SmsChannel) -> None:
    assert isinstance(channel, PushChannel)
    can = channel.capabilities
    assert (can.buttons, can.cards, can.typing) == (False, False, False)
    assert (can.max_length, can.status_callbacks) == (1600, True)


# Twilio posts.


async def test_a_message_is_stored_and_nothing_is_answered_yet(
    guide: httpx.AsyncClient, taken: Taken
) -> None:
    form = message("Æ Ø Å 🙂")
    answer = await post(guide, signed(form))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text.endswith("<Response/>")
    assert taken.events == [Received("sms", CITIZEN, form["MessageSid"], "Æ Ø Å 🙂")]


async def test_a_status_is_stored(guide: httpx.AsyncClient, taken: Taken) -> None:
    form = status("undelivered", ErrorCode="30003")
    answer = await post(guide, signed(form, status_path()))
    assert (answer.status_code, answer.content) == (204, b"")
    assert taken.events == [
        StatusReport(
            "sms", DeliveryState.failed, "undelivered", DELIVERY, form["MessageSid"], "30003"
        )
    ]


@pytest.mark.parametrize("path", [INBOUND_PATH, status_path()])
async def test_what_is_not_for_us_is_taken_all_the_same(
    guide: httpx.AsyncClient, taken: Taken, path: str
) -> None:
    form = {"AccountSid": ACCOUNT, "MessageSid": "SM1", "From": "BORGER.DK", "MessageStatus": "?"}
    assert (await post(guide, signed(form, path))).is_success
    assert taken.events == []


@pytest.mark.parametrize(
    ("webhook", "code"),
    [
        (signed(message(), token="another"), 403),
        (signed(message(), public="http://10.0.0.7:8000"), 403),
        (signed(message(AccountSid="AC" + "f" * 32)), 403),
        (signed({**message(), "MessageSid": ""}), 400),
        (signed(status("sent", MessageSid=""), STATUS_PATH), 400),
        (signed(status("sent"), STATUS_PATH, token="another"), 403),
    ],
)
async def test_what_is_refused_reaches_nobody(
    guide: httpx.AsyncClient, taken: Taken, webhook: Webhook, code: int
) -> None:
    answer = await post(guide, webhook)
    assert answer.status_code == code
    assert answer.json()["error"].keys() == {"code", "message"}
    assert taken.events == []


async def test_what_cannot_be_stored_is_not_acknowledged(
    guide: httpx.AsyncClient, taken: Taken
) -> None:
    taken.away = True
    assert (await post(guide, signed(message()))).status_code == 500


async def test_a_query_of_another_encoding_is_refused(guide: httpx.AsyncClient) -> None:
    answer = await guide.post(f"{STATUS_PATH}?delivery=%FF%FE", content=b"\xff")
    assert answer.status_code == 403


def test_the_routes_are_documented(channel: SmsChannel, taken: Taken) -> None:
    paths = application(channel, taken).openapi()["paths"]
    inbound, states = paths[INBOUND_PATH]["post"], paths[STATUS_PATH]["post"]
    assert inbound["responses"].keys() == {"200", "400", "403"}
    assert states["responses"].keys() == {"204", "400", "403"}
    assert inbound["responses"]["200"]["content"].keys() == {"text/xml"}
    for route, field in ((inbound, "Body"), (states, "MessageStatus")):
        (schema,) = route["requestBody"]["content"].values()
        assert field in schema["schema"]["properties"]
    assert [item["name"] for item in states["parameters"]] == ["delivery"]


# What citizens type.


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("", "number_empty"),
        ("   ", "number_empty"),
        ("min mobil", "number_bad"),
        ("112", "number_bad"),
        ("+45 20 12", "number_bad"),
        ("+45 90 12 34 56", "number_no_text"),
    ],
)
def test_an_address_that_cannot_be_one(channel: SmsChannel, text: str, reply: str) -> None:
    with pytest.raises(MessageRejected) as raised:
        channel.address_of(text)
    assert raised.value.reply == reply
    assert not text.strip() or text not in str(raised.value)


def test_an_address_is_the_one_that_twilio_reports(channel: SmsChannel) -> None:
    typed = channel.address_of("20 12 34 78")
    (event,) = channel.parse(signed(message(from_=CITIZEN)))
    assert isinstance(event, Received)
    assert typed == event.address == CITIZEN


# Not set up.


@pytest.fixture
def idle() -> SmsChannel:
    return SmsChannel(PUBLIC, None)


async def test_without_settings_everything_is_refused(idle: SmsChannel, taken: Taken) -> None:
    for webhook in (signed(message()), signed(status("sent"), status_path()), Webhook("", {}, b"")):
        with pytest.raises(WrongSignature, match="not set up"):
            idle.verify(webhook)
    outgoing = Outgoing(
        id=DELIVERY,
        channel="sms",
        address=CITIZEN,
        payload={"body": "Hej"},
        author=None,
        attempt=1,
        maybe_sent=False,
        first_tried=dt.datetime.now(tz=dt.UTC),
        heard_at=None,
    )
    for ask in (idle.send, idle.find):
        with pytest.raises(Rejected, match="not set up"):
            await ask(outgoing)
    with pytest.raises(MessageRejected):
        idle.address_of("20 12 34 78")
    assert idle.render(Rendered("Hej", "da", "greet"), None) == [{"body": "Hej"}]
    await idle.typing(CITIZEN)
    await idle.close()
    transport = httpx.ASGITransport(application(idle, taken))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as guide:
        assert (await post(guide, signed(message()))).status_code == 403


async def test_the_environment_sets_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCOUNT_SID", "AUTH_TOKEN", "SENDER", "API_URL"):
        monkeypatch.delenv(PREFIX + name, raising=False)
    with pytest.raises(WrongSignature, match="not set up"):
        SmsChannel.from_environment(PUBLIC).verify(signed(message()))
    monkeypatch.setenv(f"{PREFIX}ACCOUNT_SID", ACCOUNT)
    with pytest.raises(ValueError, match=f"{PREFIX}AUTH_TOKEN, {PREFIX}SENDER"):
        SmsChannel.from_environment(PUBLIC)
    monkeypatch.setenv(f"{PREFIX}AUTH_TOKEN", TOKEN)
    monkeypatch.setenv(f"{PREFIX}SENDER", NUMBER)
    channel = SmsChannel.from_environment(PUBLIC)
    channel.verify(signed(message()))
    await channel.close()
