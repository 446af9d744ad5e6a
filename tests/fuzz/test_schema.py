"""Whatever is sent to the published interface, it is answered, and nothing breaks behind it.

Requests are made from ``/openapi.json``, right ones and wrong ones. Half of the webhooks are
signed and half of the citizens' requests have a token, so that what lies behind is reached, too.
"""

from __future__ import annotations

import contextlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from requests.structures import CaseInsensitiveDict
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from twilio.request_validator import RequestValidator

from channels.sms.form import read_form
from tests.postgres import NoPostgres, PostgresServer
from tests.stack import Citizen, Stack
from tests.standins.meta import MetaStandIn
from tests.standins.meta_events import signatures
from tests.standins.twilio import TwilioStandIn

_EXAMPLES = 20
"""Of each kind of request, beside those that the schema itself suggests."""
_PUBLIC = r"^/(api/(web|knowledge)|channels)/"
ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 32, "twilio-token", "+4552510000"
PAGE, SECRET, PAGE_TOKEN, VERIFY = "100", "app-secret", "page-token", "verify-token"
_BASE = "https://guide.example"
SMS, MESSENGER = "/channels/sms/twilio", "/channels/messenger"
STATUS = f"{SMS}/status"
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

    def send(self, case: schemathesis.Case[Any]) -> requests.Response:
        """The request as it was made up; every second one with what opens the door."""
        number = self._number(case)
        trusted = number % 2 == 0
        if trusted:
            self._let_in(case, number)
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
    def _number(case: schemathesis.Case[Any]) -> int:
        """Chance, but the same for the same request."""
        made_up = (case.path_parameters, case.query, case.body)
        return zlib.crc32(repr(made_up).encode(errors="replace"))

    def _let_in(self, case: schemathesis.Case[Any], number: int) -> None:
        """What opens the door; every second time also what gets a request further than that."""
        further: dict[str, Any] = {}
        if "conversation_id" in case.path:
            parameters = {**(case.path_parameters or {}), "conversation_id": self.citizen.id}
            case.path_parameters = parameters
            headers = case.headers if case.headers is not None else CaseInsensitiveDict()
            case.headers = CaseInsensitiveDict({**headers, **self.citizen.headers})
            if case.path.endswith("/messages"):
                said = case.body.get("text") if isinstance(case.body, dict) else None
                further = {"choice": None, "text": said or "hej"}
            elif case.path.endswith("/continue"):
                further = {"channel": "sms", "address": f"+4520{number % 1_000_000:06}"}
        elif case.path == MESSENGER and case.method == "GET":
            query = {"hub.verify_token": VERIFY, "hub.mode": "subscribe", **(case.query or {})}
            case.query = query
        elif case.path == MESSENGER and isinstance(case.body, dict):
            further = {
                "object": "page",
                "entry": [{"id": PAGE, "messaging": _events(case.body.get("entry"))}],
            }
        elif isinstance(case.body, dict):
            case.body = {**case.body, "AccountSid": ACCOUNT}
            further = {"MessageSid": f"SM{number:032x}", "From": "+4520123456"}
            if case.path == STATUS:
                further["MessageStatus"] = ("sent", "read", "failed")[number % 3]
        if further and isinstance(case.body, dict) and number & 2:
            case.body = {**case.body, **further}

    @staticmethod
    def _sign(case: schemathesis.Case[Any], request: requests.PreparedRequest) -> None:
        body: Any = request.body or b""
        raw = body.encode() if isinstance(body, str) else bytes(body)
        if case.path == MESSENGER:
            request.headers.update(signatures(SECRET, raw))
            return
        form = read_form(raw, errors="replace")
        validator = RequestValidator(TOKEN)
        url = _BASE + request.path_url
        request.headers["X-Twilio-Signature"] = validator.compute_signature(url, form)


def _events(made_up: Any) -> list[dict[str, Any]]:
    """Events of our page that hold what was made up, in the places where a citizen's word is."""
    parts = made_up if isinstance(made_up, list) else [made_up]
    events: list[dict[str, Any]] = []
    for part in parts[:5]:
        mid = f"m_{zlib.crc32(repr(part).encode(errors='replace'))}"
        sender = {"sender": {"id": "7"}}
        events += [
            {**sender, "message": {"mid": mid, "text": repr(part)}},
            {**sender, "message": {"mid": mid + "q", "text": "x", "quick_reply": part}},
            {**sender, "message": part},
            {**sender, "postback": {"mid": mid + "p", "title": repr(part), "payload": part}},
            {**sender, "timestamp": part, "postback": {"title": "x", "payload": repr(part)}},
            {**sender, "read": {"watermark": part}, "delivery": part},
            {"sender": part, "message": {"mid": mid, "text": "x", "attachments": part}},
            part,
        ]
    return events


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
        assert isinstance(found, Ok), found
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
        def ask(case: schemathesis.Case[Any]) -> None:
            response = target.send(case)
            assert response.status_code < 500, f"{response.status_code}: {case.as_curl_command()}"

        # What takes nothing cannot be given anything wrong.
        with subtests.test(operation=operation.label), contextlib.suppress(Unsatisfiable):
            ask()


