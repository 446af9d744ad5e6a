"""From a provider's request to the core: the signature first, then everything or nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from app import Parts
from channels.base import MalformedWebhook, Webhook, WebhookRefused, WrongSignature
from channels.intake import Event
from channels.webhooks import refuse, webhook_of
from conversations.store.inbox import Inbox
from conversations.store.tables import MessageRow
from tests.conversations.delivery.guide import Guide, serving
from tests.paper import PATH, STAMP

LETTER = {"kind": "letter", "id": "1", "box": "box 1", "text": "hej"}


@pytest.fixture
async def guide(parts: Parts) -> AsyncIterator[Guide]:
    async with serving(parts) as guide:
        yield guide


async def post(guide: Guide, *items: Any, **headers: str) -> httpx.Response:
    return await guide.client.post(PATH, content=json.dumps(items), headers={**STAMP, **headers})


async def test_a_signed_request_is_taken_and_answered_to_the_box(guide: Guide) -> None:
    assert (await post(guide, LETTER)).status_code == 204
    await guide.settled()
    assert len(guide.office.to("box 1")) == 2


async def test_it_is_stored_when_the_provider_hears_so(guide: Guide) -> None:
    await post(guide, LETTER, {**LETTER, "id": "2"})
    assert len(await guide.heard()) == 2


async def test_a_second_copy_is_taken_and_changes_nothing(guide: Guide) -> None:
    for _ in range(3):
        assert (await post(guide, LETTER)).status_code == 204
    await guide.settled()
    assert await guide.heard() == ["hej"]


@pytest.mark.parametrize("stamp", ["", "Sealed", "sealed sealed", "x" * 10_000])
async def test_without_the_signature_nothing_is_read(
    guide: Guide, monkeypatch: pytest.MonkeyPatch, stamp: str
) -> None:
    def never(webhook: Webhook) -> Sequence[Event]:
        raise AssertionError

    monkeypatch.setattr(guide.paper, "parse", never)
    answer = await post(guide, LETTER, **{"x-paper-stamp": stamp})
    assert answer.status_code == 403
    assert answer.json() == {"error": {"code": "forbidden", "message": "no stamp"}}
    assert await guide.count(MessageRow) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b"[",
        b"[" * 100_000,
        b"\xff\xfe",
        b'[{"kind": "letter"}]',
        b'[{"kind": "x"}]',
        json.dumps([LETTER, {**LETTER, "id": 1}]).encode(),
    ],
)
async def test_what_cannot_be_read_is_refused_whole(guide: Guide, body: bytes) -> None:
    answer = await guide.client.post(PATH, content=body, headers=STAMP)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_request"
    assert await guide.count(MessageRow) == 0


async def test_a_fault_of_ours_lets_the_provider_send_it_again(
    guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        async def failing(*_: object) -> None:
            raise ConnectionError

        patch.setattr(Inbox, "receive", failing)
        with pytest.raises(ConnectionError):
            await post(guide, LETTER)
    assert (await post(guide, LETTER)).status_code == 204
    assert await guide.heard() == ["hej"]


@pytest.mark.parametrize(("size", "status"), [(64 * 1024 + 1, 204), (1024 * 1024 + 1, 413)])
async def test_providers_may_send_more_than_citizens(guide: Guide, size: int, status: int) -> None:
    body = json.dumps([LETTER]).encode()
    padded = body + b" " * (size - len(body))
    assert (await guide.client.post(PATH, content=padded, headers=STAMP)).status_code == status


# --- the request as the provider sent it


async def seen(path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Webhook:
    found: list[Webhook] = []
    application = FastAPI()

    @application.post("/channels/{rest:path}")
    async def take(request: Request) -> None:
        found.append(await webhook_of(request))

    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://proxy:8080") as client:
        assert (await client.post(path, content=body, headers=headers)).status_code == 200
    return found[0]


async def test_the_body_is_not_touched() -> None:
    body = b'\xef\xbb\xbf {"a": 1}\r\n\x00'
    assert (await seen("/channels/x", body)).body == body


async def test_the_names_of_headers_are_in_lower_case() -> None:
    webhook = await seen("/channels/x", headers={"X-Hub-Signature-256": "sha256=ABC"})
    assert webhook.headers["x-hub-signature-256"] == "sha256=ABC"


@pytest.mark.parametrize(
    "path",
    [
        "/channels/x",
        "/channels/x?delivery=abc",
        "/channels/x?a=1&a=2&b=",
        "/channels/x?text=%C3%A6%20b+c",
        "/channels/x/status?delivery=abc",
        "/channels/x%20y",
    ],
)
async def test_the_path_is_what_was_signed(path: str) -> None:
    assert (await seen(path)).path == path


# --- refusals


@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (WrongSignature("no stamp"), 403, "forbidden", "no stamp"),
        (MalformedWebhook("2 errors"), 400, "bad_request", "2 errors"),
        (WebhookRefused(), 400, "bad_request", ""),
    ],
)
async def test_a_refusal_says_why(
    error: WebhookRefused, status: int, code: str, message: str
) -> None:
    answer = await refuse(Request({"type": "http"}), error)
    assert answer.status_code == status
    assert json.loads(bytes(answer.body)) == {"error": {"code": code, "message": message}}
