"""The composition root: the only module that imports everything."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
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
from booking.supply_store import SupplyStore
from bot.actions.executor import build_executor
from bot.examples import everyday_talk, out_of_scope, within_scope
from channels import webhooks
from channels.base import Access, Channel, PushChannel, WebhookRefused
from channels.intake import Intake
from channels.registry import REGISTRY
from channels.web.errors import ErrorSentences
from conversations.assistant.port import Assistant
from conversations.assistant.rasa import RasaAssistant
from conversations.continuation import Continuation
from conversations.coordination import Coordination, alone, together
from conversations.delivery.dispatch import Dispatch
from conversations.delivery.runner import DeliveryRunner
from conversations.language.detector import LanguageDetector, recognised
from conversations.language.frequencies import frequencies
from conversations.language.vocabulary import shared_words
from conversations.metrics import DEAD_LETTERS, OUTBOX_WAITING
from conversations.models import ConversationError
from conversations.pipeline.assistant import AskAssistant
from conversations.pipeline.choices import ResolveChoice
from conversations.pipeline.crisis import CheckCrisis
from conversations.pipeline.handover import HandOver
from conversations.pipeline.language import DetectLanguage
from conversations.pipeline.owner import CheckOwner
from conversations.pipeline.pipeline import Pipeline
from conversations.pipeline.typing import ShowTyping
from conversations.pipeline.visits import OfferVisit
from conversations.reception import Reception
from conversations.rendering.answers import Answerer
from conversations.rendering.renderer import Renderer, constants
from conversations.rendering.replies import load_replies
from conversations.service import Conversations
from conversations.store.codes import OneTimeCodes
from conversations.store.inbox import Inbox
from conversations.store.outbox import Outbox
from conversations.store.store import ConversationStore
from conversations.turns import TurnRunner
from desk.accounts.build import build_accounts
from desk.accounts.routes import build_router as build_account_router
from desk.accounts.sentences import DeskSentences, load_texts
from desk.accounts.settings import DeskSettings
from desk.booking.build import build_desk_booking
from desk.console.build import build_console
from desk.errors import DeskError
from desk.queue.attendance import QueueAttendance
from desk.queue.desk import Desk
from desk.queue.guide import DeskHandover
from desk.queue.rows import left_unanswered
from gateway import health, http, internal, logs
from gateway.background import Background, every
from gateway.booking import LOOK_EVERY, build_booking
from knowledge.crisis.detector import CrisisDetector, load_contacts, load_detector
from knowledge.fitted import FittedModels, Recall, fit_anew
from knowledge.live import LiveKnowledge
from knowledge.scope import Scope, load_scope
from settings import Settings
from storage.engine import open_engine

log = structlog.get_logger(__name__)

_MAX_BODY = 64 * 1024
_MAX_WEBHOOK = 1024 * 1024
"""Providers may send many events at once."""
_ERASE_EVERY = 6 * 3600.0
_SWEEP_EVERY = 5.0
_LEFT_OVER_AFTER = 10.0
"""Seconds after which somebody who still waits is taken up again, whoever was to answer."""
_MEASURE_EVERY = 15.0
_DESK_EVERY = 15.0


@dataclass
class Parts:
    """What the application is built from; tests put others in the places of the real ones."""

    settings: Settings
    engine: AsyncEngine
    knowledge: LiveKnowledge
    crisis: CrisisDetector
    language: LanguageDetector
    scope: Scope
    assistant: Assistant
    coordination: Coordination
    channels: Mapping[str, Channel]

    @classmethod
    def real(cls, settings: Settings) -> Parts:
        """The parts for production. Raises ``KnowledgeError`` for unreadable knowledge."""
        client = httpx.AsyncClient(base_url=settings.rasa_url)
        recall = FittedModels(settings.cache_root / "fitted").recall
        live = LiveKnowledge(settings.knowledge_root, recall)
        redis_url = settings.redis_url
        return cls(
            settings=settings,
            engine=open_engine(settings.database_url),
            knowledge=live,
            crisis=build_crisis(settings, live, recall),
            language=build_language(live, recall),
            scope=build_scope(live, recall),
            assistant=RasaAssistant(client, settings.rasa_timeout),
            coordination=together(redis_url.get_secret_value()) if redis_url else alone(),
            channels=build_channels(settings.public_url),
        )


def build_channels(public_url: str) -> dict[str, Channel]:
    """Every registered channel. Raises ``ValueError`` for one that is set up by half."""
    return {name: build(public_url) for name, build in REGISTRY.items()}


def build_crisis(
    settings: Settings, live: LiveKnowledge, recall: Recall = fit_anew
) -> CrisisDetector:
    """The crisis detector, fitted to the examples and to everything harmless there is."""
    catalogue = live.catalogue()
    folder = settings.knowledge_root / "crisis"
    return load_detector(folder, catalogue, everyday_talk(catalogue.language_codes), recall)


def build_language(live: LiveKnowledge, recall: Recall = fit_anew) -> LanguageDetector:
    """The language detector for the languages of the knowledge base."""
    catalogue = live.catalogue()
    codes = catalogue.language_codes
    return LanguageDetector(codes, frequencies(recognised(codes), recall), shared_words(catalogue))


def build_scope(live: LiveKnowledge, recall: Recall = fit_anew) -> Scope:
    """What the guide can be asked, from the knowledge base and the dialogue's examples."""
    catalogue = live.catalogue()
    codes = catalogue.language_codes
    return load_scope(catalogue, within_scope(codes), out_of_scope(codes), recall)


