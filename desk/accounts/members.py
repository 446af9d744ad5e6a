"""Managing members and teams: the rights of whoever asks, then the store."""

from __future__ import annotations

from desk.accounts.invitations import Invitations
from desk.accounts.models import NewMember, StaffMember, Team
from desk.accounts.store import Changes, StaffStore
from desk.errors import NotAllowed
from desk.rights import Action, Rights


class Members:
    """What an administrator does. Every method raises :class:`NotAllowed` for anybody else."""

    def __init__(self, store: StaffStore, invitations: Invitations) -> None:
        self._store = store
        self._invitations = invitations

    async def list(self, actor: StaffMember) -> list[StaffMember]:
        """Every member, by name."""
        Rights(actor).require(Action.manage_members)
        return await self._store.members()

    async def add(self, actor: StaffMember, new: NewMember) -> tuple[StaffMember, str]:
        """A new member, and the link with which they set their password."""
        if not Rights(actor).may_add(new.role):
            raise NotAllowed
        member = await self._store.add(new, by=actor.id)
        return member, await self._invitations.make(member.id, by=actor.id)

    async def change(self, actor: StaffMember, member_id: str, changes: Changes) -> StaffMember:
        """The member as changed. Nobody changes their own account here."""
        await self._other(actor, member_id, changes)
        return await self._store.change(member_id, changes, by=actor.id)

    async def reset(self, actor: StaffMember, member_id: str) -> str:
        """A link with which the member sets a new password and authenticator."""
        await self._other(actor, member_id)
        return await self._invitations.make(member_id, by=actor.id)

    async def save_team(self, actor: StaffMember, team: Team) -> Team:
        """A new team, or a changed one."""
        Rights(actor).require(Action.manage_teams)
        return await self._store.save_team(team, by=actor.id)

    async def _other(
        self, actor: StaffMember, member_id: str, changes: Changes | None = None
    ) -> None:
        # The right first: who may not manage members does not learn which there are.
        Rights(actor).require(Action.manage_members)
        other = await self._store.get(member_id)
        if not Rights(actor).may_change(other, changes.role if changes is not None else None):
            raise NotAllowed
