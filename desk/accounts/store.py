"""Members and teams in a SQL database. One transaction per method, with its audit row."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from desk.accounts.audit import Act, AuditTrail, Detail, about_member
from desk.accounts.models import (
    Clock,
    NewMember,
    Role,
    StaffMember,
    Team,
    normal_email,
    utc_now,
)
from desk.accounts.tables import (
    InvitationRow,
    MembershipRow,
    RecoveryCodeRow,
    StaffMemberRow,
    StaffSessionRow,
    TeamRow,
)
from desk.errors import NotFound, Refused, UnknownTeam
from storage.sessions import Sessions

_TEAM_ID = re.compile(r"(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+")
_MEMBER_ID = re.compile(r"[0-9a-f]{32}")
"""Ours all look like this; some databases refuse what a URL may hold instead."""
_MAX_EMAIL = 254
_MAX_NAME = 80


@dataclass(frozen=True)
class Credentials:
    """What signing in with a password is checked against."""

    member: StaffMember
    password_hash: str | None
    totp_secret: str | None


@dataclass(frozen=True)
class Changes:
    """What to change of a member; None leaves a thing as it is."""

    name: str | None = None
    role: Role | None = None
    teams: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    skills: tuple[str, ...] | None = None
    capacity: int | None = None
    ui_language: str | None = None
    active: bool | None = None


def to_member(row: StaffMemberRow, teams: Iterable[str]) -> StaffMember:
    return StaffMember(
        id=row.id,
        name=row.name,
        email=row.email,
        role=Role(row.role),
        teams=tuple(sorted(teams)),
        languages=tuple(row.languages),
        skills=tuple(row.skills),
        capacity=row.capacity,
        ui_language=row.ui_language,
        active=row.active,
        created_at=row.created_at,
    )


async def teams_of(session: AsyncSession, member_id: str) -> Sequence[str]:
    """The ids of a member's teams."""
    query = select(MembershipRow.team_id).where(MembershipRow.member_id == member_id)
    return (await session.scalars(query)).all()


async def end_access(session: AsyncSession, member_id: str) -> None:
    """End all of a member's sessions and open links, at once."""
    await session.execute(delete(StaffSessionRow).where(StaffSessionRow.member_id == member_id))
    # A link that was used stays for a while, to say so to whoever tries it again.
    await session.execute(
        delete(InvitationRow).where(
            InvitationRow.member_id == member_id, InvitationRow.used_at.is_(None)
        )
    )


