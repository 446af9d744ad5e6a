"""Which team, and who of it."""

from __future__ import annotations

import datetime as dt

import pytest

from desk.accounts.models import Role, StaffMember, Team
from desk.queue.routing import Need, best, speakers, team_for
from knowledge.catalogue import Catalogue

TEAMS = [
    Team("city", "Byen", ("kk",)),
    Team("technical", "Teknik", ("tmf",)),
    Team("parking", "Parkering", ("parkering",)),
    Team("passports", "Pas", (), ("pas-voksen",)),
]


def member(
    name: str,
    *,
    role: Role = Role.guide,
    teams: tuple[str, ...] = ("city",),
    languages: tuple[str, ...] = ("da",),
    skills: tuple[str, ...] = (),
    capacity: int = 2,
    active: bool = True,
) -> StaffMember:
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    email = f"{name}@example.dk"
    return StaffMember(
        name, name, email, role, teams, languages, skills, capacity, "da", active, moment
    )


@pytest.mark.parametrize(
    ("service", "team"),
    [
        ("pas-voksen", "passports"),
        ("beboerlicens", "parking"),
        ("affald-manglende", "technical"),
        ("bibliotek", "city"),
        ("su", "city"),
        ("abolished", "city"),
        (None, "city"),
    ],
)
def test_the_nearest_team(catalogue: Catalogue, service: str | None, team: str) -> None:
    assert team_for(service, TEAMS, catalogue) == team
    assert team_for(service, list(reversed(TEAMS)), catalogue) == team


def test_without_such_a_team_it_is_everybodys(catalogue: Catalogue) -> None:
    assert team_for("su", TEAMS[1:], catalogue) is None


@pytest.mark.parametrize(
    ("need", "people", "load", "chosen"),
    [
        pytest.param(
            Need("city", "en", None),
            [member("a"), member("b", languages=("da", "en"))],
            {"b": 1},
            "b",
            id="language before load",
        ),
        pytest.param(
            Need("city", "da", "pas-voksen"),
            [member("a"), member("b", skills=("pas-voksen",))],
            {"b": 1},
            "b",
            id="skill before load",
        ),
        pytest.param(
            Need("city", "da", "pas-voksen"),
            [member("a"), member("b", skills=("borgerservice",))],
            {},
            "b",
            id="skill in the authority",
        ),
        pytest.param(
            Need("city", "da", "mitid"),
            [member("a"), member("b", role=Role.ambassador), member("c", role=Role.specialist)],
            {},
            "b",
            id="ambassador for what is digital",
        ),
        pytest.param(
            Need("city", "da", "pas-voksen"),
            [member("a"), member("c", role=Role.specialist)],
            {},
            "c",
            id="specialist for a subject",
        ),
        pytest.param(
            Need("city", "da", None),
            [member("a"), member("b", capacity=4)],
            {"a": 1, "b": 1},
            "b",
            id="least load for what they can have",
        ),
        pytest.param(Need("city", "da", None), [member("a")], {"a": 2}, None, id="nobody is free"),
        pytest.param(
            Need("city", "en", None), [member("a")], {}, "a", id="another language than none"
        ),
        pytest.param(Need("parking", "da", None), [member("a")], {}, None, id="not another team's"),
        pytest.param(
            Need(None, "da", None),
            [member("a", role=Role.specialist), member("b", teams=())],
            {},
            "b",
            id="the common queue is for guides",
        ),
        pytest.param(
            Need("city", "da", None),
            [member("a", role=Role.administrator), member("b", active=False)],
            {},
            None,
            id="neither the boss nor who has left",
        ),
    ],
)
def test_who_gets_it(
    catalogue: Catalogue,
    need: Need,
    people: list[StaffMember],
    load: dict[str, int],
    *,
    chosen: str | None,
) -> None:
    for order in (people, list(reversed(people))):
        found = best(need, order, load, catalogue)
        assert (found.id if found else None) == chosen


def test_who_counts_as_being_there() -> None:
    both, danish = member("a", languages=("da", "en")), member("b")
    assert speakers([both, danish], "city", "en") == (both,)
    assert speakers([danish], "city", "en") == (danish,)
    assert speakers([danish], "parking", "da") == ()
