"""The desk's booking over HTTP, on a small town with a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app import build_renderer
from booking.models import Appointment, Contact, HoldRequest, ServiceWish
from conversations.delivery.dispatch import Dispatch
from conversations.store.store import ConversationStore
from conversations.store.tables import DeliveryRow, MessageRow
from desk.accounts.audit import Entry
from desk.accounts.build import Accounts, build_accounts
from desk.accounts.models import NewMember, Role, Team
from desk.accounts.sentences import DeskSentences, load_texts
from desk.accounts.settings import DeskSettings
from desk.booking.build import DeskBooking, build_desk_booking
from desk.errors import DeskError
from gateway.booking import Booking as Guide
from gateway.booking import build_booking
from knowledge.live import LiveKnowledge
from settings import Settings
from storage.base import Base
from storage.engine import open_engine
from storage.sessions import Sessions
from tests.booking.world import Booking, HandClock, at, booking_on, small_town
from tests.desk.console.conftest import API, ORIGIN, Page
from tests.gateway.test_notices import NUMBER, Paper

BOOKING = f"{API}/booking"
TODAY = "2026-03-04"
"""A Wednesday: both who work at the town hall are there."""
PASSPORT = (ServiceWish("pas-voksen"),)
SUMMARY = "- Mit pas er væk"


@dataclass
class Town:
    """Members at their browsers, and citizens with appointments."""

    app: FastAPI
    engine: AsyncEngine
    clock: HandClock
    core: Booking
    accounts: Accounts
    guide: Guide
    desk: DeskBooking
    pages: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def page(self, name: str, *teams: str, role: Role = Role.guide) -> Page:
        for team in teams:
            await self.accounts.store.save_team(Team(team, team.capitalize()), by=None)
        new = NewMember(name, f"{name.lower()}@example.dk", role, teams)
        member = await self.accounts.store.add(new, by=None)
        token = await self.accounts.sessions.begin(
            member, method="test", address="192.0.2.1", instead_of=None
        )
        return await self.pages.enter_async_context(Page(self.app, member, token))

    async def booked(
        self, when: str, *, share: bool = False, channel: str = "sms", place: str = "raadhus"
    ) -> Appointment:
        store = ConversationStore(self.engine)
        conversation, _ = await store.create("web", "da", language_chosen=False)
        request = HoldRequest(place, at(when), PASSPORT, None, conversation.id)
        hold = await self.core.appointments.hold(request)
        contact = Contact("Mette Hansen", channel, NUMBER)
        return await self.core.appointments.confirm(
            hold.id, contact, share_summary=share, summary=SUMMARY
        )

    async def told(self) -> list[tuple[str | None, str]]:
        """What went out by text message, and what stands in conversations."""
        async with Sessions(self.engine).read() as session:
            sent = [row.payload["body"] for row in await session.scalars(select(DeliveryRow))]
            said = [(row.reply, row.text) for row in await session.scalars(select(MessageRow))]
        assert len(sent) <= len(said)
        return said

    async def trail(self, page: Page) -> list[Entry]:
        return list(reversed(await self.accounts.audit.read(actor=page.member.id)))


@pytest.fixture
async def town(tmp_path: Path, live: LiveKnowledge) -> AsyncIterator[Town]:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'guide.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    clock = HandClock()
    core = booking_on(engine, clock)
    await small_town(core.supply)
    accounts = build_accounts(engine, DeskSettings(), ORIGIN)
    guide = build_booking(
        engine=engine,
        secrets=("d" * 40,),
        live=live,
        store=ConversationStore(engine),
        renderer=build_renderer(Settings(internal_token=SecretStr("test")), live, core.supply),
        dispatch=Dispatch({"sms": Paper()}, "https://guide.example"),  # type: ignore[dict-item]
        sent=lambda: None,
        clock=clock,
    )
    desk = build_desk_booking(guide.desk, accounts, live.catalogue)
    app = FastAPI()
    app.include_router(desk.router)
    app.add_exception_handler(DeskError, DeskSentences(load_texts()).answer)
    town = Town(app, engine, clock, core, accounts, guide, desk)
    async with town.pages:
        yield town
    await accounts.close()
    await engine.dispose()


@pytest.fixture
async def mette(town: Town) -> Page:
    """A guide: places without a team are everybody's."""
    return await town.page("Mette", "borgerservice")


@pytest.fixture
async def ida(town: Town) -> Page:
    """An editor, who sets up what can be booked."""
    return await town.page("Ida", role=Role.editor)


async def got(page: Page, path: str, **params: Any) -> Any:
    answer = await page.get(f"{BOOKING}{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def did(page: Page, path: str, **body: Any) -> Any:
    answer = await page.post(f"{BOOKING}{path}", json=body)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()
