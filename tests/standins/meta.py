"""Meta's Messenger Platform: the Send API, the Conversations API and the webhooks of a page."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.delivery import Delivery
from tests.standins.faults import Fault, Faults
from tests.standins.meta_events import Event, Events, encode, new_mid, signatures
from tests.standins.meta_rules import (
    BAD_PROOF,
    BAD_TOKEN,
    NO_SUCH_PAGE,
    NO_TOKEN,
    TEMPORARY,
    THROTTLED,
    Refusal,
    refusal,
)
from tests.standins.meta_threads import Threads
from tests.standins.server import StandIn

_FROM_CITIZEN = ("message", "postback")


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that Meta took on; ``message`` as it came, with text and quick replies."""

    mid: str
    psid: str
    text: str
    message: dict[str, Any]
    messaging_type: str
    tag: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipts:
    """Which webhooks follow an accepted message."""

    echo: bool = True
    delivery: bool = True
    read: bool = False
    copies: int = 1
    delay: float = 0.0  # seconds before each
    before_answer: bool = False


class MetaStandIn(StandIn[SentMessage]):
    """One page with one app.

    ``events`` builds events for ``send`` and ``deliver``. ``plan`` says which webhooks follow each
    message. ``clock_offset`` moves the time of one citizen: 25 hours close the window.
    """

    def __init__(
        self, app_secret: str, page_token: str, page_id: str, verify_token: str, webhook: str = ""
    ) -> None:
        super().__init__(
            [
                Route("/{version}/{page}/messages", self._messages, methods=["POST"]),
                Route("/{version}/{page}/conversations", self._conversations, methods=["GET"]),
            ],
            patience=5,
        )
        self.app_secret, self.page_token = app_secret, page_token
        self.page_id, self.verify_token, self.webhook = page_id, verify_token, webhook
        self.events = Events(page_id, app_id=1517776481860111)
        self.plan: Callable[[SentMessage], Receipts] = lambda _: Receipts()
        self.action_faults = Faults()  # those of messages are not spent on "typing"
        self.throttling: Refusal = THROTTLED
        self.blocked: set[str] = set()
        self.clock_offset: dict[str, timedelta] = {}
        self._actions: list[tuple[str, str]] = []
        self._last_wrote: dict[str, datetime] = {}
        self.threads = Threads()

    @property
    def actions(self) -> list[tuple[str, str]]:
        """The sender actions: PSID and ``typing_on``, ``typing_off`` or ``mark_seen``."""
        with self._changed:
            return list(self._actions)

    def age(self, psid: str, by: timedelta) -> None:
        """Let time pass for one citizen only."""
        self.clock_offset[psid] = self.clock_offset.get(psid, timedelta()) + by

    # Citizens.

    def text(
        self, psid: str, text: str, *, mid: str | None = None, quick_reply: str | None = None
    ) -> httpx.Response:
        """A citizen writes, and Meta tries once; so do all that follow. See ``Events`` for them.

        They raise ``httpx.TransportError`` if there is no answer.
        """
        return self.send([self.events.text(psid, text, mid=mid, quick_reply=quick_reply)])

    def attachment(self, psid: str, kind: str) -> httpx.Response:
        return self.send([self.events.attachment(psid, kind)])

    def postback(self, psid: str, payload: str, title: str) -> httpx.Response:
        return self.send([self.events.postback(psid, payload, title)])

    def read(self, psid: str, watermark: int | None = None) -> httpx.Response:
        return self.send([self.events.read(psid, watermark)])

    def delivery(
        self, psid: str, mids: Sequence[str] | None, watermark: int | None = None
    ) -> httpx.Response:
        return self.send([self.events.delivery(psid, mids, watermark)])

    def echo(
        self,
        psid: str,
        text: str,
        *,
        mid: str | None = None,
        app_id: int | None = None,
        metadata: str | None = None,
    ) -> httpx.Response:
        event = self.events.echo(psid, text, mid=mid, app_id=app_id, metadata=metadata)
        return self.send([event])

    def send(self, events: Sequence[Event], *, entries: int = 1) -> httpx.Response:
        """Events in one batch, tried once. Raises ``httpx.TransportError`` without an answer."""
        self._hear(events)
        return self.post(encode(self.events.batch(events, entries=entries)))

    def deliver(
        self,
        events: Sequence[Event],
        *,
        entries: int = 1,
        duplicates: int = 0,
        at_once: bool = False,
        deadline: float = 10.0,
        pause: float = 0.05,
    ) -> Delivery:
        """As ``send``, but the same batch again until there is a 2xx.

        ``duplicates`` are sent after it, or ``at_once`` beside it. Raises ``Undelivered``.
        """
        self._hear(events)
        body = encode(self.events.batch(events, entries=entries))
        return self._deliver(
            lambda: self.post(body),
            duplicates=duplicates,
            at_once=at_once,
            deadline=deadline,
            pause=pause,
        )

    def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Post a body signed, or with ``headers`` in place of the true signatures."""
        signed = signatures(self.app_secret, body) if headers is None else headers
        return self._post(
            self.webhook,
            body,
            {"Content-Type": "application/json", "User-Agent": "facebookexternalua", **signed},
        )

    def verify(self, verify_token: str | None = None, challenge: str = "") -> httpx.Response:
        """Ask the webhook whether it is ours: it must answer with the challenge alone."""
        address, forwarded = self._locate(self.webhook)
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge or str(secrets.randbelow(2**31)),
            "hub.verify_token": self.verify_token if verify_token is None else verify_token,
        }
        return self._client.get(address, params=query, headers=forwarded)

    def _hear(self, events: Sequence[Event]) -> None:
        """A citizen has written, whether or not the guide has heard it yet."""
        for event in events:
            psid = event["sender"]["id"]
            kind = next((kind for kind in _FROM_CITIZEN if kind in event), None)
            if kind is None or psid == self.page_id:
                continue
            content, now = event[kind], self._now(psid)
            text = content.get("text", content.get("title", ""))
            with self._changed:
                self._last_wrote[psid] = now
                self.threads.add(psid, content["mid"], text, from_=psid, to=self.page_id)

    def _now(self, psid: str) -> datetime:
        return datetime.now(UTC) + self.clock_offset.get(psid, timedelta())

    # The API.

    async def _messages(self, request: Request) -> Response:
        if refused := self._unauthorised(request):
            return self._refuse(refused)
        try:
            body = json.loads(await request.body())
            psid = str(body["recipient"]["id"])
        except (ValueError, KeyError, TypeError):
            return self._refuse(Refusal(100, "(#100) The parameter recipient is required"))

        async def handle() -> Response:
            with self._changed:
                wrote = self._last_wrote.get(psid)
            silent_for = None if wrote is None else self._now(psid) - wrote
            refused = refusal(body, silent_for=silent_for, blocked=psid in self.blocked)
            return self._refuse(refused) if refused else await self._accept(psid, body)

        faults = self.action_faults if "sender_action" in body else self.faults
        return await self._under(faults, request, handle)

    async def _accept(self, psid: str, body: Mapping[str, Any]) -> Response:
        if "sender_action" in body:
            with self._changed:
                self._actions.append((psid, body["sender_action"]))
            self._count("action")
            return JSONResponse({"recipient_id": psid})
        message = body["message"]
        sent = SentMessage(
            mid=new_mid(),
            psid=psid,
            text=message["text"],
            message=message,
            messaging_type=body["messaging_type"],
            tag=body.get("tag"),
            at=datetime.now(UTC),
        )
        with self._changed:
            self._sent.append(sent)
            self.threads.add(psid, sent.mid, sent.text, from_=self.page_id, to=psid)
        self._count("accepted")
        plan = self.plan(sent)
        await self._aftermath(lambda: self._tell(sent, plan), before_answer=plan.before_answer)
        return JSONResponse({"recipient_id": psid, "message_id": sent.mid})

    async def _conversations(self, request: Request) -> Response:
        if refused := self._unauthorised(request):
            return self._refuse(refused)

        async def handle() -> Response:
            self._count("listed")
            psid, fields = (request.query_params.get(name, "") for name in ("user_id", "fields"))
            shown_until = datetime.now(UTC) - timedelta(seconds=self.list_lag)
            with self._changed:
                data = self.threads.show(psid or None, fields, shown_until)
            return JSONResponse({"data": data})

        return await self._under(self.query_faults, request, handle)

    def _unauthorised(self, request: Request) -> Refusal | None:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        token = request.query_params.get("access_token") or bearer
        if not token:
            return NO_TOKEN
        if token != self.page_token:
            return BAD_TOKEN
        proof = request.query_params.get("appsecret_proof")
        key = self.app_secret.encode()
        if proof not in (None, hmac.new(key, token.encode(), hashlib.sha256).hexdigest()):
            return BAD_PROOF
        return None if request.path_params["page"] in ("me", self.page_id) else NO_SUCH_PAGE

    def _refuse(self, refused: Refusal) -> Response:
        self._count(str(refused.code))
        return JSONResponse(refused.body(), status_code=refused.status)

    def _failing(self, fault: Fault) -> Response:
        refused = self.throttling if fault is Fault.throttled else TEMPORARY
        return JSONResponse(refused.body(), status_code=refused.status)

    # The way back.

    def _tell(self, sent: SentMessage, plan: Receipts) -> None:
        if not self.webhook:
            return
        metadata = sent.message.get("metadata")
        receipts: dict[str, Callable[[], Event]] = {}
        if plan.echo:
            receipts["echo"] = lambda: self.events.echo(
                sent.psid, sent.text, mid=sent.mid, metadata=metadata
            )
        if plan.delivery:
            receipts["delivery"] = lambda: self.events.delivery(sent.psid, [sent.mid])
        if plan.read:
            receipts["read"] = lambda: self.events.read(sent.psid)
        for kind, build in receipts.items():
            if self._closing.wait(plan.delay):
                return
            post = partial(self.post, encode(self.events.batch([build()])))
            for _ in range(plan.copies):
                self._call_back(sent.mid, kind, post)
