"""Puts the accounts together; the composition root calls it once."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from desk.accounts.audit import AuditTrail
from desk.accounts.federation import FederatedSignIn
from desk.accounts.gate import Gate
from desk.accounts.invitations import Invitations
from desk.accounts.lockout import Lockout
from desk.accounts.members import Members
from desk.accounts.models import Clock, utc_now
from desk.accounts.oidc import OpenIdProvider
from desk.accounts.passwords import Passwords
from desk.accounts.sessions import StaffSessions
from desk.accounts.settings import DeskSettings
from desk.accounts.signin import PasswordSignIn
from desk.accounts.store import StaffStore


@dataclass(frozen=True)
class Accounts:
    """The parts, for the routes and for the rest of the desk."""

    settings: DeskSettings
    audit: AuditTrail
    store: StaffStore
    sessions: StaffSessions
    lockout: Lockout
    invitations: Invitations
    passwords: PasswordSignIn
    provider: FederatedSignIn | None
    members: Members
    gate: Gate

    async def erase_expired(self) -> None:
        """Remove what has run out; to be called a few times a day."""
        await self.sessions.erase_expired()
        await self.invitations.erase_expired()
        await self.lockout.erase_expired()
        await self.audit.erase_old(self.settings.audit_days)

    async def close(self) -> None:
        """Let go of the connections to the identity provider."""
        if self.provider is not None:
            await self.provider.close()


def build_accounts(
    engine: AsyncEngine,
    settings: DeskSettings,
    public_url: str,
    *,
    clock: Clock = utc_now,
    hasher: PasswordHasher | None = None,
    client: httpx.AsyncClient | None = None,
) -> Accounts:
    """The accounts on a database. ``hasher`` and ``client`` are for tests."""
    audit = AuditTrail(engine, clock)
    store = StaffStore(engine, audit, clock)
    sessions = StaffSessions(engine, audit, settings.lifetimes, clock)
    lockout = Lockout(engine, clock)
    passwords = Passwords(hasher)
    invitations = Invitations(engine, audit, lockout, passwords, public_url=public_url, clock=clock)
    provider = None
    if settings.provider is not None:
        openid = OpenIdProvider(engine, settings.provider, public_url, client, clock)
        provider = FederatedSignIn(openid, settings.oidc_groups, store, sessions, audit)
    return Accounts(
        settings=settings,
        audit=audit,
        store=store,
        sessions=sessions,
        lockout=lockout,
        invitations=invitations,
        passwords=PasswordSignIn(store, sessions, lockout, passwords, audit, clock=clock),
        provider=provider,
        members=Members(store, invitations),
        gate=Gate(sessions, public_url),
    )
