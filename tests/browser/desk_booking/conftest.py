"""The desk's pages of appointments, against the real gateway, on the starter data."""

from __future__ import annotations

import asyncio
import datetime as dt
import subprocess
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page

import conversations.store.tables  # noqa: F401 - appointments name conversations
from booking.appointments import Appointments
from booking.models import Appointment, Contact, HoldRequest, Kind, ServiceWish
from booking.supply import Caseworker, Place, WeeklyRule
from booking.supply_store import SupplyStore
from desk.accounts.build import build_accounts
from desk.accounts.models import NewMember, Role, Team
from desk.accounts.settings import DeskSettings
from launcher.paths import GATEWAY_PYTHON, ROOT
from storage.engine import open_engine
from tests.browser.conftest import DESKTOP
from tests.browser.guide import Watch
from tests.stack import Stack

ZONE = ZoneInfo("Europe/Copenhagen")
PLACE = "testhus"
TEAM = "borgerservice"
SUMMARY = "- Mit pas er blevet stjålet"
PASSPORT = (ServiceWish("pas-voksen"),)


def today() -> dt.date:
    return dt.datetime.now(ZONE).date()


@dataclass
class Office:
    """A gateway with a place that is open day and night, so that every hour has a today."""

    stack: Stack

    @property
    def database(self) -> str:
        return f"sqlite+aiosqlite:///{self.stack.folder / 'guide.db'}"

    async def prepare(self) -> None:
        engine = open_engine(self.database)
        always = dt.time()
        await SupplyStore(engine).put(
            places=[Place(PLACE, "Testhuset", Kind.in_person, "Testvej 1", lead_minutes=0)],
            caseworkers=[
                Caseworker(
                    "vera", "Vera Test", frozenset({"pas-voksen", "mitid"}),
                    frozenset({"da", "dsl"}), capacity=12,
                )
            ],
            hours={
                (PLACE, who): [WeeklyRule(PLACE, who, day, always, always) for day in range(7)]
                for who in (None, "vera")
            },
        )  # fmt: skip
        await engine.dispose()

    async def booked(
        self,
        at: str,
        name: str,
        *,
        days: int = 0,
        share: bool = False,
        conversation: str | None = None,
        contact: tuple[str, str] = ("sms", "+4520123456"),
    ) -> Appointment:
        """An appointment on a day from now on, booked at its midnight: whatever time it is now."""
        day = today() + dt.timedelta(days=days)
        midnight = dt.datetime.combine(day, dt.time(), ZONE).astimezone(dt.UTC)
        engine = open_engine(self.database)
        supply = SupplyStore(engine, lambda: midnight)
        appointments = Appointments(engine, supply, lambda: midnight)
        start = dt.datetime.combine(day, dt.time.fromisoformat(at), ZONE)
        hold = await appointments.hold(HoldRequest(PLACE, start, PASSPORT, None, conversation))
        made = await appointments.confirm(
            hold.id, Contact(name, *contact), share_summary=share, summary=SUMMARY
        )
        await engine.dispose()
        return made

    async def token(self, role: Role, language: str) -> str:
        engine = open_engine(self.database)
        accounts = build_accounts(engine, DeskSettings(), self.stack.url)
        email = f"{uuid.uuid4().hex[:8]}@example.dk"
        await accounts.store.save_team(Team(TEAM, "Borgerservice", ("kk",)), by=None)
        new = NewMember("Mette Holm", email, role, (TEAM,), ui_language=language)
        member = await accounts.store.add(new, by=None)
        token = await accounts.sessions.begin(
            member, method="test", address="127.0.0.1", instead_of=None
        )
        await accounts.close()
        await engine.dispose()
        return token


class Desk:
    """A member's browser, through stable hooks."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.origin}/desk/{path}")
        await self.page.locator("h1#page").wait_for()

    def part(self, hook: str) -> Locator:
        return self.page.get_by_test_id(hook)

    def visit(self, name: str) -> Locator:
        return self.part("visit").filter(has_text=name)


Sign = Callable[..., Awaitable[Desk]]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    stack = Stack(tmp_path_factory.mktemp("office"), booking_secret="o" * 40)
    try:
        stack.migrate()
        subprocess.run(
            [str(GATEWAY_PYTHON), "-m", "booking.starter"],
            cwd=ROOT, env=stack._environment, check=True, capture_output=True,
        )  # fmt: skip
        office = Office(stack)
        asyncio.run(office.prepare())
        stack.start_rasa()
        stack.start_gateway()
        stack.wait()
        yield office
    finally:
        stack.close()


@pytest.fixture
def origin(office: Office) -> str:
    return office.stack.url


@pytest_asyncio.fixture(loop_scope="session")
async def sign(browser: Browser, office: Office, watch: Watch) -> AsyncIterator[Sign]:
    """A member who has signed in; ``sign(role, language, **context options)``."""
    contexts: list[BrowserContext] = []

    async def begin(role: Role = Role.administrator, language: str = "da", **options: Any) -> Desk:
        context = await browser.new_context(**{**DESKTOP, **options})
        contexts.append(context)
        await watch.over(context)
        token = await office.token(role, language)
        await context.add_cookies([{"name": "desk", "value": token, "url": office.stack.url}])
        return Desk(await context.new_page(), office.stack.url)

    yield begin
    for context in contexts:
        await context.close()
    assert watch.problems == []
