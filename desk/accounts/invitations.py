"""One-time links: how a member gets a password and an authenticator, the first time and again."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from desk.accounts import passwords, totp
from desk.accounts.audit import Act, AuditTrail, about_member
from desk.accounts.lockout import Lockout
from desk.accounts.models import Clock, utc_now
from desk.accounts.passwords import Passwords
from desk.accounts.sessions import hash_token
from desk.accounts.store import end_access
from desk.accounts.tables import InvitationRow, RecoveryCodeRow, StaffMemberRow
from desk.errors import LinkExpired, LinkUnknown, LinkUsed, NotFound, Refused
from storage.sessions import Sessions

VALID_FOR = dt.timedelta(hours=48)
PATH = "/desk/welcome/"
_KEPT_FOR = dt.timedelta(days=30)
"""So long a link that was used or ran out can still say so."""


@dataclass(frozen=True)
class Welcome:
    """What the page behind a link shows."""

    name: str
    email: str
    totp_secret: str
    totp_address: str
    """``otpauth:``, for a QR code."""
    expires_at: dt.datetime


class Invitations:
    """Makes links and redeems them."""

    def __init__(
        self,
        engine: AsyncEngine,
        audit: AuditTrail,
        lockout: Lockout,
        hasher: Passwords,
        *,
        public_url: str,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = Sessions(engine)
        self._audit = audit
        self._lockout = lockout
        self._hasher = hasher
        self._public_url = public_url
        self._clock = clock

    async def make(self, member_id: str, *, by: str | None) -> str:
        """The address of a new link; the member's earlier ones open nothing from now on.

        The password in use stays until the link is used: asking for a link locks nobody out.
        Raises :class:`NotFound` for a member who is unknown or not active, and :class:`Refused`
        for one who signs in at the identity provider.
        """
        token = secrets.token_urlsafe(32)
        now = self._clock()
        async with self._sessions.write() as session:
            member = await session.get(StaffMemberRow, member_id, with_for_update=True)
            if member is None or not member.active:
                raise NotFound
            if member.oidc_subject is not None:
                raise Refused("provider_account")
            await session.execute(
                delete(InvitationRow).where(
                    InvitationRow.member_id == member_id, InvitationRow.used_at.is_(None)
                )
            )
            session.add(
                InvitationRow(
                    token_hash=hash_token(token),
                    member_id=member_id,
                    totp_secret=totp.new_secret(),
                    created_by=by,
                    created_at=now,
                    expires_at=now + VALID_FOR,
                    used_at=None,
                )
            )
            act = Act.invited if member.password_hash is None else Act.reset_link_made
            self._audit.add(session, by, act, about_member(member_id))
        return f"{self._public_url}{PATH}{token}"

    async def look(self, token: str) -> Welcome:
        """What a link is for. Looking changes nothing. Raises :class:`LinkError`."""
        async with self._sessions.read() as session:
            invitation, member = await self._find(session, token)
        secret = invitation.totp_secret
        if secret is None:
            raise LinkUsed
        return Welcome(
            name=member.name,
            email=member.email,
            totp_secret=secret,
            totp_address=totp.address(secret, member.email),
            expires_at=invitation.expires_at,
        )

    async def redeem(
        self, token: str, password: str, code: str, *, address: str | None = None
    ) -> list[str]:
        """Set the password and the authenticator; the new recovery codes, shown this once.

        Every session of the member ends. Raises :class:`LinkError`, and :class:`Refused` for a
        password that is too easy or a code that is wrong; the link can then be used again.
        """
        async with self._sessions.read() as session:
            invitation, member = await self._find(session, token)
        passwords.check(password, member.name, member.email)
        step = totp.matching_step(invitation.totp_secret, code, self._clock)
        if step is None:
            raise Refused("totp_wrong")
        hashed = await self._hasher.hash(password)
        codes = totp.new_recovery_codes()
        now = self._clock()
        async with self._sessions.write() as session:
            # The member first, as everybody does: two orders of locking could deadlock.
            row = await session.get(StaffMemberRow, member.id, with_for_update=True)
            used = await session.scalar(
                update(InvitationRow)
                .where(
                    InvitationRow.token_hash == invitation.token_hash,
                    InvitationRow.used_at.is_(None),
                    InvitationRow.expires_at > now,
                )
                .values(used_at=now, totp_secret=None)
                .returning(InvitationRow.member_id)
            )
            if used is None or row is None or not row.active:
                # Used, replaced or ended while the password was hashed.
                raise LinkUsed
            row.password_hash = hashed
            row.totp_secret = invitation.totp_secret
            row.totp_last_step = step
            row.updated_at = now
            await end_access(session, row.id)
            await session.execute(
                delete(RecoveryCodeRow).where(RecoveryCodeRow.member_id == row.id)
            )
            session.add_all(
                RecoveryCodeRow(code_hash=totp.recovery_hash(code), member_id=row.id, used_at=None)
                for code in codes
            )
            await self._lockout.forgive(session, row.email, address)
            self._audit.add(session, row.id, Act.password_set, about_member(row.id))
        return codes

    async def erase_expired(self) -> None:
        """Remove links that nobody will ask about any more."""
        limit = self._clock() - _KEPT_FOR
        async with self._sessions.write() as session:
            await session.execute(delete(InvitationRow).where(InvitationRow.expires_at < limit))

    async def _find(
        self, session: AsyncSession, token: str
    ) -> tuple[InvitationRow, StaffMemberRow]:
        invitation = await session.get(InvitationRow, hash_token(token))
        if invitation is None:
            raise LinkUnknown
        if invitation.used_at is not None:
            raise LinkUsed
        if self._clock() >= invitation.expires_at:
            raise LinkExpired
        member = await session.get(StaffMemberRow, invitation.member_id)
        if member is None or not member.active:
            raise LinkUnknown
        return invitation, member
