"""Whatever is sent to the desk's interface, it is answered, and nothing breaks behind it.

The requests are made from ``/openapi.json``. Most come from an administrator who is signed in, and
most are about a conversation, a colleague and a team that are there: what lies behind the door is
what is looked for.
"""

from __future__ import annotations

import asyncio
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
from requests.structures import CaseInsensitiveDict
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema

from desk.accounts.build import Accounts, build_accounts
from desk.accounts.models import NewMember, Role, StaffMember, Team
from desk.accounts.sessions import csrf_token
from desk.accounts.settings import DeskSettings
from desk.queue.models import PresenceState
from desk.queue.presence import PresenceBoard
from storage.engine import open_engine
from tests.postgres import NoPostgres, PostgresServer
from tests.stack import Citizen, Stack

_EXAMPLES = 8
"""Of each kind of request, beside those that the schema itself suggests."""
_DESK = r"^/api/desk/"
_REQUEST = ("method", "url", "headers", "files", "data", "json", "params", "auth", "cookies")
_FAILURES = re.compile(r"\[error|\[critical|Traceback \(most recent call last\)")
_ENDS = frozenset({"/api/desk/session", "/api/desk/sessions"})


@dataclass
class Target:
    """A gateway, and an administrator who has a conversation there."""

    stack: Stack
    database: str
    http: requests.Session = field(default_factory=requests.Session)
    met: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How often each path gave each status."""
    ours: dict[str, str] = field(default_factory=dict)
    """Parameters of paths, as they lead to something that is there."""
    token: str = ""

    def open(self) -> None:
        """People, a team, and somebody who waits."""
        asyncio.run(self._people())
        citizen = Citizen(self.stack.url, "da")
        citizen.choose("human")
        self.ours["conversation_id"] = citizen.id

    async def _people(self) -> None:
        engine = open_engine(self.database)
        accounts = build_accounts(engine, DeskSettings(), self.stack.url)
        await accounts.store.save_team(Team("alle", "Alle", ("kk",)), by=None)
        boss = await self._member(accounts, "Bo", Role.administrator)
        mette = await self._member(accounts, "Mette", Role.guide)
        await PresenceBoard(engine).say(mette.id, PresenceState.online)
        self.ours |= {"boss": boss.id, "member_id": mette.id, "team_id": "alle"}
        self.ours["service"] = "pas-voksen"
        await engine.dispose()

    @staticmethod
    async def _member(accounts: Accounts, name: str, role: Role) -> StaffMember:
        new = NewMember(name, f"{name.lower()}@example.dk", role, ("alle",))
        return await accounts.store.add(new, by=None)

    async def _begin(self) -> str:
        engine = open_engine(self.database)
        accounts = build_accounts(engine, DeskSettings(), self.stack.url)
        boss = await accounts.store.get(self.ours["boss"])
        token = await accounts.sessions.begin(
            boss, method="fuzz", address="127.0.0.1", instead_of=None
        )
        await engine.dispose()
        return token

    def send(self, case: schemathesis.Case[Any]) -> requests.Response:
        """The request as it was made up; most with the cookie and with ids of ours."""
        made_up = (case.path_parameters, case.query, case.body)
        number = zlib.crc32(repr(made_up).encode(errors="replace"))
        if number % 4:
            known = {key: self.ours[key] for key in case.path_parameters or {} if key in self.ours}
            case.path_parameters = {**(case.path_parameters or {}), **known}
        arguments = case.as_transport_kwargs(base_url=self.stack.url)
        request = requests.Request(
            **{name: arguments[name] for name in _REQUEST if name in arguments}
        ).prepare()
        if number % 8:
            self.token = self.token or asyncio.run(self._begin())
            request.headers = CaseInsensitiveDict(
                {
                    **request.headers,
                    "Origin": self.stack.url,
                    "Cookie": f"desk={self.token}",
                    "X-CSRF-Token": csrf_token(self.token),
                }
            )
        # The events do not end.
        with self.http.send(request, stream=True, timeout=30) as response:
            if "event-stream" not in response.headers.get("content-type", ""):
                _ = response.content
        self.http.cookies.clear()
        if case.method == "DELETE" and case.path in _ENDS:
            self.token = ""
        self.met[case.path, response.status_code] += 1
        return response


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """PostgreSQL, if there is one: it is the stricter one with lengths and characters."""
    with contextlib.ExitStack() as opened:
        try:
            yield opened.enter_context(PostgresServer()).url
        except NoPostgres:
            yield f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('fuzz-desk') / 'guide.db'}"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[Target]:
    """Without Rasa, which the desk does not ask."""
    stack = Stack(
        tmp_path_factory.mktemp("fuzzed-desk"),
        database_url=database,
        messages_per_minute="1000000",
        message_burst="1000000",
    )
    try:
        stack.migrate()
        stack.start_gateway()
        stack.wait("degraded")
        found = Target(stack, database)
        found.open()
        yield found
    finally:
        stack.close()


@pytest.fixture(scope="module")
def published(target: Target) -> BaseSchema:
    found = schemathesis.openapi.from_url(f"{target.stack.url}/openapi.json")
    return found.include(path_regex=_DESK)


@pytest.mark.timeout(600)
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
    conversation = "/api/desk/conversations/{conversation_id}"
    for path in ("/api/desk/me", "/api/desk/members", "/api/desk/teams", conversation):
        assert met[path, 200], path
    assert met[f"{conversation}/transfer", 422]
    # What is made up for one path is chance: of a few requests to it, none may lack the cookie.
    behind = {
        status: {path for path, met_status in met if met_status == status}
        for status in (200, 401, 404)
    }
    for paths in behind.values():
        assert len([path for path in paths if path.startswith(conversation)]) > 3


def test_nothing_has_failed_behind_the_answers(target: Target) -> None:
    log = (target.stack.folder / "gateway.log").read_text(errors="replace")
    assert [line for line in log.splitlines() if _FAILURES.search(line)] == []
