"""The composition root: the only module that imports everything."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import knowledge.api
from bot.actions.executor import build_executor
from bot.examples import small_talk
from channels.registry import REGISTRY
from channels.web.errors import ErrorSentences
from conversations.assistant.port import Assistant
from conversations.assistant.rasa import RasaAssistant
from conversations.events import Events, LocalEvents
from conversations.language.detector import LanguageDetector
from conversations.language.vocabulary import distinctive_words, shared_words
from conversations.limits import LocalRateLimit
from conversations.models import Capabilities, ConversationError
from conversations.pipeline.assistant import AskAssistant
from conversations.pipeline.choices import ResolveChoice
from conversations.pipeline.crisis import CheckCrisis
from conversations.pipeline.language import DetectLanguage
from conversations.pipeline.owner import CheckOwner
from conversations.pipeline.pipeline import Pipeline
from conversations.rendering.answers import Answerer
from conversations.rendering.renderer import Renderer, constants
from conversations.rendering.replies import load_replies
from conversations.service import Conversations
from conversations.store.database import open_engine
from conversations.store.store import ConversationStore
from conversations.turns import TurnRunner
from gateway import health, http, internal, logs
from knowledge.crisis.detector import CrisisDetector, load_contacts, load_detector
from knowledge.live import LiveKnowledge
from settings import Settings

log = structlog.get_logger(__name__)

_MAX_BODY = 64 * 1024
_ERASE_EVERY = 6 * 3600.0


@dataclass
class Parts:
    """What the application is built from; tests put others in the places of the real ones."""

    settings: Settings
    engine: AsyncEngine
    knowledge: LiveKnowledge
    crisis: CrisisDetector
    assistant: Assistant
    events: Events

    @classmethod
    def real(cls, settings: Settings) -> Parts:
        """The parts for production. Raises ``KnowledgeError`` for unreadable knowledge."""
        client = httpx.AsyncClient(base_url=settings.rasa_url)
        live = LiveKnowledge(settings.knowledge_root)
        return cls(
            settings=settings,
            engine=open_engine(settings.database_url),
            knowledge=live,
            crisis=build_crisis(settings, live),
            assistant=RasaAssistant(client, settings.rasa_timeout),
            events=LocalEvents(),
        )


def build_crisis(settings: Settings, live: LiveKnowledge) -> CrisisDetector:
    """The crisis detector, fitted to the examples and to everything harmless there is."""
    catalogue = live.catalogue()
    folder = settings.knowledge_root / "crisis"
    return load_detector(folder, catalogue, small_talk(catalogue.language_codes))


def build_renderer(settings: Settings, live: LiveKnowledge) -> Renderer:
    """The renderer over the reply files and the knowledge in use."""
    catalogue = live.catalogue()
    replies = load_replies(settings.replies_root, catalogue.language_codes)
    answerer = Answerer(live.catalogue, replies, lambda: dt.datetime.now(tz=dt.UTC).date())
    contacts = load_contacts(settings.knowledge_root / "crisis")
    values = constants(catalogue, contacts, days=settings.retention_days)
    return Renderer(live.catalogue, replies, answerer, values)


def create_app(parts: Parts | None = None) -> FastAPI:
    """The gateway. Without ``parts`` it is built from the environment."""
    if parts is None:
        settings = Settings()
        logs.configure(settings.environment, settings.log_level)
        parts = Parts.real(settings)
    settings = parts.settings
    live = parts.knowledge
    catalogue = live.catalogue()
    codes = catalogue.language_codes
    store = ConversationStore(parts.engine)
    renderer = build_renderer(settings, live)
    detector = LanguageDetector(codes, shared_words(catalogue), distinctive_words(catalogue))

    def capabilities(channel: str) -> Capabilities:
        return channels[channel].capabilities

    pipeline = Pipeline(
        store,
        [
            ResolveChoice(),
            DetectLanguage(detector),
            CheckCrisis(parts.crisis),
            CheckOwner(),
            AskAssistant(parts.assistant, live.catalogue, live.search),
        ],
        renderer,
        capabilities,
        live.version,
    )
    turns = TurnRunner(pipeline.run, parts.events.publish)
    conversations = Conversations(
        store=store,
        turns=turns,
        events=parts.events,
        renderer=renderer,
        crisis=parts.crisis,
        languages=catalogue.languages,
        suggestions=catalogue.suggestions,
        starts=LocalRateLimit(settings.conversations_per_minute, settings.conversations_per_minute),
        messages=LocalRateLimit(settings.messages_per_minute, settings.message_burst),
        max_length=settings.max_message_length,
        capabilities=capabilities,
    )
    channels = {name: build(conversations, codes) for name, build in REGISTRY.items()}

    async def erase_old() -> None:
        while True:
            await conversations.erase_old(settings.retention_days)
            await asyncio.sleep(_ERASE_EVERY)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        resumed = await conversations.resume()
        log.info("started", services=len(catalogue.services), resumed=resumed)
        tasks = [asyncio.create_task(live.watch()), asyncio.create_task(erase_old())]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await turns.close()
        await parts.engine.dispose()

    async def database_answers() -> bool:
        try:
            async with parts.engine.connect() as connection:
                await connection.execute(text("SELECT 1 FROM conversation WHERE 1 = 0"))
        except Exception:
            log.exception("database_away")
            return False
        return True

    app = FastAPI(
        title="Borgerguide",
        version="0.1.0",
        lifespan=lifespan,
        # Their pages load scripts from elsewhere, which our own policy forbids.
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(http.BodyLimit, limit=_MAX_BODY, exempt=internal.PREFIX)
    app.add_middleware(http.SecurityHeaders)
    if settings.allowed_origins:
        # The token travels in a header, never in a cookie: no credentials are allowed.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
            expose_headers=["Retry-After"],
        )
    errors = ErrorSentences(renderer, codes)
    app.add_exception_handler(ConversationError, errors.conversation_error)
    app.add_exception_handler(RequestValidationError, errors.bad_request)
    app.add_exception_handler(Exception, http.with_headers(errors.failed))
    app.include_router(health.build_router(parts.assistant.ready, database_answers))
    app.include_router(knowledge.api.build_router(live.catalogue, live.search))
    executor = build_executor(live.catalogue, live.search)
    app.include_router(internal.build_router(executor, settings.internal_token))
    for channel in channels.values():
        app.include_router(channel.router())

    @app.get("/api/web/languages", tags=["web"])
    async def languages() -> list[dict[str, str]]:
        return [
            {"code": item.code, "name": item.name, "direction": item.direction}
            for item in live.catalogue().languages
        ]

    if settings.web_root.is_dir():
        app.mount("/", StaticFiles(directory=settings.web_root, html=True), name="web")
    return app
