"""Members and teams, and that nobody climbs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from desk.accounts.build import Accounts
from desk.accounts.models import NewMember, Role, StaffMember, Team
from desk.accounts.store import Changes
from desk.errors import NotAllowed, NotFound, Refused, UnknownTeam
from tests.desk.accounts.conftest import Staff

Step = Callable[[Accounts, StaffMember, StaffMember], Awaitable[object]]
ESCALATIONS: dict[str, Step] = {
    "own role": lambda a, me, _: a.members.change(me, me.id, Changes(role=Role.administrator)),
    "own teams": lambda a, me, _: a.members.change(me, me.id, Changes(teams=("pas",))),
    "own reset": lambda a, me, _: a.members.reset(me, me.id),
    "other's role": lambda a, me, you: a.members.change(me, you.id, Changes(role=me.role)),
    "other's end": lambda a, me, you: a.members.change(me, you.id, Changes(active=False)),
    "other's link": lambda a, me, you: a.members.reset(me, you.id),
    "a new guide": lambda a, me, _: a.members.add(me, NewMember("Bo", "bo@example.dk", Role.guide)),
    "a new administrator": lambda a, me, _: a.members.add(
        me, NewMember("Bo", "bo@example.dk", Role.administrator)
    ),
    "a team": lambda a, me, _: a.members.save_team(me, Team("pas", "Pas")),
    "who there is": lambda a, me, _: a.members.list(me),
    "whether there is": lambda a, me, _: a.members.change(me, "nobody", Changes(capacity=1)),
}


@pytest.mark.parametrize("name", ESCALATIONS)
@pytest.mark.parametrize("role", [Role.guide, Role.specialist, Role.ambassador, Role.editor])
async def test_nobody_climbs(accounts: Accounts, staff: Staff, role: Role, name: str) -> None:
    me, you = (await staff.person(role)).member, (await staff.person()).member
    before = await accounts.store.members()
    with pytest.raises(NotAllowed):
        await ESCALATIONS[name](accounts, me, you)
    assert await accounts.store.members() == before
    assert await accounts.store.teams() == []


@pytest.mark.parametrize("name", ["own role", "own teams", "own reset"])
async def test_administrators_do_not_change_themselves(
    accounts: Accounts, staff: Staff, name: str
) -> None:
    me = (await staff.person(Role.administrator)).member
    with pytest.raises(NotAllowed):
        await ESCALATIONS[name](accounts, me, me)


async def test_a_former_administrator_has_no_rights_left(accounts: Accounts, staff: Staff) -> None:
    me, you = (await staff.person(Role.administrator)).member, (await staff.person()).member
    with pytest.raises(NotAllowed):
        await accounts.members.change(
            replace(me, active=False), you.id, Changes(role=Role.administrator)
        )


async def test_an_administrator_makes_teams_and_members(accounts: Accounts, staff: Staff) -> None:
    boss = (await staff.person(Role.administrator)).member
    team = await accounts.members.save_team(boss, Team("pas", "Pas og kørekort", ("kff",)))
    new = NewMember("Bo Dahl", "bo@example.dk", Role.specialist, ("pas",), ("da", "ar"))
    member, link = await accounts.members.add(boss, new)
    assert member == await accounts.store.get(member.id)
    assert member.teams == ("pas",)
    assert "/desk/welcome/" in link
    changed = await accounts.members.change(
        boss, member.id, Changes(role=Role.guide, teams=(), capacity=5, skills=("tegnsprog",))
    )
    assert (changed.role, changed.teams, changed.capacity) == (Role.guide, (), 5)
    assert changed.languages == ("da", "ar")
    assert await accounts.store.teams() == [team]
    trail = await accounts.audit.read(subject=f"member:{member.id}")
    assert [entry.action for entry in reversed(trail)] == [
        "member_added",
        "invited",
        "role_changed",
        "teams_changed",
        "member_changed",
    ]
    assert {entry.actor for entry in trail} == {boss.id}
    assert trail[2].details == {"from": "specialist", "to": "guide"}


async def test_a_change_to_the_same_leaves_no_trace(accounts: Accounts, staff: Staff) -> None:
    member = (await staff.person()).member
    before = await accounts.audit.read()
    same = Changes(name=member.name, role=member.role, teams=(), languages=("da",), active=True)
    assert await accounts.store.change(member.id, same, by=None) == member
    assert await accounts.audit.read() == before


@pytest.mark.parametrize("email", ["", "x", "a b@example.dk", "a@b", "@example.dk", "a" * 260])
async def test_what_is_no_address_is_refused(accounts: Accounts, email: str) -> None:
    with pytest.raises(Refused, match="email_invalid"):
        await accounts.store.add(NewMember("Bo", email, Role.guide), by=None)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "Ida\0Holm"])
async def test_what_is_no_name_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(Refused, match="name_invalid"):
        await accounts.store.add(NewMember(name, "bo@example.dk", Role.guide), by=None)


async def test_an_address_belongs_to_one_member(accounts: Accounts) -> None:
    new = NewMember("Bo", "bo@example.dk", Role.guide)
    results = await asyncio.gather(
        *(
            accounts.store.add(replace(new, email=each), by=None)
            for each in (new.email, "BO@Example.dk")
        ),
        return_exceptions=True,
    )
    assert {type(result) for result in results} == {Refused, StaffMember}


async def test_unknown_teams_and_members(accounts: Accounts, staff: Staff) -> None:
    with pytest.raises(UnknownTeam):
        await accounts.store.add(NewMember("Bo", "bo@example.dk", Role.guide, ("x",)), by=None)
    assert await accounts.store.members() == []
    with pytest.raises(NotFound):
        await accounts.store.get("nobody")
    with pytest.raises(NotFound):
        await accounts.store.change("nobody", Changes(capacity=1), by=None)


async def test_names_and_ids_of_teams(accounts: Accounts) -> None:
    await accounts.store.save_team(Team("pas", "Pas"), by=None)
    with pytest.raises(Refused, match="team_name_taken"):
        await accounts.store.save_team(Team("andre", "Pas"), by=None)
    with pytest.raises(Refused, match="team_id_invalid"):
        await accounts.store.save_team(Team("Pas og kort", "Kort"), by=None)
    await accounts.store.save_team(Team("pas", "Pas og kort", services=("pas-voksen",)), by=None)
    assert [team.name for team in await accounts.store.teams()] == ["Pas og kort"]
