"""Staff at the desk and citizens at the widget, on the real gateway with the real dialogue."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, expect
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.store.tables import ConversationRow
from desk.accounts.build import Accounts, build_accounts
from desk.accounts.models import NewMember, Role, StaffMember, Team
from desk.accounts.settings import DeskSettings
from desk.accounts.store import Changes
from desk.queue.models import PresenceState
from desk.queue.presence import PresenceBoard
from desk.queue.tables import PresenceRow, TeamSettingsRow
from storage.engine import open_engine
from storage.sessions import Sessions
from tests.browser.conftest import DESKTOP, Visit
from tests.browser.desk.clerk import Clerk
from tests.browser.guide import Guide, Watch
from tests.stack import Stack, running

TEAM = "borgerservice"
"""Answers for everything that the city does."""
_NAMES = {TEAM: "Borgerservice", "musik": "Musikskolen"}


@dataclass
class Office:
    """The accounts of the gateway that is visited, and everybody's browsers."""

    engine: AsyncEngine
    accounts: Accounts
    browser: Browser
    origin: str
    watch: Watch
    visit: Visit
    contexts: list[BrowserContext] = field(default_factory=list)

    async def team(self, identifier: str, *administrations: str) -> None:
        name = _NAMES.get(identifier, identifier.capitalize())
        await self.accounts.store.save_team(Team(identifier, name, administrations), by=None)

    async def member(self, name: str, *teams: str, role: Role = Role.guide) -> StaffMember:
        email = f"{uuid.uuid4().hex[:8]}@example.dk"
        new = NewMember(name, email, role, teams or (TEAM,), ("da", "en"), ui_language="da")
        return await self.accounts.store.add(new, by=None)

    async def clerk(
        self,
        name: str,
        *teams: str,
        role: Role = Role.guide,
        presence: str | None = "online",
        language: str = "da",
        **options: Any,
    ) -> Clerk:
        """Somebody at the desk, signed in; ``presence=None``: at no page yet."""
        member = await self.member(name, *teams, role=role)
        if language != "da":
            changes = Changes(ui_language=language)
            await self.accounts.store.change(member.id, changes, by=None)
        clerk = await self.at_the_door(member, **options)
        await self.let_in(clerk)
        if presence is not None:
            await clerk.arrive(presence)
        return clerk

    async def at_the_door(self, member: StaffMember, **options: Any) -> Clerk:
        """A browser of the member's that is not signed in."""
        context = await self.browser.new_context(
            **{"locale": "da-DK", "timezone_id": "Europe/Copenhagen", **DESKTOP, **options}
        )
        self.contexts.append(context)
        await self.watch.over(context)
        return Clerk(await context.new_page(), self.origin, member)

    async def let_in(self, clerk: Clerk) -> None:
        """A session, without the way through the door: that has a test of its own."""
        token = await self.accounts.sessions.begin(
            clerk.member, method="test", address="127.0.0.1", instead_of=None
        )
        await clerk.page.context.add_cookies(
            [{"name": "desk", "value": token, "url": self.origin, "sameSite": "Strict"}]
        )

    async def another_tab(self, clerk: Clerk) -> Clerk:
        return Clerk(await clerk.page.context.new_page(), self.origin, clerk.member)

    async def citizen(self, *words: str, language: str = "da", **options: Any) -> Guide:
        """Somebody at the widget."""
        guide = await self.visit(**{"locale": f"{language}-DK", **options})
        await guide.begin()
        if language != "da":
            await guide.language(language)
        for text in words:
            await guide.say(text)
        return guide

    async def waiting(self, *words: str, language: str = "da", **options: Any) -> tuple[Guide, str]:
        """Somebody who has asked for a person, and the id of their conversation."""
        guide = await self.citizen(*words, language=language, **options)
        await guide.say("Jeg vil tale med et menneske" if language == "da" else "human")
        await expect(guide.part("status")).to_have_attribute("data-phase", "queued")
        return guide, await guide.conversation()

    async def present(self, member: StaffMember) -> None:
        """Available, without a page that says so."""
        board = PresenceBoard(self.engine)
        await board.say(member.id, PresenceState.online)

    async def presence(self, member: StaffMember) -> str:
        """As colleagues see it."""
        return (await PresenceBoard(self.engine).all())[member.id].state.value

    async def silent(self, member: StaffMember) -> None:
        """As after an hour without a sign of them."""
        before = dt.datetime.now(tz=dt.UTC) - dt.timedelta(hours=1)
        async with Sessions(self.engine).write() as session:
            await session.execute(
                update(PresenceRow)
                .where(PresenceRow.member_id == member.id)
                .values(heard_at=before)
            )

    async def tidy(self) -> None:
        """Nobody at the desk, and nothing in the queue: the tests before have left theirs."""
        for member in await self.accounts.store.members():
            await self.accounts.store.change(member.id, Changes(active=False), by=None)
        async with Sessions(self.engine).write() as session:
            for table in (ConversationRow, PresenceRow, TeamSettingsRow):
                await session.execute(delete(table))

    async def close(self) -> None:
        """Everybody goes home."""
        for context in self.contexts:
            for page in context.pages:
                await page.unroute_all(behavior="ignoreErrors")
            await context.close()


@pytest.fixture(scope="package")
def desk_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of their own: a guide with teams behind it answers otherwise than one without."""
    folder = tmp_path_factory.mktemp("desk")
    with running(folder, messages_per_minute="100000", message_burst="100000") as stack:
        yield stack


@pytest.fixture
def origin(desk_stack: Stack) -> str:
    return desk_stack.url


@pytest_asyncio.fixture(loop_scope="session")
async def office(
    desk_stack: Stack, browser: Browser, origin: str, watch: Watch, visit: Visit
) -> AsyncIterator[Office]:
    engine = open_engine(f"sqlite+aiosqlite:///{desk_stack.folder / 'guide.db'}")
    accounts = build_accounts(engine, DeskSettings(), desk_stack.url)
    office = Office(engine, accounts, browser, origin, watch, visit)
    await office.tidy()
    await office.team(TEAM, "kk")
    await office.team("musik", "biblioteker")
    yield office
    await office.close()
    await accounts.close()
    await engine.dispose()


@pytest_asyncio.fixture(loop_scope="session")
async def mette(office: Office) -> Clerk:
    return await office.clerk("Mette Holm")


@pytest_asyncio.fixture(loop_scope="session")
async def omar(office: Office, mette: Clerk) -> Clerk:
    """Mette's colleague."""
    return await office.clerk("Omar Said")
