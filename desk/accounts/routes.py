"""Signing in and out, one-time links, and the managing of members and teams."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from desk.accounts.build import Accounts
from desk.accounts.models import Team
from desk.accounts.oidc import FLOW_LIFETIME, RETURN_PATH
from desk.accounts.port import Attendance
from desk.accounts.schema import (
    AddedResponse,
    AuditResponse,
    ChangeRequest,
    EntryOut,
    LanguageRequest,
    LinkResponse,
    MemberOut,
    MemberRequest,
    MembersResponse,
    MeResponse,
    RecoveryCodesResponse,
    SignInRequest,
    TeamOut,
    TeamRequest,
    WaysResponse,
    WelcomeRequest,
    WelcomeResponse,
)
from desk.accounts.sessions import StaffSession, csrf_token
from desk.accounts.store import Changes
from desk.errors import NotFound, ProviderError, Refused
from desk.rights import Action

PREFIX = "/api/desk"
_HOME = "/desk"
_MAX_ID = 2**31 - 1


def client_address(request: Request) -> str:
    """The caller, as the server sees it (behind a trusted proxy: as that says)."""
    return request.client.host if request.client else "unknown"


def never_stored(response: Response) -> None:
    """No cache keeps what is about members."""
    response.headers["Cache-Control"] = "no-store"


def build_router(accounts: Accounts, attendance: Attendance) -> APIRouter:
    """``/api/desk`` as far as it is about accounts, and ``/desk/oidc``."""
    router = APIRouter(tags=["desk"])
    router.include_router(_session_routes(accounts, attendance))
    router.include_router(_welcome_routes(accounts))
    router.include_router(_member_routes(accounts))
    if accounts.provider is not None:
        router.include_router(_provider_routes(accounts))
    return router


def _session_routes(accounts: Accounts, attendance: Attendance) -> APIRouter:
    router = APIRouter(prefix=PREFIX, dependencies=[Depends(never_stored)])
    gate = accounts.gate
    Present = Annotated[StaffSession, Depends(gate.signed_in())]  # noqa: N806 - a type

    async def me(session: StaffSession, token: str) -> MeResponse:
        teams = await accounts.store.teams(session.member.teams)
        presence = await attendance.state(session.member.id)
        return MeResponse.of(session, teams, csrf_token(token), presence)

    @router.get("/sign-in")
    async def ways() -> WaysResponse:
        return WaysResponse(
            password=accounts.settings.local_accounts, provider=accounts.provider is not None
        )

    @router.post("/session", dependencies=[Depends(gate.same_origin)])
    async def sign_in(request: Request, response: Response, body: SignInRequest) -> MeResponse:
        if not accounts.settings.local_accounts:
            raise Refused("local_accounts_off")
        token = await accounts.passwords.sign_in(
            body.email,
            body.password,
            body.totp,
            address=client_address(request),
            instead_of=gate.token(request),
        )
        gate.remember(response, token)
        return await me(await accounts.sessions.open(token), token)

    @router.get("/me")
    async def read_me(request: Request, session: Present) -> MeResponse:
        return await me(session, gate.token(request) or "")

    @router.put("/me/language", status_code=204)
    async def choose_language(session: Present, body: LanguageRequest) -> None:
        member = session.member.id
        await accounts.store.change(member, Changes(ui_language=body.language), by=member)

    @router.delete("/session", status_code=204)
    async def sign_out(response: Response, session: Present) -> None:
        await attendance.leave(session.member)
        await accounts.sessions.end(session)
        gate.forget(response)

    @router.delete("/sessions", status_code=204)
    async def sign_out_everywhere(response: Response, session: Present) -> None:
        await attendance.leave(session.member)
        await accounts.sessions.end_all(session)
        gate.forget(response)

    return router


def _welcome_routes(accounts: Accounts) -> APIRouter:
    router = APIRouter(prefix=f"{PREFIX}/welcome", dependencies=[Depends(never_stored)])

    @router.get("/{token}")
    async def look(token: str) -> WelcomeResponse:
        return WelcomeResponse(**asdict(await accounts.invitations.look(token)))

    @router.post("/{token}", dependencies=[Depends(accounts.gate.same_origin)])
    async def redeem(request: Request, token: str, body: WelcomeRequest) -> RecoveryCodesResponse:
        if not accounts.settings.local_accounts:
            raise Refused("local_accounts_off")
        codes = await accounts.invitations.redeem(
            token, body.password, body.totp, address=client_address(request)
        )
        return RecoveryCodesResponse(recovery_codes=codes)

    return router


def _member_routes(accounts: Accounts) -> APIRouter:
    router = APIRouter(prefix=PREFIX, dependencies=[Depends(never_stored)])
    gate, members = accounts.gate, accounts.members
    Manager = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(gate.signed_in(Action.manage_members))
    ]

    @router.get("/members")
    async def list_members(session: Manager) -> MembersResponse:
        found = await members.list(session.member)
        return MembersResponse(members=[MemberOut.of(member) for member in found])

    @router.post("/members", status_code=201)
    async def add_member(session: Manager, body: MemberRequest) -> AddedResponse:
        member, link = await members.add(session.member, body.new())
        return AddedResponse(member=MemberOut.of(member), link=link)

    @router.patch("/members/{member_id}")
    async def change_member(session: Manager, member_id: str, body: ChangeRequest) -> MemberOut:
        return MemberOut.of(await members.change(session.member, member_id, body.changes()))

    @router.post("/members/{member_id}/link", status_code=201)
    async def make_link(session: Manager, member_id: str) -> LinkResponse:
        return LinkResponse(link=await members.reset(session.member, member_id))

    @router.put("/teams/{team_id}")
    async def save_team(
        session: Annotated[StaffSession, Depends(gate.signed_in(Action.manage_teams))],
        team_id: str,
        body: TeamRequest,
    ) -> TeamOut:
        team = Team(team_id, body.name, body.administrations, body.services)
        return TeamOut.of(await members.save_team(session.member, team))

    @router.get("/audit", dependencies=[Depends(gate.signed_in(Action.see_audit))])
    async def read_audit(
        before: Annotated[int | None, Query(ge=1, le=_MAX_ID)] = None,
        actor: Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$")] = None,
        subject: Annotated[str | None, Query(pattern=r"^[a-z]{1,20}:[0-9A-Za-z-]{1,64}$")] = None,
    ) -> AuditResponse:
        entries = await accounts.audit.read(before=before, actor=actor, subject=subject)
        return AuditResponse(entries=[EntryOut.of(entry) for entry in entries])

    return router


def _provider_routes(accounts: Accounts) -> APIRouter:
    router = APIRouter(include_in_schema=False, dependencies=[Depends(never_stored)])
    gate = accounts.gate

    def home(problem: str | None = None) -> Response:
        response = RedirectResponse(f"{_HOME}?problem={problem}" if problem else _HOME, 303)
        never_stored(response)
        return response

    @router.get("/desk/oidc/login")
    async def depart() -> Response:
        if accounts.provider is None:
            raise NotFound
        try:
            departure = await accounts.provider.depart()
        except ProviderError as error:
            return home(error.code)
        response = RedirectResponse(departure.url, 303)
        never_stored(response)
        gate.remember_flow(response, departure.cookie, int(FLOW_LIFETIME.total_seconds()))
        return response

    @router.get(RETURN_PATH)
    async def arrive(request: Request) -> Response:
        if accounts.provider is None:
            raise NotFound
        try:
            token = await accounts.provider.arrive(
                request.query_params,
                gate.flow(request),
                address=client_address(request),
                instead_of=gate.token(request),
            )
        except ProviderError as error:
            response = home(error.code)
        else:
            response = home()
            gate.remember(response, token)
        gate.forget_flow(response)
        return response

    return router
