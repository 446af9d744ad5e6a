"""The whole gateway with staff at its desk, on a database of its own."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app import Parts, create_app
from desk.accounts.audit import Entry
from desk.accounts.build import Accounts, build_accounts
from desk.accounts.models import NewMember, Role, StaffMember, Team
from desk.accounts.sessions import csrf_token
from desk.accounts.settings import DeskSettings
from desk.accounts.store import Changes

ORIGIN = "http://guide"
API = "/api/desk"


class Page(httpx.AsyncClient):
    """A member's browser: it has the cookie, and sends what a page of ours sends."""

    def __init__(self, app: FastAPI, member: StaffMember, token: str) -> None:
        super().__init__(
            transport=httpx.ASGITransport(app),
            base_url=ORIGIN,
            headers={"Origin": ORIGIN, "X-CSRF-Token": csrf_token(token)},
            cookies={"desk": token},
        )
        self.member = member
        self.token = token

    async def act(self, conversation_id: str, what: str, **body: Any) -> httpx.Response:
        path = f"{API}/conversations/{conversation_id}/{what}"
        return await self.post(path, json=body) if body else await self.post(path)

    async def line(self, conversation_id: str) -> dict[str, Any]:
        detail = await self.get(f"{API}/conversations/{conversation_id}")
        assert detail.status_code == 200, detail.text
        found: dict[str, Any] = detail.json()["conversation"]
        return found

    async def ids(self, name: str) -> list[str]:
        found = await self.get(f"{API}/conversations", params={"list": name})
        assert found.status_code == 200, found.text
        return [item["id"] for item in found.json()["items"]]


@dataclass
class Citizen:
    """Somebody on the website."""

    http: httpx.AsyncClient
    id: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return f"/api/web/conversations/{self.id}"

    async def say(self, words: str = "", choice: str | None = None) -> None:
        body = {"choice": choice} if choice else {"text": words}
        response = await self.http.post(f"{self.path}/messages", json=body, headers=self.headers)
        assert response.status_code == 202, response.text
        for _ in range(500):
            answer = (await self.http.get(f"{self.path}/messages", headers=self.headers)).json()
            if not answer["typing"]:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the guide never stopped")

    async def heard(self) -> list[dict[str, Any]]:
        answer = await self.http.get(f"{self.path}/messages", headers=self.headers)
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found


@dataclass
class Office:
    """The gateway, and how to come to it."""

    app: FastAPI
    parts: Parts
    accounts: Accounts
    http: httpx.AsyncClient
    pages: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def team(self, identifier: str, *administrations: str) -> Team:
        team = Team(identifier, identifier.capitalize(), administrations)
        return await self.accounts.store.save_team(team, by=None)

    async def page(
        self,
        name: str,
        *teams: str,
        role: Role = Role.guide,
        online: bool = True,
        capacity: int = 5,
    ) -> Page:
        email = f"{uuid.uuid4().hex[:8]}@example.dk"
        new = NewMember(name, email, role, teams, capacity=capacity)
        member = await self.accounts.store.add(new, by=None)
        page = await self.again(member)
        if online:
            said = await page.put(f"{API}/presence", json={"state": "online"})
            assert said.status_code == 204, said.text
        return page

    async def again(self, member: StaffMember) -> Page:
        """Another browser of the same member."""
        token = await self.accounts.sessions.begin(
            member, method="test", address="192.0.2.1", instead_of=None
        )
        return await self.pages.enter_async_context(Page(self.app, member, token))

    async def speaks(self, page: Page, language: str) -> None:
        """The member reads the desk's own texts in this language."""
        changes = Changes(ui_language=language)
        await self.accounts.store.change(page.member.id, changes, by=None)

    async def citizen(self, *words: str, language: str = "da") -> Citizen:
        started = (
            await self.http.post("/api/web/conversations", json={"language": language})
        ).json()
        headers = {"Authorization": f"Bearer {started['token']}"}
        citizen = Citizen(self.http, started["conversation_id"], headers)
        for line in words:
            await citizen.say(line)
        return citizen

    async def waiting(self, *words: str, language: str = "da") -> Citizen:
        """Somebody who waits for a person."""
        citizen = await self.citizen(*(words or ("Jeg har mistet mit pas",)), language=language)
        await citizen.say(choice="human")
        return citizen

    async def sql(self, statement: str, **values: Any) -> None:
        async with self.parts.engine.begin() as connection:
            await connection.execute(text(statement), values)

    async def trail(self, page: Page, action: str) -> list[Entry]:
        found = await self.accounts.audit.read(actor=page.member.id)
        return [entry for entry in found if entry.action == action]


@pytest.fixture
async def office(parts: Parts) -> AsyncIterator[Office]:
    app = create_app(parts)
    accounts = build_accounts(parts.engine, DeskSettings(), parts.settings.public_url)
    async with app.router.lifespan_context(app), AsyncExitStack() as pages:
        transport = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        await pages.enter_async_context(client)
        yield Office(app, parts, accounts, client, pages)
    await accounts.close()


@pytest.fixture
async def mette(office: Office) -> Page:
    """A guide in a team for everything that the city does."""
    await office.team("borgerservice", "kk")
    return await office.page("Mette", "borgerservice")


@pytest.fixture
async def omar(office: Office, mette: Page) -> Page:
    """Mette's colleague."""
    return await office.page("Omar", "borgerservice")


@pytest.fixture
async def stranger(office: Office, mette: Page) -> Page:
    """A specialist of another team."""
    await office.team("musik")
    return await office.page("Sara", "musik", role=Role.specialist)


def code_of(response: httpx.Response) -> str:
    body = response.json()
    assert set(body) == {"error"}, body
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["message"]
    return str(body["error"]["code"])
