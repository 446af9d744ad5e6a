"""Twilio's Programmable Messaging, as far as text messages go."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlencode

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.delivery import Delivery
from tests.standins.faults import Fault
from tests.standins.server import StandIn
from tests.standins.twilio_messages import (
    ERRORS,
    VERSION,
    Callbacks,
    Message,
    SentSms,
    inbound_form,
    matches,
    new_sid,
    page,
    refusal,
    resource,
    signature,
    status_form,
)

__all__ = ["Callbacks", "SentSms", "TwilioStandIn", "new_sid"]

_STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
_START = {"START", "YES", "UNSTOP"}


class TwilioStandIn(StandIn[SentSms]):
    """One account with one number.

    ``webhook`` is where citizens' messages go, as the account has it: the URL that is signed.
    ``plan`` says what is called back about each message. ``opted_out`` holds the numbers that
    wrote STOP. Lists hold outgoing messages only.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        number: str,
        *,
        webhook: str = "",
        messaging_service_sid: str | None = None,
    ) -> None:
        messages = f"/{VERSION}/Accounts/{{account}}/Messages"
        super().__init__(
            [
                Route(f"{messages}.json", self._create, methods=["POST"]),
                Route(f"{messages}.json", self._list, methods=["GET"]),
                Route(f"{messages}/{{sid}}.json", self._fetch, methods=["GET"]),
            ],
            patience=15,
        )
        self.account_sid, self.auth_token, self.number = account_sid, auth_token, number
        self.webhook, self.messaging_service_sid = webhook, messaging_service_sid
        self.retry_after = 1  # seconds, in the header of a 429
        self.plan: Callable[[SentSms], Callbacks] = lambda _: Callbacks()
        self.opted_out: set[str] = set()
        self._messages: dict[str, Message] = {}

    # Citizens.

    def text(
        self,
        from_: str,
        body: str,
        *,
        sid: str | None = None,
        media: int = 0,
        extra: Mapping[str, str] | None = None,
        signed_url: str | None = None,
    ) -> httpx.Response:
        """A citizen writes, and Twilio tries once. ``extra`` fields join the form, signed too.

        Raises ``httpx.TransportError`` if there is no answer.
        """
        return self.post(self.form(from_, body, sid, media, extra), signed_url=signed_url)

    def deliver(
        self,
        from_: str,
        body: str,
        *,
        sid: str | None = None,
        media: int = 0,
        extra: Mapping[str, str] | None = None,
        duplicates: int = 0,
        at_once: bool = False,
        deadline: float = 10.0,
        pause: float = 0.05,
    ) -> Delivery:
        """As ``text``, but with the same SID again until there is a 2xx.

        ``duplicates`` are sent after it, or ``at_once`` beside it. Raises ``Undelivered``.
        """
        form, token = self.form(from_, body, sid, media, extra), str(uuid.uuid4())
        return self._deliver(
            lambda: self.post(form, token=token),
            duplicates=duplicates,
            at_once=at_once,
            deadline=deadline,
            pause=pause,
        )

    def form(
        self,
        from_: str,
        body: str,
        sid: str | None = None,
        media: int = 0,
        extra: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """The form of a citizen's message. STOP and START are heeded here, as Twilio does."""
        word = body.strip().upper()
        if word in _STOP:
            self.opted_out.add(from_)
        elif word in _START:
            self.opted_out.discard(from_)
        form = inbound_form(
            self.account_sid,
            from_,
            self.number,
            body,
            sid=sid or new_sid("MM" if media else "SM"),
            media=media,
            service=self.messaging_service_sid,
        )
        if self.messaging_service_sid and word in _STOP | _START:
            form["OptOutType"] = "STOP" if word in _STOP else "START"
        return {**form, **(extra or {})}

    def post(
        self,
        form: Mapping[str, str],
        *,
        url: str | None = None,
        signed_url: str | None = None,
        forged: str | None = None,
        token: str | None = None,
    ) -> httpx.Response:
        """Post a form signed, or with the ``forged`` signature in place of the true one.

        ``url`` is the webhook if not given. Raises ``httpx.TransportError`` without an answer.
        """
        url = url or self.webhook
        signed = signature(self.auth_token, signed_url or url, form) if forged is None else forged
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "I-Twilio-Idempotency-Token": token or str(uuid.uuid4()),
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": signed,
        }
        return self._post(url, urlencode(form).encode(), headers)

    # The API.

    async def _create(self, request: Request) -> Response:
        if not self._authorised(request):
            return self._error(20003)
        form = {name: str(value) for name, value in (await request.form()).items()}

        async def handle() -> Response:
            refused = refusal(form, self.number, self.messaging_service_sid, self.opted_out)
            return self._error(*refused) if refused else await self._accept(form)

        return await self._under(self.faults, request, handle)

    async def _accept(self, form: Mapping[str, str]) -> Response:
        now, service = datetime.now(UTC), form.get("MessagingServiceSid") or None
        sent = SentSms(
            sid=new_sid(),
            to=form["To"],
            from_=self.number,
            body=form["Body"],
            status_callback=form.get("StatusCallback", ""),
            messaging_service_sid=service,
            at=now,
        )
        message = Message(sent, "accepted" if service else "queued", now)
        answer = JSONResponse(resource(message, self.account_sid), status_code=201)
        with self._changed:
            self._messages[sent.sid] = message
            self._sent.append(sent)
        self._count("accepted")
        plan = self.plan(sent)
        await self._aftermath(lambda: self._tell(message, plan), before_answer=plan.before_answer)
        return answer

    async def _fetch(self, request: Request) -> Response:
        if not self._authorised(request):
            return self._error(20003)

        async def handle() -> Response:
            with self._changed:
                message = self._messages.get(request.path_params["sid"])
            if message is None:
                return self._error(20404, request.url.path)
            self._count("fetched")
            return JSONResponse(resource(message, self.account_sid))

        return await self._under(self.query_faults, request, handle)

    async def _list(self, request: Request) -> Response:
        if not self._authorised(request):
            return self._error(20003)

        async def handle() -> Response:
            self._count("listed")
            query = dict(request.query_params)
            shown_until = datetime.now(UTC) - timedelta(seconds=self.list_lag)
            with self._changed:
                found = [
                    message
                    for message in reversed(self._messages.values())
                    if message.sent.at <= shown_until and matches(message, query)
                ]
                return JSONResponse(page(found, request.url.path, query, self.account_sid))

        return await self._under(self.query_faults, request, handle)

    def _authorised(self, request: Request) -> bool:
        pair = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        known = request.headers.get("authorization") == f"Basic {pair}"
        return known and request.path_params["account"] == self.account_sid

    def _error(self, code: int, about: str = "") -> Response:
        self._count(str(code))
        return self._error_answer(code, about)

    def _error_answer(self, code: int, about: str = "") -> Response:
        status, message = ERRORS[code]
        body = {
            "code": code,
            "message": message.format(about),
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }
        throttled = {"Retry-After": str(self.retry_after)} if status == 429 else None
        return JSONResponse(body, status_code=status, headers=throttled)

    def _failing(self, fault: Fault) -> Response:
        return self._error_answer(20429 if fault is Fault.throttled else 20500)

    # The way back.

    def _tell(self, message: Message, plan: Callbacks) -> None:
        sent, statuses = message.sent, list(plan.statuses)
        if plan.shuffle is not None:
            plan.shuffle.shuffle(statuses)
        for status in statuses:
            if self._closing.wait(plan.delay):
                return
            with self._changed:
                message.advance(status, plan.error_code)
            if sent.status_callback:
                form = status_form(sent, self.account_sid, status, plan.error_code)
                post = partial(self.post, form, url=sent.status_callback)
                for _ in range(plan.copies):
                    self._call_back(sent.sid, status, post)
