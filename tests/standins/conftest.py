"""A guide of sorts behind a real port: it remembers what it was posted and answers as told."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.standins.meta import MetaStandIn
from tests.standins.server import StandIn
from tests.standins.twilio import TwilioStandIn

PAYLOADS = Path(__file__).parent / "payloads"
ACCOUNT = "AC0123456789abcdef0123456789abcdef"
NUMBER, CITIZEN = "+4592450000", "+4520123456"
PAGE, PSID = "104857600", "6710886400"


@dataclass(frozen=True)
class Post:
    path: str
    headers: dict[str, str]
    body: bytes
    form: dict[str, str]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [each for entry in json.loads(self.body)["entry"] for each in entry["messaging"]]


class Guide(StandIn[Post]):
    """``statuses`` are the next answers; after them all is well."""

    def __init__(self) -> None:
        super().__init__(
            [
                Route("/{path:path}", self._take, methods=["POST"]),
                Route("/{path:path}", self._verify, methods=["GET"]),
            ],
            patience=5,
        )
        self.forget()

    def forget(self) -> None:
        self.statuses: deque[int] = deque()
        self.before: Callable[[], object] = lambda: None
        with self._changed:
            self._sent.clear()

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        form = {name: str(value) for name, value in (await request.form()).items()}
        await asyncio.to_thread(self.before)
        with self._changed:
            self._sent.append(Post(request.url.path, dict(request.headers), body, form))
        self._count("posted")
        return Response(status_code=self.statuses.popleft() if self.statuses else 204)

    async def _verify(self, request: Request) -> Response:
        if request.query_params.get("hub.verify_token") != "verify-me":
            return Response(status_code=403)
        return PlainTextResponse(request.query_params["hub.challenge"])


@pytest.fixture(scope="package")
def listening() -> Iterator[Guide]:
    with Guide() as guide:
        yield guide


@pytest.fixture
def guide(listening: Guide) -> Guide:
    listening.forget()
    return listening


@pytest.fixture
def twilio(guide: Guide) -> Iterator[TwilioStandIn]:
    with TwilioStandIn(ACCOUNT, "token", NUMBER, webhook=f"{guide.url}/sms") as twilio:
        yield twilio


@pytest.fixture
def meta(guide: Guide) -> Iterator[MetaStandIn]:
    with MetaStandIn("secret", "token", PAGE, "verify-me", f"{guide.url}/meta") as meta:
        yield meta


def payload(name: str) -> Any:
    """A documented payload."""
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def shape(value: object) -> object:
    """The names and types of a payload, without its values."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return type(value).__name__
