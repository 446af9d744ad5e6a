"""``/api/desk/booking/supply``: what can be booked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from desk.accounts.gate import Gate
from desk.accounts.sessions import StaffSession
from desk.booking.planning import Planning
from desk.booking.supply_schema import (
    CaseworkerIO,
    ChangedResponse,
    ClosureIO,
    ExceptionIO,
    HoursRequest,
    NewCaseworkerRequest,
    NewPlaceRequest,
    PlaceIO,
    ServiceIO,
    SetupResponse,
    VisitIO,
)
from desk.rights import Action

_Key = Annotated[str, Path(max_length=64, pattern=r"^[^\x00-\x1f]*$")]
_Number = Annotated[int, Path(ge=0, le=2**31 - 1)]


def build_router(planning: Planning, gate: Gate) -> APIRouter:
    """Every change answers with how many appointments it leaves outside the hours."""
    router = APIRouter(prefix="/supply")
    Planner = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(gate.signed_in(Action.manage_supply))
    ]

    @router.get("")
    async def read(session: Planner) -> SetupResponse:
        return SetupResponse.of(await planning.read(session))

    @router.post("/places", status_code=201)
    async def add_place(session: Planner, body: NewPlaceRequest) -> ChangedResponse:
        place = body.place(body.id)
        return ChangedResponse(stranded=await planning.save_place(session, place, new=True))

    @router.put("/places/{place}")
    async def save_place(session: Planner, place: _Key, body: PlaceIO) -> ChangedResponse:
        changed = body.place(place)
        return ChangedResponse(stranded=await planning.save_place(session, changed, new=False))

    @router.put("/places/{place}/hours")
    async def save_hours(session: Planner, place: _Key, body: HoursRequest) -> ChangedResponse:
        rules = [item.rule(place, None) for item in body.rules]
        return ChangedResponse(stranded=await planning.save_hours(session, place, None, rules))

    @router.post("/caseworkers", status_code=201)
    async def add_caseworker(session: Planner, body: NewCaseworkerRequest) -> ChangedResponse:
        person = body.caseworker(body.id)
        return ChangedResponse(stranded=await planning.save_caseworker(session, person, new=True))

    @router.put("/caseworkers/{person}")
    async def save_caseworker(
        session: Planner, person: _Key, body: CaseworkerIO
    ) -> ChangedResponse:
        changed = body.caseworker(person)
        return ChangedResponse(stranded=await planning.save_caseworker(session, changed, new=False))

    @router.put("/caseworkers/{person}/hours/{place}")
    async def save_work(
        session: Planner, person: _Key, place: _Key, body: HoursRequest
    ) -> ChangedResponse:
        rules = [item.rule(place, person) for item in body.rules]
        return ChangedResponse(stranded=await planning.save_hours(session, place, person, rules))

    @router.put("/services/{service}")
    async def save_service(session: Planner, service: _Key, body: ServiceIO) -> ChangedResponse:
        return ChangedResponse(stranded=await planning.save_service(session, body.time(service)))

    @router.delete("/services/{service}")
    async def drop_service(session: Planner, service: _Key) -> ChangedResponse:
        return ChangedResponse(stranded=await planning.drop_service(session, service))

    @router.put("/visit")
    async def save_visit(session: Planner, body: VisitIO) -> ChangedResponse:
        return ChangedResponse(stranded=await planning.save_visit(session, body.rule()))

    @router.post("/exceptions", status_code=201)
    async def add_exception(session: Planner, body: ExceptionIO) -> ChangedResponse:
        return ChangedResponse(stranded=await planning.add_exception(session, body.exception()))

    @router.delete("/exceptions/{number}")
    async def drop_exception(session: Planner, number: _Number) -> ChangedResponse:
        return ChangedResponse(stranded=await planning.drop_exception(session, number))

    @router.put("/closures")
    async def save_closure(session: Planner, body: ClosureIO) -> ChangedResponse:
        return ChangedResponse(stranded=await planning.save_closure(session, body.closure()))

    @router.delete("/closures/{month}/{day}")
    async def drop_closure(session: Planner, month: _Number, day: _Number) -> ChangedResponse:
        return ChangedResponse(stranded=await planning.drop_closure(session, month, day))

    return router
