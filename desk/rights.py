"""Who may do what at the desk: the one place where role and team are looked at.

A table gives each role a reach for each action. ``Rights`` puts a member's teams into it. Lists
filter by :meth:`Rights.reach`, single things are checked by :meth:`Rights.require`; both ask the
same :class:`Reach`, so nobody can open what no list shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType

from desk.accounts.models import Role, StaffMember
from desk.errors import NotAllowed


class Action(StrEnum):
    """Everything that somebody may or may not do."""

    see_conversation = "see_conversation"
    claim = "claim"
    write = "write"
    note = "note"
    transfer = "transfer"
    resolve = "resolve"
    reopen = "reopen"
    mark_spam = "mark_spam"
    search_history = "search_history"
    manage_members = "manage_members"
    manage_teams = "manage_teams"
    manage_hours = "manage_hours"
    manage_booking = "manage_booking"
    """The day at a place: who has come, who is next, moving and cancelling."""
    manage_supply = "manage_supply"
    """What can be booked: places, caseworkers, hours, lengths of visits."""
    see_statistics = "see_statistics"
    export_statistics = "export_statistics"
    edit_knowledge_notes = "edit_knowledge_notes"
    manage_canned_replies = "manage_canned_replies"
    see_audit = "see_audit"
    see_dead_letters = "see_dead_letters"
    resend_dead_letters = "resend_dead_letters"


class Extent(IntEnum):
    """How far an action reaches. Each includes the ones before it."""

    nothing = 0
    own = 1
    """What is assigned to the member."""
    team = 2
    """What the member's teams answer for."""
    common = 3
    """What no team answers for."""
    everything = 4


_FRONT = {
    Action.see_conversation: Extent.common,
    Action.claim: Extent.common,
    Action.write: Extent.own,
    Action.note: Extent.common,
    Action.transfer: Extent.common,
    Action.resolve: Extent.own,
    Action.reopen: Extent.common,
    Action.mark_spam: Extent.common,
    Action.search_history: Extent.common,
    Action.manage_booking: Extent.common,
    Action.see_statistics: Extent.team,
}

TABLE: Mapping[Role, Mapping[Action, Extent]] = MappingProxyType(
    {
        Role.guide: _FRONT,
        Role.ambassador: _FRONT,
        Role.specialist: {
            Action.see_conversation: Extent.team,
            Action.claim: Extent.team,
            Action.write: Extent.own,
            Action.note: Extent.team,
            Action.transfer: Extent.team,
            Action.resolve: Extent.own,
            Action.reopen: Extent.team,
            Action.mark_spam: Extent.team,
            Action.search_history: Extent.team,
            Action.manage_booking: Extent.team,
            Action.see_statistics: Extent.team,
        },
        Role.editor: {
            Action.see_statistics: Extent.everything,
            Action.edit_knowledge_notes: Extent.everything,
            Action.manage_canned_replies: Extent.everything,
            Action.manage_supply: Extent.everything,
        },
        # Everything that any role has: nobody can give away what they do not have themselves.
        # Writing as somebody else is in no role: whoever writes has claimed the conversation.
        Role.administrator: dict.fromkeys(Action, Extent.everything) | {Action.write: Extent.own},
    }
)
"""Role by action; an action that is missing is not allowed."""


@dataclass(frozen=True)
class Subject:
    """What an action is about: the team that answers for it, and the member who has it.

    ``team=None`` is what no team answers for; ``assignee=None`` is what nobody has yet.
    """

    team: str | None = None
    assignee: str | None = None


@dataclass(frozen=True)
class Reach:
    """What an action reaches for one member: the filter of every list."""

    extent: Extent
    member: str
    teams: frozenset[str]

    @property
    def all(self) -> bool:
        """Nothing need be filtered."""
        return self.extent >= Extent.everything

    @property
    def common(self) -> bool:
        """What has no team is included."""
        return self.extent >= Extent.common

    @property
    def by_team(self) -> frozenset[str]:
        """The teams whose things are included."""
        return self.teams if self.extent >= Extent.team else frozenset()

    @property
    def own(self) -> bool:
        """What is assigned to the member is included, whatever its team."""
        return self.extent >= Extent.own

    def covers(self, subject: Subject) -> bool:
        """Is this one within reach?"""
        return (
            self.all
            or (self.own and subject.assignee == self.member)
            or (self.common and subject.team is None)
            or subject.team in self.by_team
        )


class Rights:
    """The rights of one member, as they are now. A member who is not active has none."""

    def __init__(self, member: StaffMember) -> None:
        self._member = member
        self._table = TABLE[member.role] if member.active else {}
        self._teams = frozenset(member.teams)

    def reach(self, action: Action) -> Reach:
        """How far the action reaches, for the filter of a list."""
        extent = self._table.get(action, Extent.nothing)
        return Reach(extent, self._member.id, self._teams)

    def can(self, action: Action, subject: Subject | None = None) -> bool:
        """May the member do it to ``subject``? Without one: is there anything to do it to?"""
        reach = self.reach(action)
        return reach.own if subject is None else reach.covers(subject)

    def require(self, action: Action, subject: Subject | None = None) -> None:
        """As :meth:`can`. Raises :class:`NotAllowed`."""
        if not self.can(action, subject):
            raise NotAllowed

    def may_give(self, role: Role) -> bool:
        """Does the member have whatever the role gives? Needs no right to manage members."""
        return all(self.reach(action).extent >= extent for action, extent in TABLE[role].items())

    def may_change(self, other: StaffMember, role: Role | None = None) -> bool:
        """May the member change the other's account, and give it ``role`` if one is given?

        Nobody changes their own, and nobody has power over more than they could give.
        """
        return (
            self.can(Action.manage_members)
            and other.id != self._member.id
            and self.may_give(other.role)
            and (role is None or self.may_give(role))
        )

    def may_add(self, role: Role) -> bool:
        """May the member make an account with this role?"""
        return self.can(Action.manage_members) and self.may_give(role)

    def listed(self) -> dict[str, str]:
        """Action by action how far it reaches, without those that are not allowed."""
        return {action: extent.name for action, extent in self._table.items() if extent}
