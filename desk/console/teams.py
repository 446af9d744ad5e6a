"""How teams work, and who is in them: what the accounts' own routes do not say."""

from typing import Annotated

from fastapi import APIRouter, Depends

from desk.accounts.sessions import StaffSession
from desk.console.parts import ConsoleParts
from desk.console.schema import (
    ColleagueOut,
    ColleaguesResponse,
    HoursOut,
    HoursRequest,
    TeamOut,
    TeamsResponse,
)
from desk.errors import NotFound
from desk.queue.models import PresenceState
from desk.queue.routing import converses
from desk.rights import Action


def build_router(parts: ConsoleParts) -> APIRouter:
    router = APIRouter()
    gate, staff, boards = parts.door.gate, parts.accounts.store, parts.teams
    Planner = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(gate.signed_in(Action.manage_hours))
    ]

    @router.get("/teams", dependencies=[Depends(gate.signed_in())])
    async def list_teams() -> TeamsResponse:
        return TeamsResponse(
            teams=[TeamOut.of(team, await boards.get(team.id)) for team in await staff.teams()],
            common=HoursOut.of(await boards.get(None)),
        )

    @router.put("/common-queue/hours")
    async def save_common_hours(session: Planner, body: HoursRequest) -> HoursOut:
        settings = await boards.save(session.member, body.settings(None))
        await parts.accounts.audit.record(session.member.id, "hours_saved", "team:")
        return HoursOut.of(settings)

    @router.put("/teams/{team_id}/hours")
    async def save_hours(session: Planner, team_id: str, body: HoursRequest) -> TeamOut:
        teams = {team.id: team for team in await staff.teams()}
        if team_id not in teams:
            raise NotFound
        settings = await boards.save(session.member, body.settings(team_id))
        await parts.accounts.audit.record(session.member.id, "hours_saved", f"team:{team_id}")
        return TeamOut.of(teams[team_id], settings)

    @router.get("/colleagues", dependencies=[Depends(gate.signed_in(Action.transfer))])
    async def list_colleagues() -> ColleaguesResponse:
        there = await parts.desk.presence.all()
        return ColleaguesResponse(
            items=[
                ColleagueOut(
                    id=member.id,
                    name=member.name,
                    presence=there[member.id].state if member.id in there else _ABSENT,
                    teams=list(member.teams),
                    languages=list(member.languages),
                )
                for member in await staff.members()
                if converses(member)
            ]
        )

    return router


_ABSENT = PresenceState.offline
