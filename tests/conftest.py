"""Fixtures for every test: knowledge read once, and applications with other parts inside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from pydantic import SecretStr

from app import Parts, build_channels, build_crisis, build_language, build_scope, create_app
from conversations.assistant.port import Context
from conversations.coordination import alone
from conversations.language.detector import LanguageDetector
from conversations.models import Reply
from gateway import logs
from knowledge.catalogue import Catalogue
from knowledge.crisis.detector import CrisisDetector
from knowledge.fitted import FittedModels
from knowledge.live import LiveKnowledge
from knowledge.scope import Scope
from knowledge.search import KnowledgeSearch
from settings import ROOT, Settings
from storage.base import Base
from storage.engine import open_engine
from tests.stack import Stack, running

_RECALL = FittedModels(ROOT / "var" / "cache" / "fitted").recall
"""What the processes under test keep, too: each model is fitted once for all of them."""


class ScriptedAssistant:
    """A dialogue that says what a test tells it to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str | None, Context]] = []
        self.answer: Callable[[str, str | None, Context], list[Reply]] = lambda *_: [Reply("greet")]
        self.is_ready = True

    async def respond(
        self, conversation_id: str, text: str, choice: str | None, context: Context
    ) -> list[Reply]:
        self.asked.append((conversation_id, text, choice, context))
        return self.answer(text, choice, context)

    async def ready(self) -> bool:
        return self.is_ready


@pytest.fixture(scope="session")
def live() -> LiveKnowledge:
    """The project's own knowledge base with its search; never changed by a test."""
    return LiveKnowledge(ROOT / "knowledge", _RECALL)


@pytest.fixture(scope="session")
def catalogue(live: LiveKnowledge) -> Catalogue:
    return live.catalogue()


@pytest.fixture(scope="session")
def search(live: LiveKnowledge) -> KnowledgeSearch:
    return live.search()


@pytest.fixture(scope="session")
def crisis(live: LiveKnowledge) -> CrisisDetector:
    return build_crisis(Settings(internal_token=SecretStr("test")), live, _RECALL)


@pytest.fixture(scope="session")
def language_detector(live: LiveKnowledge) -> LanguageDetector:
    return build_language(live, _RECALL)


@pytest.fixture(scope="session")
def scope(live: LiveKnowledge) -> Scope:
    return build_scope(live, _RECALL)


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    """Logs as they are in production; structlog's own default draws every local variable."""
    logs.configure("production", "INFO")
    yield
    structlog.reset_defaults()


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
async def parts(  # noqa: PLR0917
    tmp_path: Path,
    live: LiveKnowledge,
    crisis: CrisisDetector,
    language_detector: LanguageDetector,
    scope: Scope,
    assistant: ScriptedAssistant,
) -> AsyncIterator[Parts]:
    """An application's parts: a database of its own, the real knowledge, a scripted dialogue."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'guide.db'}"
    settings = Settings(internal_token=SecretStr("test"), database_url=url)
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    channels = build_channels(settings.public_url)
    yield Parts(
        settings, engine, live, crisis, language_detector, scope, assistant, alone(), channels
    )
    await engine.dispose()


@pytest.fixture
async def client(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole gateway, in this process."""
    app = create_app(parts)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://guide") as client:
            yield client


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Real processes with the trained model, shared by all tests that only talk to them."""
    folder = tmp_path_factory.mktemp("stack")
    with running(folder, messages_per_minute="100000", message_burst="100000") as stack:
        yield stack
