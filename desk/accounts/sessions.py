"""Sessions: a random token in a cookie, its hash in the database."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from desk.accounts.audit import Act, AuditTrail, about_member
from desk.accounts.models import Clock, StaffMember, utc_now
from desk.accounts.store import teams_of, to_member
from desk.accounts.tables import StaffMemberRow, StaffSessionRow
from desk.errors import NotSignedIn
from desk.rights import Rights
from storage.sessions import Sessions

_SEEN_EVERY = dt.timedelta(minutes=1)
"""How exactly it is known when a member was last there: not every request is a write."""


def hash_token(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_token(token: str) -> str:
    """What a page of ours sends along to show that it is one.

    It follows from the session's token, which no script can read, so it fits this session only
    and needs no secret of its own.
    """
    return hmac.new(token.encode(), b"borgerguide desk: csrf", hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Lifetimes:
    """When a session ends by itself."""

    idle: dt.timedelta = dt.timedelta(minutes=30)
    longest: dt.timedelta = dt.timedelta(hours=12)


@dataclass(frozen=True)
class StaffSession:
    """A session that is alive, and whose it is."""

    key: str
    """The hash of its token."""
    member: StaffMember

    @property
    def rights(self) -> Rights:
        """The member's, as they were when the session was opened."""
        return Rights(self.member)


class StaffSessions:
    """Begins, opens and ends sessions. A session of a deactivated member opens for nobody."""

    def __init__(
        self,
        engine: AsyncEngine,
        audit: AuditTrail,
        lifetimes: Lifetimes | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = Sessions(engine)
        self._audit = audit
        self._lifetimes = lifetimes or Lifetimes()
        self._clock = clock

    async def begin(
        self, member: StaffMember, *, method: str, address: str, instead_of: str | None
    ) -> str:
        """The token of a new session. ``instead_of`` is the browser's old token, which ends.

        Raises :class:`NotSignedIn` if the member was deactivated in between.
        """
        token = secrets.token_urlsafe(32)
        now = self._clock()
        async with self._sessions.write() as session:
            # Locked against somebody who deactivates the member at this moment.
            row = await session.get(StaffMemberRow, member.id, with_for_update=True)
            if row is None or not row.active:
                raise NotSignedIn
            if instead_of is not None:
                old = StaffSessionRow.token_hash == hash_token(instead_of)
                await session.execute(delete(StaffSessionRow).where(old))
            session.add(
                StaffSessionRow(
                    token_hash=hash_token(token),
                    member_id=member.id,
                    created_at=now,
                    seen_at=now,
                    expires_at=now + self._lifetimes.longest,
                )
            )
            details = {"method": method, "address": address}
            self._audit.add(session, member.id, Act.signed_in, about_member(member.id), details)
        return token

    async def open(self, token: str, *, active: bool = True) -> StaffSession:
        """The session of a token. Raises :class:`NotSignedIn`.

        ``active=False`` is for what a page does by itself: it does not count as being there.
        """
        return await self._open(hash_token(token), active=active)

    async def still_open(self, session: StaffSession) -> StaffSession:
        """The session as it is now, for streams that outlive a request: no sign of activity.

        Raises :class:`NotSignedIn`.
        """
        return await self._open(session.key, active=False)

    async def _open(self, key: str, *, active: bool) -> StaffSession:
        now = self._clock()
        async with self._sessions.read() as session:
            found = (
                await session.execute(
                    select(StaffSessionRow, StaffMemberRow)
                    .join(StaffMemberRow, StaffMemberRow.id == StaffSessionRow.member_id)
                    .where(StaffSessionRow.token_hash == key, StaffMemberRow.active.is_(True))
                )
            ).one_or_none()
            if found is None:
                raise NotSignedIn
            row, member_row = found
            if now >= row.expires_at or now >= row.seen_at + self._lifetimes.idle:
                raise NotSignedIn
            member = to_member(member_row, await teams_of(session, member_row.id))
        if active and now - row.seen_at >= _SEEN_EVERY:
            async with self._sessions.write() as session:
                await session.execute(
                    update(StaffSessionRow)
                    .where(StaffSessionRow.token_hash == key)
                    .values(seen_at=now)
                )
        return StaffSession(key, member)

    async def end(self, session: StaffSession) -> None:
        """Sign out here."""
        await self._end(session, StaffSessionRow.token_hash == session.key, Act.signed_out)

    async def end_all(self, session: StaffSession) -> None:
        """Sign out everywhere."""
        mine = StaffSessionRow.member_id == session.member.id
        await self._end(session, mine, Act.signed_out_everywhere)

    async def end_for(self, member_id: str) -> None:
        """End all sessions of a member who may not be here any more."""
        async with self._sessions.write() as session:
            mine = StaffSessionRow.member_id == member_id
            await session.execute(delete(StaffSessionRow).where(mine))

    async def _end(self, session: StaffSession, which: object, act: Act) -> None:
        member = session.member.id
        async with self._sessions.write() as database:
            await database.execute(delete(StaffSessionRow).where(which))  # type: ignore[arg-type]
            self._audit.add(database, member, act, about_member(member))

    async def erase_expired(self) -> None:
        """Remove sessions that have ended by themselves."""
        now = self._clock()
        async with self._sessions.write() as session:
            await session.execute(
                delete(StaffSessionRow).where(
                    or_(
                        StaffSessionRow.expires_at <= now,
                        StaffSessionRow.seen_at <= now - self._lifetimes.idle,
                    )
                )
            )