def test_what_lies_behind_was_reached(target: Target) -> None:
    met = target.met
    print(f"\n{sum(met.values())} requests: {sorted(met.items())}")
    assert met[MESSENGER, 403]
    assert met[MESSENGER, 400]
    for path in (SMS, MESSENGER):
        assert met[path, 200], path
    assert met[STATUS, 204]
    messages = "/api/web/conversations/{conversation_id}/messages"
    assert met[messages, 200]
    assert met[messages, 202]
    assert met[messages, 404]
    assert met[messages, 422]
    assert met["/api/web/conversations/{conversation_id}/continue", 202]


_ODD = [
    "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202e", "\ufeff", "\U0010ffff", "\x1b[31m",
    "é" * 900,
]  # fmt: skip
"""What databases, encoders and terminals stumble over."""


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def _signed(path: str, form: dict[str, str]) -> dict[str, Any]:
    raw = urlencode(form, errors="surrogatepass").encode()
    fields = read_form(raw, errors="replace")
    signature = RequestValidator(TOKEN).compute_signature(_BASE + path, fields)
    return {"data": raw, "headers": {"X-Twilio-Signature": signature}}


def _failing(wanted: list[tuple[str, str, dict[str, Any]]]) -> list[str]:
    """The requests that got no answer or a bad one; each has a connection of its own."""
    failed = []
    for method, url, content in wanted:
        try:
            status = requests.request(method, url, timeout=30, **content).status_code
        except requests.ConnectionError as error:
            failed.append(f"{method} {url}: {type(error).__name__}")
        else:
            if status >= 500:
                failed.append(f"{method} {url} {content}: {status}")
    return failed


@pytest.mark.parametrize("odd", _ODD, ids=ascii)
def test_characters_that_somebody_stumbles_over(target: Target, odd: str) -> None:
    citizen, url, quoted = Citizen(target.stack.url, "da"), target.stack.url, _quoted(odd)
    path, headers = url + citizen.path, citizen.headers
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("/messages", {"text": odd}),
        ("/messages", {"text": f"hej {odd}", "client_message_id": odd}),
        ("/messages", {"choice": odd}),
        ("/messages", {"choice": f"service:{odd}"}),
        ("/language", {"language": odd}),
        ("/continue", {"address": odd}),
        ("/continue", {"address": "+4520123456", "channel": odd}),
        ("/continue/code", {"code": odd}),
        (f"/messages/{quoted}/feedback", {"helpful": True}),
    ]
    wanted: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", path + end, {"json": body, "headers": headers}) for end, body in bodies
    ]
    wanted += [
        ("GET", f"{url}/api/web/conversations/{quoted}/messages", {"headers": headers}),
        ("DELETE", f"{url}/api/web/conversations/{quoted}", {"headers": headers}),
        ("GET", f"{url}/api/knowledge/services/{quoted}", {}),
        ("GET", f"{path}/messages", {"headers": {"Authorization": b"Bearer \xff\xfe"}}),
        ("GET", f"{url}/chat", {"headers": {"Cookie": f"borgerguide={quoted}.{quoted}"}}),
        ("POST", f"{url}/chat", {"data": {"text": odd.encode("utf-8", "surrogatepass")}}),
    ]
    number = zlib.crc32(odd.encode("utf-8", "surrogatepass"))
    for name in ("Body", "From", "MessageSid", "MessageStatus", "OptOutType", "NumMedia"):
        for webhook in (SMS, STATUS):
            form = {"AccountSid": ACCOUNT, "MessageSid": f"SM{number:032x}", "Body": "hej"}
            form |= {"From": "+4520123457", "MessageStatus": "sent", name: odd}
            wanted.append(("POST", url + webhook, _signed(webhook, form)))
    batch = {"object": "page", "entry": [{"id": PAGE, "messaging": _events(odd)}]}
    raw = json.dumps(batch).encode()
    wanted.append(("POST", url + MESSENGER, {"data": raw, "headers": signatures(SECRET, raw)}))
    assert _failing(wanted) == []


@pytest.mark.parametrize("odd", _ODD, ids=ascii)
def test_a_short_link_of_odd_characters_leads_nowhere(target: Target, odd: str) -> None:
    link = f"{target.stack.url}/s/{_quoted(odd)}"
    wanted: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", link, {}),
        ("POST", f"{link}/code", {}),
        ("POST", f"{link}/open", {"data": {"code": "123456"}}),
    ]
    assert _failing(wanted) == []


def test_nothing_has_failed_behind_the_answers(target: Target) -> None:
    # Whoever asks now is answered, and has waited for nobody's failure.
    assert Citizen(target.stack.url, "da").say("hvad koster et pas til en voksen?")
    log = (target.stack.folder / "gateway.log").read_text(errors="replace")
    assert [line for line in log.splitlines() if _FAILURES.search(line)] == []
