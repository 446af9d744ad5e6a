"""Every channel, by itself and inside the whole application."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import SecretStr

from app import Parts, build_renderer, create_app
from channels.base import Access, Channel, PushChannel
from conversations.models import Capabilities
from conversations.rendering.renderer import constants
from conversations.rendering.replies import load_replies
from conversations.service import Conversations
from conversations.store.outbox import Outbox
from conversations.store.store import ConversationStore
from knowledge.catalogue import Catalogue
from knowledge.crisis.detector import load_contacts
from knowledge.live import LiveKnowledge
from settings import ROOT, Settings
from tests.contract.installed import ALL, PUSHING, build
from tests.contract.said import Saying, everything, many


@dataclass
class Registered:
    """A channel inside an application, and what that gave it."""

    name: str
    channel: Channel
    access: Access
    parts: Parts
    application: FastAPI
    client: httpx.AsyncClient

    @property
    def conversations(self) -> Conversations:
        return self.access.conversations

    @property
    def store(self) -> ConversationStore:
        return ConversationStore(self.parts.engine)

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.parts.engine)


class _Witness:
    """A channel that nobody writes on: it keeps what the application gives to all of them."""

    name = "witness"
    capabilities = Capabilities()
    access: Access

    def router(self, access: Access) -> APIRouter:
        self.access = access
        return APIRouter()


async def _registered(name: str, parts: Parts) -> AsyncIterator[Registered]:
    channel, witness = build(name), _Witness()
    channels: dict[str, Channel] = {name: channel, witness.name: witness}
    parts = dataclasses.replace(parts, channels=channels)
    application = create_app(parts)
    async with application.router.lifespan_context(application):
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://guide") as client:
            yield Registered(name, channel, witness.access, parts, application, client)


@pytest.fixture(params=ALL)
async def registered(request: pytest.FixtureRequest, parts: Parts) -> AsyncIterator[Registered]:
    """One test per line of the registry, and one on paper."""
    async for item in _registered(request.param, parts):
        yield item


@pytest.fixture(params=PUSHING)
async def pushing(request: pytest.FixtureRequest, parts: Parts) -> AsyncIterator[Registered]:
    """The same for those that push."""
    async for item in _registered(request.param, parts):
        yield item


@pytest.fixture(scope="session", params=PUSHING)
def channel(request: pytest.FixtureRequest) -> PushChannel:
    """A channel by itself: nothing of it may need the application."""
    built = build(request.param)
    assert isinstance(built, PushChannel)
    return built


@dataclass(frozen=True)
class Said:
    """All sayings in one language."""

    language: str
    sayings: Sequence[Saying]
    many: Saying


@pytest.fixture(scope="session", params=["da", "en"])
def said(request: pytest.FixtureRequest, live: LiveKnowledge, catalogue: Catalogue) -> Said:
    """Everything that can be said."""
    renderer = build_renderer(Settings(internal_token=SecretStr("test")), live)
    replies = load_replies(ROOT / "bot" / "replies", catalogue.language_codes)
    language = request.param
    known = constants(catalogue, load_contacts(ROOT / "knowledge" / "crisis"), days=30)
    sayings = list(everything(renderer, catalogue, replies, known, language))
    return Said(language, sayings, Saying("many choices", many(renderer, catalogue, language)))