def build_renderer(
    settings: Settings, live: LiveKnowledge, supply: SupplyStore | None = None
) -> Renderer:
    """The renderer over the reply files and the knowledge in use; ``supply`` names its places."""
    catalogue = live.catalogue()
    replies = load_replies(settings.replies_root, catalogue.language_codes)
    answerer = Answerer(live.catalogue, replies, lambda: dt.datetime.now(tz=dt.UTC).date())
    contacts = load_contacts(settings.knowledge_root / "crisis")
    values = constants(
        catalogue, contacts, days=settings.retention_days, public_url=settings.public_url
    )

    def booked_place(place_id: str) -> tuple[str, str] | None:
        place = supply.place(place_id) if supply is not None else None
        return (place.kind, place.name) if place is not None else None

    return Renderer(live.catalogue, replies, answerer, values, booked_place)


def create_app(parts: Parts | None = None) -> FastAPI:
    """The gateway. Without ``parts`` it is built from the environment."""
    if parts is None:
        settings = Settings()
        logs.configure(settings.environment, settings.log_level)
        parts = Parts.real(settings)
    settings = parts.settings
    live = parts.knowledge
    catalogue = live.catalogue()
    languages = catalogue.language_codes
    store = ConversationStore(parts.engine)
    supply = SupplyStore(parts.engine)
    renderer = build_renderer(settings, live, supply)

    limit = parts.coordination.limit
    events = parts.coordination.events
    outlets = {name: item for name, item in parts.channels.items() if isinstance(item, PushChannel)}
    dispatch = Dispatch(outlets, settings.public_url)
    outbox = Outbox(parts.engine)
    deliveries = DeliveryRunner(outbox, outlets)
    secret = settings.booking_secret
    booking = (
        build_booking(
            engine=parts.engine,
            secrets=(secret.get_secret_value(),),
            live=live,
            store=store,
            renderer=renderer,
            dispatch=dispatch,
            sent=deliveries.wake,
            events=events,
            organizer=settings.organizer,
            supply=supply,
        )
        if secret is not None
        else None
    )
    accounts = build_accounts(parts.engine, DeskSettings(), settings.public_url)
    visits = build_desk_booking(booking.desk, accounts, live.catalogue) if booking else None
    handover = DeskHandover(parts.engine, accounts.store, live.catalogue)
    desk = Desk(
        engine=parts.engine,
        roster=accounts.store,
        catalogue=live.catalogue,
        renderer=renderer,
        dispatch=dispatch,
        events=events,
        sent=deliveries.wake,
        knowledge_version=live.version,
    )
    console = build_console(
        engine=parts.engine,
        accounts=accounts,
        desk=desk,
        catalogue=live.catalogue,
        search=live.search,
        renderer=renderer,
        outbox=outbox,
        events=events,
        sent=deliveries.wake,
        web_root=settings.web_root,
        appointments=visits.counter.of_conversation if visits is not None else None,
    )
    hand_over = HandOver(handover, live.catalogue, dispatch.outlet, renderer.sentence)
    pipeline = Pipeline(
        store=store,
        steps=[
            ResolveChoice(),
            DetectLanguage(parts.language),
            CheckCrisis(parts.crisis),
            CheckOwner(),
            ShowTyping(dispatch.outlet),
            hand_over,
            AskAssistant(
                parts.assistant,
                live.catalogue,
                live.search,
                booking.recall if booking else None,
                OfferVisit(live.catalogue, supply.bookable) if booking else None,
            ),
        ],
        follow=hand_over.follow,
        renderer=renderer,
        dispatch=dispatch,
        sent=deliveries.wake,
        noticed=desk.noticed,
        knowledge_version=live.version,
    )
    turns = TurnRunner(pipeline.run, store.typing, events.publish, parts.coordination.locks)
    messages = limit("messages", settings.messages_per_minute, settings.message_burst)
    starts = settings.conversations_per_minute
    codes = OneTimeCodes(parts.engine, handover.follow_join)
    hourly = settings.codes_per_hour
    conversations = Conversations(
        store=store,
        turns=turns,
        events=events,
        renderer=renderer,
        crisis=parts.crisis,
        languages=catalogue.languages,
        suggestions=catalogue.suggestions,
        starts=limit("starts", starts, starts),
        messages=messages,
        signs=limit("signs", 30, 3),
        max_length=settings.max_message_length,
        spare=left_unanswered(),
    )
    reception = Reception(
        inbox=Inbox(parts.engine),
        turns=turns,
        events=events,
        dispatch=dispatch,
        renderer=renderer,
        crisis=parts.crisis,
        messages=messages,
        notices=limit("notices", 1, 1),
        language=languages[0],
        max_length=settings.max_message_length,
        sent=deliveries.wake,
    )
    continuation = Continuation(
        codes=codes,
        dispatch=dispatch,
        renderer=renderer,
        turns=turns,
        events=events,
        per_conversation=limit("codes-conversation", hourly / 60, hourly),
        per_address=limit("codes-address", hourly / 60, hourly),
        sent=deliveries.wake,
    )
    access = Access(conversations, continuation, Intake(reception, outbox), languages)

    async def measure_outbox() -> None:
        OUTBOX_WAITING.set(await outbox.waiting())
        DEAD_LETTERS.set(await outbox.dead_count())

    background = Background(
        {
            "knowledge": live.watch,
            "deliveries": deliveries.run,
            "listen": parts.coordination.listen,
            "left over": every(_SWEEP_EVERY, lambda: conversations.resume(_LEFT_OVER_AFTER)),
            "retention": every(
                _ERASE_EVERY, lambda: conversations.erase_old(settings.retention_days)
            ),
            "codes": every(_ERASE_EVERY, codes.erase_expired),
            "desk": every(_DESK_EVERY, desk.sweep),
            "desk events": console.feeds.run,
            "accounts": every(_ERASE_EVERY, accounts.erase_expired),
            "early reports": every(_MEASURE_EVERY, outbox.settle),
            "outbox gauges": every(_MEASURE_EVERY, measure_outbox),
            **(
                {
                    "booking": every(LOOK_EVERY, booking.look),
                    "old appointments": every(
                        _ERASE_EVERY, lambda: booking.forget(settings.retention_days)
                    ),
                }
                if booking
                else {}
            ),
        }
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        resumed = await conversations.resume()
        log.info("started", services=len(catalogue.services), resumed=resumed)
        background.start()
        yield
        await turns.close()
        await background.stop()
        for outlet in outlets.values():
            await outlet.close()
        await accounts.close()
        await parts.coordination.close()
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
    app.add_middleware(
        http.BodyLimit,
        limit=_MAX_BODY,
        exempt=internal.PREFIX,
        larger={webhooks.PREFIX: _MAX_WEBHOOK},
    )
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
    errors = ErrorSentences(renderer, languages)
    app.add_exception_handler(ConversationError, errors.conversation_error)
    app.add_exception_handler(RequestValidationError, errors.bad_request)
    app.add_exception_handler(WebhookRefused, webhooks.refuse)
    app.add_exception_handler(DeskError, DeskSentences(load_texts()).answer)
    app.add_exception_handler(Exception, http.with_headers(errors.failed))
    app.include_router(health.build_router(parts.assistant.ready, database_answers))
    app.include_router(knowledge.api.build_router(live.catalogue, live.search))
    executor = build_executor(
        live.catalogue, live.search, parts.scope, booking.dialogue if booking else None
    )
    app.include_router(internal.build_router(executor, settings.internal_token))
    if booking is not None:
        app.include_router(booking.router)
    if visits is not None:
        app.include_router(visits.router)
    for channel in parts.channels.values():
        app.include_router(channel.router(access))

    for router in (
        console.router,
        build_account_router(accounts, QueueAttendance(desk)),
        console.page,
    ):
        app.include_router(router)

    @app.get("/api/web/languages", tags=["web"])
    async def list_languages() -> list[dict[str, str]]:
        return [
            {"code": item.code, "name": item.name, "direction": item.direction}
            for item in live.catalogue().languages
        ]

    if settings.web_root.is_dir():
        app.mount("/", StaticFiles(directory=settings.web_root, html=True), name="web")
    return app
