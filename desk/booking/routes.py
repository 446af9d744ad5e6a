"""``/api/desk/booking``: the day at a place."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from booking.supply import COPENHAGEN
from desk.accounts.gate import Gate
from desk.accounts.sessions import StaffSession
from desk.booking.counter import Counter
from desk.booking.schema import (
    DayResponse,
    HistoryResponse,
    MoveRequest,
    NextRequest,
    NextResponse,
    PlaceOut,
    PlacesResponse,
    StepRequest,
    TicketRequest,
    TimeOut,
    TimesResponse,
    VisitOut,
    VisitsResponse,
)
from desk.rights import Action

_Key = Annotated[str, Path(max_length=64, pattern=r"^[^\x00-\x1f]*$")]


def build_router(counter: Counter, gate: Gate) -> APIRouter:
    """Whether the member may do it at this place, :class:`Counter` asks."""
    router = APIRouter()
    Worker = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(gate.signed_in(Action.manage_booking))
    ]
    # The page reads the day anew by itself: that keeps no session alive.
    Follower = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(gate.signed_in(Action.manage_booking, active=False))
    ]

    @router.get("/places")
    async def places(session: Follower) -> PlacesResponse:
        found = await counter.places(session)
        return PlacesResponse(
            items=[PlaceOut.of(item) for item in found], zone=COPENHAGEN, today=counter.today()
        )

    @router.get("/places/{place}/days/{date}")
    async def day(session: Follower, place: _Key, date: dt.date) -> DayResponse:
        found = await counter.day(session, place, date)
        return DayResponse.of(found, counter.titles(session))

    @router.post("/places/{place}/next")
    async def call_next(session: Worker, place: _Key, body: NextRequest) -> NextResponse:
        found = await counter.call_next(session, place, body.caseworker)
        return NextResponse(visit=VisitOut.of(found) if found is not None else None)

    @router.post("/places/{place}/numbers", status_code=201)
    async def take_number(session: Worker, place: _Key, body: TicketRequest) -> VisitOut:
        return VisitOut.of(
            await counter.ticket(
                session, place, body.wishes(), language=body.language, name=body.name or None
            )
        )

    @router.get("/outside")
    async def outside(session: Follower) -> VisitsResponse:
        return VisitsResponse(items=[VisitOut.of(item) for item in await counter.stranded(session)])

    @router.get("/appointments")
    async def find(session: Worker, reference: Annotated[str, Query(max_length=40)]) -> VisitOut:
        return VisitOut.of(await counter.find(session, reference))

    @router.get("/appointments/{appointment}")
    async def read(session: Worker, appointment: _Key) -> HistoryResponse:
        return HistoryResponse.of(await counter.open(session, appointment))

    @router.get("/appointments/{appointment}/times")
    async def times(
        session: Worker, appointment: _Key, since: dt.date, place: str | None = None
    ) -> TimesResponse:
        found = await counter.times(session, appointment, place, since)
        return TimesResponse(items=[TimeOut.of(item) for item in found])

    @router.post("/appointments/{appointment}/move")
    async def move(session: Worker, appointment: _Key, body: MoveRequest) -> VisitOut:
        return VisitOut.of(await counter.move(session, appointment, body.place, body.at))

    @router.post("/appointments/{appointment}/cancel")
    async def cancel(session: Worker, appointment: _Key) -> VisitOut:
        return VisitOut.of(await counter.cancel(session, appointment))

    @router.post("/appointments/{appointment}/steps/{step}")
    async def step(
        session: Worker, appointment: _Key, step: str, body: StepRequest | None = None
    ) -> VisitOut:
        caseworker = body.caseworker if body is not None else None
        return VisitOut.of(await counter.step(session, appointment, step, caseworker))

    return router
