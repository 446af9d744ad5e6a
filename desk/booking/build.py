"""Puts the desk's side of booking together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Depends

from desk.accounts.build import Accounts
from desk.accounts.routes import PREFIX, never_stored
from desk.booking import routes, supply_routes
from desk.booking.counter import Calendar, Counter
from desk.booking.planning import Planning
from desk.booking.view import Viewer
from desk.console.schema import ERRORS
from knowledge.catalogue import Catalogue


@dataclass(frozen=True)
class DeskBooking:
    """What the composition root and the console need of it."""

    router: APIRouter
    """``/api/desk/booking``."""
    counter: Counter


def build_desk_booking(
    calendar: Calendar, accounts: Accounts, catalogue: Callable[[], Catalogue]
) -> DeskBooking:
    """The day's work and the supply, on one calendar."""
    counter = Counter(
        calendar, Viewer(catalogue, calendar.clock), accounts.audit, accounts.store, catalogue
    )
    planning = Planning(calendar, catalogue, accounts.store.teams, accounts.audit.record)
    router = APIRouter(
        prefix=f"{PREFIX}/booking",
        tags=["desk"],
        responses=ERRORS,
        dependencies=[Depends(never_stored)],
    )
    router.include_router(routes.build_router(counter, accounts.gate))
    router.include_router(supply_routes.build_router(planning, accounts.gate))
    return DeskBooking(router, counter)
