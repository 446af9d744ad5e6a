"""Puts the console together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.events.port import Events
from conversations.rendering.renderer import Renderer
from conversations.store.outbox import Outbox
from desk.accounts.build import Accounts
from desk.accounts.models import Clock, utc_now
from desk.accounts.routes import PREFIX, never_stored
from desk.accounts.sentences import load_texts
from desk.console import (
    canned_routes,
    conversations,
    dead_letters,
    events,
    knowledge,
    lists,
    messages,
    page,
    presence,
    statistics,
    teams,
)
from desk.console.canned import CannedReplies
from desk.console.door import Door
from desk.console.feeds import Feeds
from desk.console.lines import Lines
from desk.console.parts import Appointments, ConsoleParts
from desk.console.remarks import Remarks
from desk.console.report import Reports
from desk.console.schema import ERRORS
from desk.console.shelf import Shelf
from desk.queue.desk import Desk
from desk.queue.teams import TeamBoard
from desk.queue.views import Console
from knowledge.catalogue import Catalogue
from knowledge.search import KnowledgeSearch

_SUBJECTS = (
    lists,
    conversations,
    messages,
    knowledge,
    canned_routes,
    teams,
    presence,
    statistics,
    dead_letters,
    events,
)


@dataclass(frozen=True)
class ConsoleApi:
    """What the composition root puts into the gateway."""

    router: APIRouter
    """``/api/desk``."""
    page: APIRouter
    """``/desk``. To be included after the accounts' own: it answers for every path below."""
    feeds: Feeds
    """``run`` is a job for the background."""


def build_console(
    *,
    engine: AsyncEngine,
    accounts: Accounts,
    desk: Desk,
    catalogue: Callable[[], Catalogue],
    search: Callable[[], KnowledgeSearch],
    renderer: Renderer,
    outbox: Outbox,
    events: Events,
    sent: Callable[[], None],
    web_root: Path,
    appointments: Appointments | None = None,
    clock: Clock = utc_now,
) -> ConsoleApi:
    """The console over HTTP. ``sent`` is told when the outbox may have something new."""
    lines = Lines(engine, accounts.store, catalogue, clock)
    parts = ConsoleParts(
        accounts=accounts,
        desk=desk,
        console=Console(engine, clock),
        lines=lines,
        door=Door(accounts.gate, lines, accounts.audit),
        shelf=Shelf(catalogue, search, renderer),
        canned=CannedReplies(engine, accounts.store, clock),
        remarks=Remarks(engine, catalogue, clock),
        reports=Reports(engine, accounts.store, catalogue),
        teams=TeamBoard(engine),
        feeds=Feeds(engine, events, accounts.sessions, accounts.store, clock),
        outbox=outbox,
        sent=sent,
        texts=load_texts(),
        appointments=appointments,
        page_root=web_root / "desk",
    )
    router = APIRouter(
        prefix=PREFIX, tags=["desk"], responses=ERRORS, dependencies=[Depends(never_stored)]
    )
    for subject in _SUBJECTS:
        router.include_router(subject.build_router(parts))
    return ConsoleApi(router, page.build_router(parts), parts.feeds)
