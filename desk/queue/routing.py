"""Which team, and which of its members. No I/O here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from desk.accounts.models import Role, StaffMember, Team
from knowledge.catalogue import Catalogue

CITY = "kk"
"""The organisation at the top: a team for it takes what no other team answers for."""
_DIGITAL = "becoming_digital"
"""The situation in life that digital ambassadors are there for."""
_TAKES = frozenset({Role.guide, Role.specialist, Role.ambassador})
"""Who has conversations with citizens."""
_TAKES_COMMON = frozenset({Role.guide, Role.ambassador})


def team_for(service: str | None, teams: Sequence[Team], catalogue: Catalogue) -> str | None:
    """The team that answers for a service: by name, or by the nearest organisation above it.

    None if no team does: then it is in the common queue.
    """
    for team in teams:
        if service is not None and service in team.services:
            return team.id
    for organisation in (*_above(service, catalogue), CITY):
        for team in teams:
            if organisation in team.administrations:
                return team.id
    return None


def _above(service: str | None, catalogue: Catalogue) -> Iterable[str]:
    found = catalogue.services.get(service or "")
    current = found.facts.competent_authority if found is not None else None
    seen: set[str] = set()
    while current is not None and current not in seen and current in catalogue.organisations:
        seen.add(current)
        yield current
        current = catalogue.organisations[current].part_of


def converses(member: StaffMember) -> bool:
    """Whether the member is one of those who write with citizens."""
    return member.active and member.role in _TAKES


def takes(member: StaffMember, team: str | None) -> bool:
    """Whether the member is one of those whom the queue of ``team`` waits for."""
    if not converses(member):
        return False
    return member.role in _TAKES_COMMON if team is None else team in member.teams


@dataclass(frozen=True)
class Need:
    """What a waiting conversation needs."""

    team: str | None
    language: str
    service: str | None


def best(
    need: Need, members: Iterable[StaffMember], load: Mapping[str, int], catalogue: Catalogue
) -> StaffMember | None:
    """Who should have it, of those present: language first, then skill, role and least load.

    ``load`` is how many conversations each has; nobody gets more than their capacity.
    """
    free = [
        member
        for member in members
        if takes(member, need.team) and load.get(member.id, 0) < member.capacity
    ]
    if not free:
        return None
    service = catalogue.services.get(need.service or "")
    skills = {need.service, service.facts.competent_authority} if service is not None else set()
    digital = service is not None and _DIGITAL in service.facts.life_events
    wanted = Role.ambassador if digital else Role.specialist if service else Role.guide

    def rank(member: StaffMember) -> tuple[bool, bool, bool, float, str]:
        return (
            need.language not in member.languages,
            not skills & set(member.skills),
            member.role is not wanted,
            load.get(member.id, 0) / member.capacity,
            member.id,
        )

    return min(free, key=rank)


def speakers(
    members: Iterable[StaffMember], team: str | None, language: str
) -> tuple[StaffMember, ...]:
    """Those who would take it: who speak the language, or everybody if nobody does."""
    able = tuple(member for member in members if takes(member, team))
    return tuple(member for member in able if language in member.languages) or able
