"""The JSON of the account routes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from desk.accounts.audit import Entry
from desk.accounts.models import NewMember, Role, StaffMember, Team
from desk.accounts.sessions import StaffSession
from desk.accounts.store import Changes

_NO_CONTROL = r"^[^\x00-\x1f]*$"
"""Some databases refuse them, and no name has any."""
_Email = Annotated[str, StringConstraints(max_length=254, pattern=_NO_CONTROL)]
_Password = Annotated[str, StringConstraints(max_length=1000)]
_Code = Annotated[str, StringConstraints(max_length=40)]
_Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=_NO_CONTROL),
]
_Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_NO_CONTROL)]
_Ids = Annotated[tuple[_Id, ...], Field(max_length=200)]
_Capacity = Annotated[int, Field(ge=0, le=50)]
UiLanguage = Literal["da", "en"]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SignInRequest(_Request):
    email: _Email
    password: _Password
    totp: _Code
    """From the authenticator, or a recovery code."""


class WelcomeRequest(_Request):
    password: _Password
    totp: _Code


class LanguageRequest(_Request):
    language: UiLanguage


class MemberRequest(_Request):
    name: _Name
    email: _Email
    role: Role
    teams: _Ids = ()
    languages: _Ids = ("da",)
    skills: _Ids = ()
    capacity: _Capacity = 3
    ui_language: UiLanguage = "da"

    def new(self) -> NewMember:
        return NewMember(**self.model_dump())


class ChangeRequest(_Request):
    """What is left out stays as it is."""

    name: _Name | None = None
    role: Role | None = None
    teams: _Ids | None = None
    languages: _Ids | None = None
    skills: _Ids | None = None
    capacity: _Capacity | None = None
    ui_language: UiLanguage | None = None
    active: bool | None = None

    def changes(self) -> Changes:
        return Changes(**self.model_dump())


class TeamRequest(_Request):
    name: _Name
    administrations: _Ids = ()
    services: _Ids = ()


class TeamOut(BaseModel):
    id: str
    name: str
    administrations: list[str]
    services: list[str]

    @classmethod
    def of(cls, team: Team) -> TeamOut:
        return cls.model_validate(team, from_attributes=True)


class MemberOut(BaseModel):
    id: str
    name: str
    email: str
    role: Role
    teams: list[str]
    languages: list[str]
    skills: list[str]
    capacity: int
    ui_language: str
    active: bool
    created_at: dt.datetime

    @classmethod
    def of(cls, member: StaffMember) -> MemberOut:
        return cls.model_validate(member, from_attributes=True)


class MembersResponse(BaseModel):
    members: list[MemberOut]


class AddedResponse(BaseModel):
    member: MemberOut
    link: str
    """For the member, once. Nothing else can show it again."""


class LinkResponse(BaseModel):
    link: str


class MeResponse(BaseModel):
    member: MemberOut
    role: Role
    teams: list[TeamOut]
    rights: dict[str, str]
    """Action by action how far it reaches: own, team, common or everything."""
    csrf_token: str
    """To be sent as X-CSRF-Token with everything that changes something."""
    presence: str
    """Online, away or offline, as colleagues see it."""

    @classmethod
    def of(
        cls, session: StaffSession, teams: list[Team], csrf_token: str, presence: str
    ) -> MeResponse:
        return cls(
            member=MemberOut.of(session.member),
            role=session.member.role,
            teams=[TeamOut.of(team) for team in teams],
            rights=session.rights.listed(),
            csrf_token=csrf_token,
            presence=presence,
        )


class WaysResponse(BaseModel):
    """How members can sign in here."""

    password: bool
    provider: bool


class WelcomeResponse(BaseModel):
    name: str
    email: str
    totp_secret: str
    totp_address: str
    expires_at: dt.datetime


class RecoveryCodesResponse(BaseModel):
    recovery_codes: list[str]


class EntryOut(BaseModel):
    id: int
    at: dt.datetime
    actor: str | None
    action: str
    subject: str | None
    details: dict[str, Any]

    @classmethod
    def of(cls, entry: Entry) -> EntryOut:
        return cls.model_validate(entry, from_attributes=True)


class AuditResponse(BaseModel):
    entries: list[EntryOut]
