"""Whatever is sent to the published interface, it is answered, and nothing breaks behind it.

Requests are made from ``/openapi.json``, right ones and wrong ones. Half of the webhooks are
signed and half of the citizens' requests have a token, so that what lies behind is reached, too.
"""

from __future__ import annotations

import contextlib
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema

from tests.postgres import NoPostgres, PostgresServer
from tests.stack import Citizen, Stack
from tests.standins.meta import MetaStandIn
from tests.standins.meta_events import signatures
from tests.standins.twilio import TwilioStandIn
from tests.standins.twilio_messages import signature

_EXAMPLES = 25
"""Of each kind of request, beside those that the schema itself suggests."""
_PUBLIC = r"^/(api|channels)/"
ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 32, "twilio-token", "+4552510000"
PAGE, SECRET, PAGE_TOKEN, VERIFY = "100", "app-secret", "page-token", "verify-token"
_BASE = "https://guide.example"
_REQUEST = ("method", "url", "headers", "files", "data", "json", "params", "auth", "cookies")
_FAILURES = re.compile(r"\[error|\[critical|Traceback \(most recent call last\)")


@dataclass
class Target:
    """A gateway with all its channels, and somebody who has a conversation there."""

    stack: Stack
    http: requests.Session = field(default_factory=requests.Session)
    met: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How often each path gave each status."""
    _citizen: Citizen | None = None

    @property
    def citizen(self) -> Citizen:
        if self._citizen is None:
            self._citizen = Citizen(self.stack.url, "da")
        return self._citizen

    def send(self, case: schemathesis.Case) -> requests.Response:
        """The request as it was made up; every second one with what opens the door."""
        trusted = self._halves(case)
        if trusted:
            self._let_in(case)
        arguments = case.as_transport_kwargs(base_url=self.stack.url)
        known = {name: arguments[name] for name in _REQUEST if name in arguments}
        request = requests.Request(**known).prepare()
        if trusted and "/channels/" in case.path:
            self._sign(case, request)
        # The events of a conversation do not end.
        with self.http.send(request, stream=True, timeout=30) as response:
            if "event-stream" not in response.headers.get("content-type", ""):
                _ = response.content
        if case.method == "DELETE":
            self._citizen = None
        self.met[case.path, response.status_code] += 1
        return response

    @staticmethod
    def _halves(case: schemathesis.Case) -> bool:
        made_up = (case.path_parameters, case.query, case.body)
        return zlib.crc32(repr(made_up).encode(errors="replace")) % 2 == 0

    def _let_in(self, case: schemathesis.Case) -> None:
        if "conversation_id" in case.path:
            case.path_parameters = {
                **(case.path_parameters or {}),
                "conversation_id": self.citizen.id,
            }
            case.headers = {**(case.headers or {}), **self.citizen.headers}
        if case.path == "/channels/messenger" and case.method == "GET":
            query = {"hub.verify_token": VERIFY, "hub.mode": "subscribe", **(case.query or {})}
            case.query = query
        if "/sms/" in case.path and isinstance(case.body, dict):
            case.body = {**case.body, "AccountSid": ACCOUNT, "From": "+4520123456"}

    @staticmethod
    def _sign(case: schemathesis.Case, request: requests.PreparedRequest) -> None:
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else bytes(body)
        if case.path == "/channels/messenger":
            request.headers.update(signatures(SECRET, raw))
            return
        form = dict(requests.compat.parse_qsl(raw, keep_blank_values=True))  # type: ignore[attr-defined]
        text = {_text(name): _text(value) for name, value in form.items()}
        request.headers["X-Twilio-Signature"] = signature(TOKEN, _BASE + request.path_url, text)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """PostgreSQL, if there is one: it is the stricter one with lengths and characters."""
    with contextlib.ExitStack() as opened:
        try:
            yield opened.enter_context(PostgresServer()).url
        except NoPostgres:
            yield f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('fuzz') / 'guide.db'}"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[Target]:
    """Without Rasa: the gateway then answers by itself, and sooner."""
    with (
        TwilioStandIn(ACCOUNT, TOKEN, NUMBER) as twilio,
        MetaStandIn(SECRET, PAGE_TOKEN, PAGE, VERIFY) as meta,
    ):
        stack = Stack(
            tmp_path_factory.mktemp("fuzzed"),
            database_url=database,
            public_url=_BASE,
            messages_per_minute="1000000",
            message_burst="1000000",
            codes_per_hour="1000000",
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=TOKEN,
            twilio_sender=NUMBER,
            twilio_api_url=twilio.url,
            messenger_page_id=PAGE,
            messenger_page_token=PAGE_TOKEN,
            messenger_app_secret=SECRET,
            messenger_verify_token=VERIFY,
            messenger_api_url=meta.url,
        )
        try:
            stack.migrate()
            stack.start_gateway()
            stack.wait("degraded")
            yield Target(stack)
        finally:
            stack.close()


@pytest.fixture(scope="module")
def published(target: Target) -> BaseSchema:
    found = schemathesis.openapi.from_url(f"{target.stack.url}/openapi.json")
    return found.include(path_regex=_PUBLIC)


@pytest.mark.parametrize("mode", GenerationMode, ids=str)
def test_every_request_is_answered(
    target: Target, published: BaseSchema, mode: GenerationMode, subtests: pytest.Subtests
) -> None:
    for found in published.get_all_operations():
        operation = found.ok()
        limits = settings(
            max_examples=_EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )

        @limits
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case) -> None:
            response = target.send(case)
            assert response.status_code < 500, f"{response.status_code}: {case.as_curl_command()}"

        # What takes nothing cannot be given anything wrong.
        with subtests.test(operation=operation.label), contextlib.suppress(Unsatisfiable):
            ask()


def test_what_lies_behind_was_reached(target: Target) -> None:
    met = target.met
    print(f"\n{sum(met.values())} requests: {sorted(met.items())}")
    assert met["/channels/messenger", 403]
    assert met["/channels/messenger", 400]
    for path in ("/channels/sms/twilio", "/channels/messenger"):
        assert met[path, 200], path
    assert met["/channels/sms/twilio/status", 204]
    messages = "/api/web/conversations/{conversation_id}/messages"
    assert met[messages, 200]
    assert met[messages, 202]
    assert met[messages, 404]
    assert met[messages, 422]


def test_nothing_has_failed_behind_the_answers(target: Target) -> None:
    # Whoever asks now is answered, and has waited for nobody's failure.
    assert Citizen(target.stack.url, "da").say("hvad koster et pas til en voksen?")
    log = (target.stack.folder / "gateway.log").read_text(errors="replace")
    lines = log.splitlines()
    failures = [line for line in lines if _FAILURES.search(line)]
    assert failures == []
