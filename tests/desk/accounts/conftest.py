"""Accounts on every database, with a clock that tests turn, and the desk behind HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count

import httpx
import pyotp
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncEngine

import desk.accounts.tables  # noqa: F401 - they register themselves
from desk.accounts.build import Accounts, build_accounts
from desk.accounts.models import NewMember, Role, StaffMember
from desk.accounts.routes import build_router
from desk.accounts.sentences import DeskSentences, load_texts
from desk.accounts.settings import DeskSettings
from desk.errors import DeskError
from gateway import http
from tests.conversations.store.conftest import engine, postgres, url

__all__ = ["engine", "postgres", "url"]

PUBLIC_URL = "https://guide.example.dk"
PASSWORD = "en stille morgen ved søerne"
HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""As real as the other, and quick."""
_numbers = count(1)


@dataclass
class TurnedClock:
    """The time as a test says; it begins now."""

    moment: dt.datetime = field(default_factory=lambda: dt.datetime.now(tz=dt.UTC))

    def __call__(self) -> dt.datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += dt.timedelta(**span)


@dataclass
class Person:
    """A member with everything they know and carry."""

    member: StaffMember
    secret: str
    recovery_codes: list[str]
    clock: TurnedClock

    def code(self, steps: int = 0) -> str:
        """What the authenticator shows, now or some steps of 30 seconds away."""
        moment = self.clock() + dt.timedelta(seconds=30 * steps)
        return pyotp.TOTP(self.secret).at(moment)


class Staff:
    """Makes members who can sign in."""

    def __init__(self, accounts: Accounts, clock: TurnedClock) -> None:
        self._accounts, self._clock = accounts, clock

    async def person(
        self, role: Role = Role.guide, *, teams: tuple[str, ...] = (), email: str = ""
    ) -> Person:
        email = email or f"staff{next(_numbers)}@example.dk"
        new = NewMember("Ida Holm", email, role, teams)
        member = await self._accounts.store.add(new, by=None)
        link = await self._accounts.invitations.make(member.id, by=None)
        token = link.rpartition("/")[2]
        secret = (await self._accounts.invitations.look(token)).totp_secret
        code = pyotp.TOTP(secret).at(self._clock())
        codes = await self._accounts.invitations.redeem(token, PASSWORD, code)
        # The code of this half minute is used up now.
        self._clock.forward(seconds=30)
        return Person(member, secret, codes, self._clock)

    async def sign_in(self, person: Person, address: str = "192.0.2.1") -> str:
        """The token of a new session."""
        token = await self._accounts.passwords.sign_in(
            person.member.email, PASSWORD, person.code(), address=address, instead_of=None
        )
        self._clock.forward(seconds=30)
        return token


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def settings() -> DeskSettings:
    return DeskSettings()


@pytest.fixture
async def accounts(
    engine: AsyncEngine, settings: DeskSettings, clock: TurnedClock
) -> AsyncIterator[Accounts]:
    accounts = build_accounts(engine, settings, PUBLIC_URL, clock=clock, hasher=HASHER)
    yield accounts
    await accounts.close()


@pytest.fixture
def staff(accounts: Accounts, clock: TurnedClock) -> Staff:
    return Staff(accounts, clock)


async def bad_request(_request: Request, _error: Exception) -> Response:
    """As the gateway does it: what was sent is not echoed."""
    return JSONResponse({"error": {"code": "bad_request", "message": "x"}}, 422)


class Doorman:
    """Remembers who has gone."""

    def __init__(self) -> None:
        self.gone: list[str] = []

    async def state(self, member_id: str) -> str:
        return "offline" if member_id in self.gone else "online"

    async def leave(self, member: StaffMember) -> None:
        self.gone.append(member.id)


def build_app(accounts: Accounts, doorman: Doorman | None = None) -> FastAPI:
    """The account routes as the composition root puts them in."""
    app = FastAPI()
    app.add_middleware(http.BodyLimit, limit=64 * 1024, exempt="/internal")
    app.add_exception_handler(DeskError, DeskSentences(load_texts()).answer)
    app.add_exception_handler(RequestValidationError, bad_request)
    app.include_router(build_router(accounts, doorman or Doorman()))
    return app


class Browser(httpx.AsyncClient):
    """Keeps cookies, and says where its requests come from."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            transport=httpx.ASGITransport(app),
            base_url=PUBLIC_URL,
            headers={"Origin": PUBLIC_URL, "Accept-Language": "en"},
        )

    async def sign_in(self, person: Person) -> httpx.Response:
        """Sign in, and send the page's token along from now on."""
        body = {"email": person.member.email, "password": PASSWORD, "totp": person.code()}
        response = await self.post("/api/desk/session", json=body)
        if response.is_success:
            self.headers["X-CSRF-Token"] = response.json()["csrf_token"]
        person.clock.forward(seconds=30)
        return response


@pytest.fixture
def doorman() -> Doorman:
    return Doorman()


@pytest.fixture
def app(accounts: Accounts, doorman: Doorman) -> FastAPI:
    return build_app(accounts, doorman)


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    async with Browser(app) as browser:
        yield browser


@pytest.fixture
async def second(app: FastAPI) -> AsyncIterator[Browser]:
    """Another browser."""
    async with Browser(app) as browser:
        yield browser
