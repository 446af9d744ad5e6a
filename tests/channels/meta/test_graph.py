"""What the Graph API's failures mean, and that nothing secret is in what is said of them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from channels.meta import graph
from channels.meta.graph import Graph, failure
from conversations.delivery.port import DeliveryFailure, Rejected, TryLater, Unclear

TOKEN = "EAABsecretsecretsecretsecret0123456789"


def error(code: object, subcode: object = None, **more: object) -> dict[str, object]:
    return {"error": {"message": "m", "code": code, "error_subcode": subcode, **more}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, error(190), Rejected),
        (401, error(190, 463), Rejected),
        (400, error(10, 2018278), Rejected),
        (403, error(10), Rejected),
        (400, error(200), Rejected),
        (400, error(100, 2018001), Rejected),
        (400, error(551, 1545041), Rejected),
        (500, error(551, 1545041), Rejected),
        (500, error(2, 2018278), Rejected),
        (400, error(368), Rejected),
        (400, error(4), TryLater),
        (400, error(17), TryLater),
        (400, error(32), TryLater),
        (400, error(613, is_transient=True), TryLater),
        (429, None, TryLater),
        (429, error(190), TryLater),
        (400, error(1), Unclear),
        (400, error(2), Unclear),
        (500, error(2, is_transient=True), Unclear),
        (400, error(1200), Unclear),
        (400, error(100, is_transient=True), Unclear),
        (500, None, Unclear),
        (502, "<html>", Unclear),
        (503, {"error": "down"}, Unclear),
        (400, None, Rejected),
        (404, [], Rejected),
        (302, None, Rejected),
        (400, {"error": {"code": "190", "message": 7}}, Rejected),
        (500, {"error": {"code": {}, "error_subcode": []}}, Unclear),
    ],
)
def test_what_a_failure_means(status: int, body: object, kind: type[DeliveryFailure]) -> None:
    found = failure(status, body)
    assert type(found) is kind
    assert str(found)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("12", 12), ("0", 0), ("999999999", 3600), ("soon", None), ("-1", None),
     ("²", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)],
)  # fmt: skip
def test_the_wait_that_is_asked_for(header: str | None, seconds: float | None) -> None:
    found = failure(429, None, header)
    assert isinstance(found, TryLater)
    assert found.after == seconds


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Outside of allowed window.", "10/7: Outside of allowed window."),
        (f"Malformed access token {TOKEN}", "10/7: Malformed access token …"),
        ("No user 24681012141618 found", "10/7: No user … found"),
        ("two\n lines", "10/7: two lines"),
    ],
)
def test_a_reason_names_the_code_and_nobody(message: str, reason: str) -> None:
    body = {"error": {"code": 10, "error_subcode": 7, "message": message}}
    assert str(failure(400, body)) == reason


def test_a_reason_is_short() -> None:
    assert len(str(failure(400, error(100, message="word " * 10_000)))) <= 180


@asynccontextmanager
async def answering(raw: bytes | None, *, hold: bool = False) -> AsyncIterator[Graph]:
    """A server that reads a request and writes these bytes, or nothing."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        if hold:
            await released.wait()
        if raw is not None:
            writer.write(raw)
            await writer.drain()
        writer.close()

    released = asyncio.Event()
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = Graph(f"http://127.0.0.1:{port}", "v26.0", SecretStr(TOKEN))
    try:
        yield client
    finally:
        released.set()
        await client.close()
        server.close()
        await server.wait_closed()


def response(body: bytes, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        response(b""),
        response(b"<html>"),
        response(b"[]"),
        response(b"\xff\xfe"),
        response(b"[" * 100_000),
    ],
)
async def test_an_answer_that_says_nothing_is_unclear(raw: bytes | None) -> None:
    async with answering(raw) as client:
        with pytest.raises(Unclear):
            await client.post("/1/messages", {})


async def test_no_answer_in_time_is_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "TOTAL_SECONDS", 0.1)
    async with answering(None, hold=True) as client:
        with pytest.raises(Unclear):
            await client.post("/1/messages", {})


async def test_a_refused_connection_has_sent_nothing() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    client = Graph(f"http://127.0.0.1:{port}", "v26.0", SecretStr(TOKEN))
    with pytest.raises(TryLater):
        await client.get("/1", {})
    await client.close()


async def test_an_answer_comes_back_as_it_is() -> None:
    async with answering(response(b'{"message_id":"m_1"}')) as client:
        assert await client.get("/1", {"fields": "id"}) == {"message_id": "m_1"}
