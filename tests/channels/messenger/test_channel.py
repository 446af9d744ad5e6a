"""The channel as a whole: its routes, and what it does when it is not set up."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI

from channels.base import Access, PushChannel, Webhook, WebhookRefused, WrongSignature
from channels.intake import Event
from channels.messenger.channel import MessengerChannel
from channels.webhooks import refuse
from conversations.delivery.port import Outgoing, Rejected
from conversations.models import MessageRejected, Rendered
from conversations.reception import Received
from tests.channels.messenger.conftest import (
    APP_SECRET,
    PAGE,
    PSID,
    VERIFY_TOKEN,
    settings_for,
)
from tests.standins.meta_events import Events, encode, signatures

PATH = "/channels/messenger"
EVENTS = Events(PAGE, app_id=1)


@dataclass
class Taken:
    """An intake that only remembers."""

    events: list[Event] = field(default_factory=list)
    failing: bool = False

    async def take(self, events: Iterable[Event]) -> None:
        if self.failing:
            raise RuntimeError("the database is away")
        self.events += events


@pytest.fixture
def taken() -> Taken:
    return Taken()


def app_with(channel: MessengerChannel, taken: Taken) -> FastAPI:
    app = FastAPI()
    app.add_exception_handler(WebhookRefused, refuse)
    app.include_router(channel.router(cast(Access, SimpleNamespace(intake=taken))))
    return app


async def browse(channel: MessengerChannel, taken: Taken) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app_with(channel, taken), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://guide") as client:
        yield client
    await channel.close()


@pytest.fixture
async def guide(taken: Taken) -> AsyncIterator[httpx.AsyncClient]:
    async for client in browse(MessengerChannel("http://guide", settings_for()), taken):
        yield client


@pytest.fixture
async def bare(taken: Taken) -> AsyncIterator[httpx.AsyncClient]:
    """Not set up."""
    async for client in browse(MessengerChannel("http://guide"), taken):
        yield client


def signed(batch: object, secret: str = APP_SECRET) -> dict[str, Any]:
    body = encode(batch)
    return {"content": body, "headers": signatures(secret, body)}


def test_it_is_a_channel_that_pushes() -> None:
    assert isinstance(MessengerChannel("http://guide"), PushChannel)


def asking(**changed: str | None) -> dict[str, str]:
    query = {"mode": "subscribe", "verify_token": VERIFY_TOKEN, "challenge": "1158201444"}
    return {
        f"hub.{name}": value for name, value in {**query, **changed}.items() if value is not None
    }


async def test_a_subscription_is_confirmed(guide: httpx.AsyncClient) -> None:
    answer = await guide.get(PATH, params=asking())
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "query",
    [
        {},
        asking(mode="unsubscribe"),
        asking(mode=None),
        asking(verify_token="wrong"),
        asking(verify_token=""),
        asking(verify_token="ærø"),
        asking(verify_token=None),
        asking(challenge=None),
    ],
)
async def test_any_other_question_is_refused(
    guide: httpx.AsyncClient, query: dict[str, str]
) -> None:
    assert (await guide.get(PATH, params=query)).status_code == 403


async def test_a_challenge_is_no_page(guide: httpx.AsyncClient) -> None:
    answer = await guide.get(PATH, params=asking(challenge="<script>alert(1)</script>"))
    assert answer.headers["content-type"].startswith("text/plain")


async def test_signed_events_are_taken(guide: httpx.AsyncClient, taken: Taken) -> None:
    event = EVENTS.text(PSID, "Hvad koster et pas? æøå/😀", mid="m_1")
    answer = await guide.post(PATH, **signed(EVENTS.batch([event])))
    assert (answer.status_code, answer.text) == (200, "EVENT_RECEIVED")
    assert taken.events == [Received("messenger", PSID, "m_1", text="Hvad koster et pas? æøå/😀")]


async def test_unsigned_events_are_not_even_read(guide: httpx.AsyncClient, taken: Taken) -> None:
    batch = EVENTS.batch([EVENTS.text(PSID, "hej")])
    requests: list[dict[str, Any]] = [
        {"content": encode(batch)},
        signed(batch, secret="another"),
        {"content": b"not JSON", "headers": {"X-Hub-Signature-256": "sha256=0"}},
        {},
    ]
    for request in requests:
        assert (await guide.post(PATH, **request)).status_code == 403
    assert not taken.events


@pytest.mark.parametrize("batch", [[], {}, {"object": "user", "entry": []}, "x"])
async def test_signed_nonsense_is_a_bad_request(guide: httpx.AsyncClient, batch: object) -> None:
    assert (await guide.post(PATH, **signed(batch))).status_code == 400


async def test_what_was_not_stored_is_asked_for_again(
    guide: httpx.AsyncClient, taken: Taken
) -> None:
    taken.failing = True
    request = signed(EVENTS.batch([EVENTS.text(PSID, "hej")]))
    assert (await guide.post(PATH, **request)).status_code == 500
    taken.failing = False
    assert (await guide.post(PATH, **request)).status_code == 200
    assert len(taken.events) == 1


def test_the_routes_are_described() -> None:
    app = app_with(MessengerChannel("http://guide", settings_for()), Taken())
    path = app.openapi()["paths"][PATH]
    assert set(path) == {"get", "post"}
    assert {"200", "400", "403", "413"} <= set(path["post"]["responses"])
    assert path["post"]["requestBody"]["content"]["application/json"]["schema"]


# Not set up.


async def test_without_settings_every_webhook_is_refused(
    bare: httpx.AsyncClient, taken: Taken
) -> None:
    for token in ("", "None", VERIFY_TOKEN):
        answer = await bare.get(PATH, params=asking(verify_token=token))
        assert answer.status_code == 403
    for secret in ("", APP_SECRET):
        request = signed(EVENTS.batch([EVENTS.text(PSID, "hej")]), secret)
        assert (await bare.post(PATH, **request)).status_code == 403
    assert not taken.events


async def test_without_settings_nothing_is_sent() -> None:
    channel = MessengerChannel("http://guide")
    now = dt.datetime.now(dt.UTC)
    message = Outgoing("0" * 32, "messenger", PSID, {"text": "x"}, None, 1, False, now, now)
    with pytest.raises(Rejected, match="not set up"):
        await channel.send(message)
    with pytest.raises(Rejected, match="not set up"):
        await channel.find(message)
    with pytest.raises(WrongSignature, match="not set up"):
        channel.verify(Webhook(PATH, {}, b""))
    await asyncio.wait_for(channel.typing(PSID), 1)
    await channel.close()


def test_without_settings_the_routes_are_not_described() -> None:
    assert not app_with(MessengerChannel("http://guide"), Taken()).openapi()["paths"]


# The rest.


@pytest.mark.parametrize("text", ["", PSID, "+4520123456", "m.me/kobenhavn"])
def test_nobody_can_type_an_address(text: str) -> None:
    with pytest.raises(MessageRejected) as raised:
        MessengerChannel("http://guide").address_of(text)
    assert raised.value.reply == "unknown_channel"


def test_what_is_said_is_shaped_even_without_settings() -> None:
    said = Rendered("Hej", "da", "greet")
    assert MessengerChannel("http://guide").render(said, None) == [{"text": "Hej"}]
