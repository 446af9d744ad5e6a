"""From somebody whom the identity provider vouches for to a member with a session."""

from __future__ import annotations

from collections.abc import Mapping

from desk.accounts.audit import Act, AuditTrail, about_member
from desk.accounts.lockout import address_key
from desk.accounts.models import NewMember, Role, StaffMember
from desk.accounts.oidc import Departure, Identity, OpenIdProvider
from desk.accounts.sessions import StaffSessions
from desk.accounts.settings import Group
from desk.accounts.store import Changes, StaffStore
from desk.errors import NoRole, NotSignedIn, ProviderError, Refused, UnknownTeam


def mapped(groups: tuple[str, ...], mapping: Mapping[str, Group]) -> tuple[Role, tuple[str, ...]]:
    """Role and teams for somebody in ``groups``. Raises :class:`NoRole`."""
    mine = [group for name, group in mapping.items() if name in groups]
    role = next((group.role for group in mine if group.role is not None), None)
    if role is None:
        raise NoRole("no group gives a role")
    return role, tuple(sorted({team for group in mine for team in group.teams}))


class FederatedSignIn:
    """Members of the identity provider."""

    def __init__(
        self,
        provider: OpenIdProvider,
        mapping: Mapping[str, Group],
        store: StaffStore,
        sessions: StaffSessions,
        audit: AuditTrail,
    ) -> None:
        self._provider = provider
        self._mapping = mapping
        self._store = store
        self._sessions = sessions
        self._audit = audit

    async def depart(self) -> Departure:
        """Where to send the browser. Raises :class:`ProviderAway`."""
        return await self._provider.depart()

    async def close(self) -> None:
        await self._provider.close()

    async def arrive(
        self,
        query: Mapping[str, str],
        cookie: str | None,
        *,
        address: str,
        instead_of: str | None,
    ) -> str:
        """The token of a new session. Raises :class:`ProviderError`; each one is in the trail."""
        member = None
        try:
            identity = await self._provider.arrive(query, cookie)
            member = await self._store.by_identity(identity.issuer, identity.subject)
            member = await self._member(identity, member)
            return await self._sessions.begin(
                member, method="oidc", address=address_key(address), instead_of=instead_of
            )
        except NotSignedIn:
            await self._failed(member, address, "deactivated")
            raise NoRole("deactivated") from None
        except ProviderError as error:
            await self._failed(member, address, error.reason)
            raise

    async def _member(self, identity: Identity, known: StaffMember | None) -> StaffMember:
        try:
            role, teams = mapped(identity.groups, self._mapping)
        except NoRole:
            if known is not None:
                await self._sessions.end_for(known.id)
            raise
        try:
            if known is None:
                known = await self._linked(identity)
            if known is None:
                return await self._added(identity, role, teams)
            return await self._store.change(known.id, Changes(role=role, teams=teams), by=None)
        except UnknownTeam:
            raise NoRole("a group is mapped to a team that does not exist") from None

    async def _linked(self, identity: Identity) -> StaffMember | None:
        """The local account of the same person, from now on the provider's too."""
        if identity.email is None or not identity.email_verified:
            return None
        found = await self._store.credentials(identity.email)
        if found is None:
            return None
        if not await self._store.link_identity(found.member.id, identity.issuer, identity.subject):
            # Somebody else at the provider: addresses are given out again, subjects are not.
            raise NoRole("the e-mail address is another identity's")
        return found.member

    async def _added(self, identity: Identity, role: Role, teams: tuple[str, ...]) -> StaffMember:
        if identity.email is None:
            raise NoRole("no e-mail address")
        new = NewMember(
            name=identity.name or identity.email.partition("@")[0][:80],
            email=identity.email,
            role=role,
            teams=teams,
        )
        try:
            return await self._store.add(new, by=None, identity=(identity.issuer, identity.subject))
        except UnknownTeam:
            raise
        except Refused:
            # Two windows at the same moment: the other one has made the member.
            again = await self._store.by_identity(identity.issuer, identity.subject)
            if again is not None:
                return again
            # Taken by a local account, and the provider does not vouch for the address.
            raise NoRole("the e-mail address cannot be used") from None

    async def _failed(self, member: StaffMember | None, address: str, reason: str) -> None:
        subject = about_member(member.id) if member is not None else None
        details = {"method": "oidc", "address": address_key(address), "reason": reason}
        await self._audit.record(None, Act.sign_in_failed, subject, details)
