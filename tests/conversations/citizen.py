"""Somebody who writes to a gateway that runs in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

_PATIENCE = 20.0


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask again until it holds."""
    deadline = time.monotonic() + _PATIENCE
    while not await holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {_PATIENCE} s")
        await asyncio.sleep(0.005)


class AsyncCitizen:
    """A conversation over the public interface; start it with :meth:`begin`."""

    def __init__(self, client: httpx.AsyncClient, conversation_id: str, token: str) -> None:
        self.client = client
        self.id = conversation_id
        self.headers = {"Authorization": f"Bearer {token}"}
        self.path = f"/api/web/conversations/{self.id}"
        self.seen = 1  # the welcome

    @classmethod
    async def begin(cls, client: httpx.AsyncClient, language: str | None = None) -> AsyncCitizen:
        body = {"language": language} if language else {}
        started = await client.post("/api/web/conversations", json=body)
        assert started.status_code == 201, started.text
        return cls(client, started.json()["conversation_id"], started.json()["token"])

    async def post(self, **body: Any) -> httpx.Response:
        """One message, as it is; the answer is not awaited."""
        return await self.client.post(f"{self.path}/messages", json=body, headers=self.headers)

    async def read(self, after: int = 0) -> dict[str, Any]:
        answer = await self.client.get(
            f"{self.path}/messages", params={"after": after}, headers=self.headers
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def choose_language(self, language: str) -> httpx.Response:
        return await self.client.post(
            f"{self.path}/language", json={"language": language}, headers=self.headers
        )

    async def settled(self) -> dict[str, Any]:
        """What there is to read, once nothing is being worked on."""

        async def quiet() -> bool:
            return not (await self.read(self.seen))["typing"]

        await until(quiet)
        view = await self.read(self.seen)
        if view["messages"]:
            self.seen = view["messages"][-1]["seq"]
        return view

    async def answers(self) -> list[dict[str, Any]]:
        """What the guide said since the last call."""
        view = await self.settled()
        return [message for message in view["messages"] if message["author"] == "guide"]

    async def say(self, text: str) -> list[dict[str, Any]]:
        """Write, and wait for the answer."""
        accepted = await self.post(text=text)
        assert accepted.status_code == 202, accepted.text
        return await self.answers()

    async def choose(self, code: str) -> list[dict[str, Any]]:
        """Pick a choice, and wait for the answer."""
        accepted = await self.post(choice=code)
        assert accepted.status_code == 202, accepted.text
        return await self.answers()
