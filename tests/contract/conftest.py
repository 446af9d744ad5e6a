"""Every registered channel, inside the whole application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

import app
from app import Parts, create_app
from channels.base import Channel
from channels.registry import REGISTRY
from conversations.service import Conversations


@dataclass
class Registered:
    """A channel as the application built it, and the conversations that it was built on."""

    name: str
    channel: Channel
    conversations: Conversations


@pytest.fixture(params=sorted(REGISTRY))
async def registered(
    request: pytest.FixtureRequest, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Registered]:
    """One test per line of the registry."""
    built: list[Registered] = []

    def remember(conversations: Conversations, languages: tuple[str, ...]) -> Channel:
        channel = REGISTRY[request.param](conversations, languages)
        built.append(Registered(request.param, channel, conversations))
        return channel

    monkeypatch.setattr(app, "REGISTRY", {**REGISTRY, request.param: remember})
    application = create_app(parts)
    async with application.router.lifespan_context(application):
        yield built[0]