class StaffStore:
    """The only way to members and teams. It checks no rights: ``desk.accounts.members`` does."""

    def __init__(self, engine: AsyncEngine, audit: AuditTrail, clock: Clock = utc_now) -> None:
        self._sessions = Sessions(engine)
        self._audit = audit
        self._clock = clock

    # Members.

    async def add(
        self,
        new: NewMember,
        *,
        by: str | None,
        identity: tuple[str, str] | None = None,
    ) -> StaffMember:
        """A new member, who cannot sign in yet unless ``identity`` (issuer, subject) is given.

        Raises :class:`Refused` for a name that is none and an e-mail address that is none or
        taken, and :class:`UnknownTeam`.
        """
        email = normal_email(new.email)
        if len(email) > _MAX_EMAIL or not _EMAIL.fullmatch(email):
            raise Refused("email_invalid")
        name = new.name.strip()
        if not 0 < len(name) <= _MAX_NAME or not name.isprintable():
            raise Refused("name_invalid")
        moment = self._clock()
        issuer, subject = identity or (None, None)
        row = StaffMemberRow(
            id=uuid.uuid4().hex,
            name=name,
            email=email,
            role=new.role,
            languages=list(new.languages),
            skills=list(new.skills),
            capacity=new.capacity,
            ui_language=new.ui_language,
            active=True,
            password_hash=None,
            totp_secret=None,
            totp_last_step=None,
            oidc_issuer=issuer,
            oidc_subject=subject,
            created_at=moment,
            updated_at=moment,
        )
        try:
            async with self._sessions.write() as session:
                session.add(row)
                await session.flush()
                await self._join(session, row.id, new.teams)
                self._audit.add(
                    session,
                    by,
                    Act.member_added,
                    about_member(row.id),
                    {"role": new.role.value, "teams": sorted(new.teams)},
                )
        except IntegrityError:
            raise Refused("email_taken") from None
        return to_member(row, new.teams)

    async def get(self, member_id: str) -> StaffMember:
        """Raises :class:`NotFound`."""
        if not _MEMBER_ID.fullmatch(member_id):
            raise NotFound
        async with self._sessions.read() as session:
            row = await session.get(StaffMemberRow, member_id)
            if row is None:
                raise NotFound
            return to_member(row, await teams_of(session, member_id))

    async def credentials(self, email: str) -> Credentials | None:
        """Of whoever has this e-mail address, active or not."""
        return await self._credentials(StaffMemberRow.email == normal_email(email))

    async def by_identity(self, issuer: str, subject: str) -> StaffMember | None:
        """Whom the identity provider means."""
        found = await self._credentials(
            (StaffMemberRow.oidc_issuer == issuer) & (StaffMemberRow.oidc_subject == subject)
        )
        return found.member if found is not None else None

    async def _credentials(self, condition: object) -> Credentials | None:
        async with self._sessions.read() as session:
            row = await session.scalar(select(StaffMemberRow).where(condition))  # type: ignore[arg-type]
            # The same questions whoever it is: an unknown address must not be quicker.
            teams = await teams_of(session, row.id if row is not None else "")
        if row is None:
            return None
        return Credentials(to_member(row, teams), row.password_hash, row.totp_secret)

    async def members(self) -> list[StaffMember]:
        """All of them, by name."""
        async with self._sessions.read() as session:
            rows = (await session.scalars(select(StaffMemberRow))).all()
            pairs = (await session.scalars(select(MembershipRow))).all()
        teams: dict[str, list[str]] = {}
        for pair in pairs:
            teams.setdefault(pair.member_id, []).append(pair.team_id)
        members = [to_member(row, teams.get(row.id, ())) for row in rows]
        return sorted(members, key=lambda member: (member.name.casefold(), member.id))

    async def change(self, member_id: str, changes: Changes, *, by: str | None) -> StaffMember:
        """The member as changed. Deactivating ends every session and open link at once.

        Raises :class:`NotFound` for an unknown member, and :class:`UnknownTeam`.
        """
        async with self._sessions.write() as session:
            row = await session.get(StaffMemberRow, member_id, with_for_update=True)
            if row is None:
                raise NotFound
            before = to_member(row, await teams_of(session, member_id))
            about = about_member(member_id)
            if changes.role is not None and changes.role != before.role:
                row.role = changes.role
                details = {"from": before.role.value, "to": changes.role.value}
                self._audit.add(session, by, Act.role_changed, about, details)
            if changes.teams is not None and set(changes.teams) != set(before.teams):
                await session.execute(
                    delete(MembershipRow).where(MembershipRow.member_id == member_id)
                )
                await self._join(session, member_id, changes.teams)
                self._audit.add(
                    session,
                    by,
                    Act.teams_changed,
                    about,
                    {"from": list(before.teams), "to": sorted(changes.teams)},
                )
            if changes.active is not None and changes.active != before.active:
                row.active = changes.active
                if not changes.active:
                    await end_access(session, member_id)
                act = Act.activated if changes.active else Act.deactivated
                self._audit.add(session, by, act, about)
            fields = self._set_fields(row, changes)
            if fields:
                self._audit.add(session, by, Act.member_changed, about, {"fields": fields})
            row.updated_at = self._clock()
            return to_member(row, await teams_of(session, member_id))

    def _set_fields(self, row: StaffMemberRow, changes: Changes) -> list[str]:
        changed = []
        for name in ("name", "capacity", "ui_language", "languages", "skills"):
            value = getattr(changes, name)
            if value is None:
                continue
            value = list(value) if isinstance(value, tuple) else value
            if value != getattr(row, name):
                setattr(row, name, value)
                changed.append(name)
        return changed

    async def link_identity(self, member_id: str, issuer: str, subject: str) -> bool:
        """From now on the identity provider means this member; false if it means one already.

        The password goes, and whatever it had opened: two ways in would need closing twice.
        """
        async with self._sessions.write() as session:
            linked = await session.scalar(
                update(StaffMemberRow)
                .where(StaffMemberRow.id == member_id, StaffMemberRow.oidc_subject.is_(None))
                .values(
                    oidc_issuer=issuer,
                    oidc_subject=subject,
                    password_hash=None,
                    totp_secret=None,
                )
                .returning(StaffMemberRow.id)
            )
            if linked is not None:
                await end_access(session, member_id)
                details: dict[str, Detail] = {"fields": ["identity"]}
                self._audit.add(session, None, Act.member_changed, about_member(member_id), details)
        return linked is not None

    async def _join(self, session: AsyncSession, member_id: str, teams: Iterable[str]) -> None:
        wanted = set(teams)
        query = select(TeamRow.id).where(TeamRow.id.in_(wanted))
        if missing := wanted - set((await session.scalars(query)).all()):
            raise UnknownTeam(", ".join(sorted(missing)))
        session.add_all(MembershipRow(member_id=member_id, team_id=team) for team in wanted)
        await session.flush()

    # What signing in uses up, and leaves.

    async def use_totp(self, member_id: str, step: int) -> bool:
        """Mark the code of this step as used; false if it, or a newer one, was used before."""
        last = StaffMemberRow.totp_last_step
        async with self._sessions.write() as session:
            used = await session.scalar(
                update(StaffMemberRow)
                .where(StaffMemberRow.id == member_id, last.is_(None) | (last < step))
                .values(totp_last_step=step)
                .returning(StaffMemberRow.id)
            )
        return used is not None

    async def use_recovery_code(self, member_id: str, code_hash: str) -> bool:
        """Mark a recovery code as used; false if it is not this member's, or used before."""
        async with self._sessions.write() as session:
            used = await session.scalar(
                update(RecoveryCodeRow)
                .where(
                    RecoveryCodeRow.code_hash == code_hash,
                    RecoveryCodeRow.member_id == member_id,
                    RecoveryCodeRow.used_at.is_(None),
                )
                .values(used_at=self._clock())
                .returning(RecoveryCodeRow.member_id)
            )
            if used is not None:
                self._audit.add(session, member_id, Act.recovery_code_used, about_member(member_id))
        return used is not None

    async def set_password_hash(self, member_id: str, old: str, new: str) -> None:
        """Replace a hash by a stronger one of the same password."""
        async with self._sessions.write() as session:
            await session.execute(
                update(StaffMemberRow)
                .where(StaffMemberRow.id == member_id, StaffMemberRow.password_hash == old)
                .values(password_hash=new)
            )

    # Teams.

    async def teams(self, ids: Iterable[str] | None = None) -> list[Team]:
        """All teams, or those with the ids, by name."""
        query = select(TeamRow).order_by(TeamRow.name)
        if ids is not None:
            query = query.where(TeamRow.id.in_(list(ids)))
        async with self._sessions.read() as session:
            rows = (await session.scalars(query)).all()
        return [
            Team(row.id, row.name, tuple(row.administrations), tuple(row.services)) for row in rows
        ]

    async def save_team(self, team: Team, *, by: str | None) -> Team:
        """A new team, or the one with this id as it is now.

        Raises :class:`Refused` for an id that is none, or a name that another team has.
        """
        if not _TEAM_ID.fullmatch(team.id):
            raise Refused("team_id_invalid")
        try:
            async with self._sessions.write() as session:
                row = await session.get(TeamRow, team.id, with_for_update=True)
                if row is None:
                    row = TeamRow(id=team.id, created_at=self._clock())
                    session.add(row)
                row.name = team.name
                row.administrations = list(team.administrations)
                row.services = list(team.services)
                details = {
                    "administrations": list(team.administrations),
                    "services": list(team.services),
                }
                self._audit.add(session, by, Act.team_saved, f"team:{team.id}", details)
        except IntegrityError:
            raise Refused("team_name_taken") from None
        return team
