"""What roles may do, and that nobody gets more than they have."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.accounts.models import Role, StaffMember
from desk.errors import NotAllowed
from desk.rights import TABLE, Action, Extent, Rights, Subject

MEMBER = StaffMember(
    id="me",
    name="Ida Holm",
    email="ida@example.dk",
    role=Role.guide,
    teams=("pas",),
    languages=("da",),
    skills=(),
    capacity=3,
    ui_language="da",
    active=True,
    created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
)
TEAMS = st.sampled_from([None, "pas", "bolig"])
PEOPLE = st.sampled_from([None, "me", "other"])
SUBJECTS = st.builds(Subject, team=TEAMS, assignee=PEOPLE)
ROLES = st.sampled_from(Role)
ACTIONS = st.sampled_from(Action)
MEMBERS = st.builds(
    lambda role, teams, active: replace(MEMBER, role=role, teams=teams, active=active),
    ROLES,
    st.sampled_from([(), ("pas",), ("bolig",), ("bolig", "pas")]),
    st.booleans(),
)

MINE = Subject("bolig", "me")
TEAM = Subject("pas", "other")
COMMON = Subject(None, None)
FOREIGN = Subject("bolig", "other")
CASES = [
    (Role.guide, Action.see_conversation, {MINE, TEAM, COMMON}),
    (Role.guide, Action.write, {MINE}),
    (Role.guide, Action.manage_members, set()),
    (Role.guide, Action.see_audit, set()),
    (Role.ambassador, Action.claim, {MINE, TEAM, COMMON}),
    (Role.ambassador, Action.manage_hours, set()),
    (Role.specialist, Action.see_conversation, {MINE, TEAM}),
    (Role.specialist, Action.search_history, {MINE, TEAM}),
    (Role.specialist, Action.export_statistics, set()),
    (Role.editor, Action.see_conversation, set()),
    (Role.editor, Action.search_history, set()),
    (Role.editor, Action.edit_knowledge_notes, {MINE, TEAM, COMMON, FOREIGN}),
    (Role.administrator, Action.see_conversation, {MINE, TEAM, COMMON, FOREIGN}),
    (Role.administrator, Action.write, {MINE}),
    (Role.administrator, Action.manage_members, {MINE, TEAM, COMMON, FOREIGN}),
]


@pytest.mark.parametrize(("role", "action", "allowed"), CASES)
def test_the_table_means(role: Role, action: Action, allowed: set[Subject]) -> None:
    rights = Rights(replace(MEMBER, role=role))
    assert {it for it in (MINE, TEAM, COMMON, FOREIGN) if rights.can(action, it)} == allowed


def test_every_role_has_a_row_and_every_action_a_taker() -> None:
    assert set(TABLE) == set(Role)
    assert {action for row in TABLE.values() for action in row} == set(Action)


@given(MEMBERS, ACTIONS, SUBJECTS)
def test_what_is_allowed_to_one_thing_is_allowed_at_all(
    member: StaffMember, action: Action, subject: Subject
) -> None:
    rights = Rights(member)
    assert rights.can(action) or not rights.can(action, subject)


@given(MEMBERS, ACTIONS, SUBJECTS)
def test_a_reach_that_is_longer_leaves_nothing_out(
    member: StaffMember, action: Action, subject: Subject
) -> None:
    reach = Rights(member).reach(action)
    covered = [replace(reach, extent=extent).covers(subject) for extent in Extent]
    assert covered == sorted(covered)


@given(MEMBERS, ACTIONS, SUBJECTS)
def test_who_is_not_active_may_do_nothing(
    member: StaffMember, action: Action, subject: Subject
) -> None:
    rights = Rights(replace(member, active=False))
    assert not rights.can(action, subject)
    assert not rights.can(action)
    assert rights.listed() == {}
    assert not rights.may_add(member.role)


@given(MEMBERS, MEMBERS, ROLES, ACTIONS, SUBJECTS)
def test_nobody_gives_what_they_lack(
    actor: StaffMember, other: StaffMember, role: Role, action: Action, subject: Subject
) -> None:
    other = replace(other, id="other")
    rights = Rights(actor)
    if not (rights.may_change(other, role) or rights.may_add(role)):
        return
    # Whatever the other could do with the role, in the actor's place, the actor can.
    made = Rights(replace(actor, role=role, active=True))
    assert rights.can(action, subject) or not made.can(action, subject)


@given(MEMBERS, st.none() | ROLES)
def test_nobody_changes_their_own_account(member: StaffMember, role: Role | None) -> None:
    assert not Rights(member).may_change(member, role)


@given(MEMBERS, MEMBERS)
def test_nobody_has_power_over_more_than_they_have(actor: StaffMember, other: StaffMember) -> None:
    if Rights(actor).may_change(replace(other, id="other")):
        assert Rights(actor).may_give(other.role)


def test_only_administrators_make_members() -> None:
    for role in Role:
        rights = Rights(replace(MEMBER, role=role))
        assert rights.may_add(Role.guide) == (role is Role.administrator)


def test_requiring_raises() -> None:
    with pytest.raises(NotAllowed):
        Rights(MEMBER).require(Action.manage_members)
    Rights(MEMBER).require(Action.claim, TEAM)
