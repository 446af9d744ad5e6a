"""Signing in with e-mail, password and code: one path, whoever asks and whatever is wrong."""

from __future__ import annotations

from desk.accounts import totp
from desk.accounts.audit import Act, AuditTrail, about_member
from desk.accounts.lockout import Attempt, Lockout
from desk.accounts.models import Clock, StaffMember, utc_now
from desk.accounts.passwords import Passwords
from desk.accounts.sessions import StaffSessions
from desk.accounts.store import Credentials, StaffStore
from desk.errors import NotSignedIn, SignInFailed

_NOBODY = "0" * 32


class PasswordSignIn:
    """Local accounts."""

    def __init__(
        self,
        store: StaffStore,
        sessions: StaffSessions,
        lockout: Lockout,
        passwords: Passwords,
        audit: AuditTrail,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._lockout = lockout
        self._passwords = passwords
        self._audit = audit
        self._clock = clock

    async def sign_in(
        self, email: str, password: str, code: str, *, address: str, instead_of: str | None
    ) -> str:
        """The token of a new session. ``code`` is from the authenticator, or a recovery code.

        Raises :class:`SignInFailed`, the same for every reason, and :class:`TooManyTries`.
        """
        attempt = await self._lockout.begin(email, address)
        found = await self._store.credentials(email)
        member = await self._prove(found, password, code)
        if member is None:
            await self._failed(attempt, found.member if found is not None else None)
            raise SignInFailed
        try:
            token = await self._sessions.begin(
                member, method="password", address=attempt.address, instead_of=instead_of
            )
        except NotSignedIn:
            await self._failed(attempt, member)
            raise SignInFailed from None
        await self._lockout.succeeded(attempt)
        return token

    async def _prove(
        self, found: Credentials | None, password: str, code: str
    ) -> StaffMember | None:
        # Nothing below is left out because something above was wrong: the time must not tell
        # what. Only a right password uses a code up, so nobody else can spend a member's codes.
        stored = found.password_hash if found is not None else None
        right = await self._passwords.verify(stored, password)
        secret = found.totp_secret if found is not None else None
        step = totp.matching_step(secret, code, self._clock)
        usable = found is not None and found.member.active and right
        who = found.member.id if found is not None and usable else _NOBODY
        if step is not None:
            fresh = await self._store.use_totp(who, step)
        else:
            fresh = await self._store.use_recovery_code(who, totp.recovery_hash(code))
        if found is None or stored is None or not (usable and fresh):
            return None
        if self._passwords.outdated(stored):
            new = await self._passwords.hash(password)
            await self._store.set_password_hash(found.member.id, stored, new)
        return found.member

    async def _failed(self, attempt: Attempt, member: StaffMember | None) -> None:
        # What was typed as an e-mail address may be a password: of an unknown one nothing is kept.
        subject = about_member(member.id) if member is not None else None
        details = {"method": "password", "address": attempt.address}
        await self._audit.record(None, Act.sign_in_failed, subject, details)
        if attempt.locked:
            await self._audit.record(None, Act.locked, subject, {"address": attempt.address})
