"""Gateways with other settings, and one on a real socket."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
import uvicorn

from app import Parts, create_app

Gateway = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def gateway(parts: Parts) -> Gateway:
    """Starts a gateway in this process with some settings changed."""

    @asynccontextmanager
    async def start(**settings: object) -> AsyncIterator[httpx.AsyncClient]:
        changed = parts.settings.model_copy(update=settings)
        app = create_app(dataclasses.replace(parts, settings=changed))
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://guide") as client:
                yield client

    return start


@pytest.fixture
async def online(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway behind a real server: answers come in pieces, as they are sent."""
    config = uvicorn.Config(
        create_app(parts), port=0, log_config=None, timeout_graceful_shutdown=1, lifespan="on"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done()
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        yield client
    server.should_exit = True
    await serving
