"""The middleware by itself, where the whole gateway would hide what it does."""

from __future__ import annotations

import pytest
from starlette.types import Message, Receive, Scope, Send

from gateway.http import BodyLimit, SecurityHeaders


class Inner:
    """An application that reads its whole body and answers 200."""

    def __init__(self, **headers: str) -> None:
        self.body: bytes | None = None
        self.headers = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.body = b""
        more = True
        while more:
            message = await receive()
            self.body += message.get("body", b"")
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        await send({"type": "http.response.body", "body": b""})


async def statuses(app: BodyLimit, *chunks: bytes, path: str = "/", length: int = 0) -> list[int]:
    pending: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": n < len(chunks)}
        for n, chunk in enumerate(chunks, 1)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return pending.pop(0) if pending else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-length", str(length).encode())]
    await app({"type": "http", "path": path, "headers": headers}, receive, send)
    return [message["status"] for message in sent if message["type"] == "http.response.start"]


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        ([b""], 200),
        ([b"x" * 10], 200),
        ([b"x" * 5, b"x" * 5], 200),
        ([b"x" * 11], 413),
        ([b"x" * 5, b"x" * 6], 413),
        ([b"x"] * 11, 413),
    ],
)
async def test_the_body_is_counted_whatever_its_headers_promise(
    chunks: list[bytes], status: int
) -> None:
    inner = Inner()
    assert await statuses(BodyLimit(inner, 10, "/internal"), *chunks) == [status]
    assert inner.body == (b"".join(chunks) if status == 200 else None)


async def test_our_own_processes_have_no_limit() -> None:
    inner = Inner()
    app = BodyLimit(inner, 10, "/internal")
    assert await statuses(app, b"x" * 100, path="/internal/actions") == [200]
    assert inner.body == b"x" * 100


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/channels/sms/twilio", 100, 200),
        ("/channels/sms/twilio", 101, 413),
        ("/channels/", 100, 200),
        ("/uploads", 50, 200),
        ("/uploads", 51, 413),
        ("/channels", 11, 413),
        ("/api/channels/x", 11, 413),
        ("/", 11, 413),
        ("/", 10, 200),
    ],
)
async def test_some_paths_may_be_sent_more(path: str, size: int, status: int) -> None:
    inner = Inner()
    app = BodyLimit(inner, 10, "/internal", larger={"/channels/": 100, "/uploads": 50})
    half = b"x" * (size // 2)
    assert await statuses(app, half, b"x" * (size - len(half)), path=path) == [status]
    assert inner.body == (b"x" * size if status == 200 else None)


async def test_a_refused_body_is_not_kept_until_its_end() -> None:
    app = BodyLimit(Inner(), 10, "/internal", larger={"/channels/": 100})
    read = 0

    async def receive() -> Message:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 60, "more_body": True}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "http", "path": "/channels/x", "headers": []}, receive, send)
    assert sent[0]["status"] == 413
    assert read == 2


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
async def test_what_is_no_request_passes_untouched(kind: str) -> None:
    seen: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> Message:
        raise AssertionError

    app = BodyLimit(inner, 10, "/internal", larger={"/channels/": 100})
    await app({"type": kind, "path": "/channels/x"}, nothing, nothing)  # type: ignore[arg-type]
    assert seen == [kind]


async def test_a_caller_that_hangs_up_gets_nothing() -> None:
    inner = Inner()
    assert await statuses(BodyLimit(inner, 10, "/internal")) == []
    assert inner.body is None


async def test_a_header_that_a_route_has_set_stays() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    app = SecurityHeaders(Inner(referrer_policy="no-referrer"))
    await app({"type": "http", "path": "/", "headers": []}, receive, send)
    names = [name for name, _ in sent[0]["headers"]]
    assert names.count(b"referrer-policy") == 1
    assert (b"referrer-policy", b"no-referrer") in sent[0]["headers"]
    assert b"content-security-policy" in names
