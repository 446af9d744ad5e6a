"""What can be booked: created, changed, retired, and refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from booking.errors import NotOffered
from desk.accounts.models import Role
from tests.booking.world import at, query
from tests.desk.booking.conftest import BOOKING, PASSPORT, TODAY, Town, did, got
from tests.desk.console.conftest import Page, code_of

PLACE: dict[str, Any] = {
    "name": "Bibliotekshuset",
    "kind": "in_person",
    "address": "Rodosvej 4, 2300 København S",
    "lead_minutes": 60,
    "horizon_days": 30,
    "step_minutes": 15,
}
PERSON: dict[str, Any] = {
    "name": "Dan",
    "services": ["pas-voksen"],
    "languages": ["da", "dsl"],
    "capacity": 2,
}
HOURS = {
    "rules": [
        {"weekday": 2, "starts": "09:00", "ends": "12:00"},
        {"weekday": 2, "starts": "10:00", "ends": "10:30", "free": False},
    ]
}


async def put(page: Page, path: str, **body: Any) -> Any:
    answer = await page.put(f"{BOOKING}/supply{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_new_place_with_somebody_in_it_can_be_booked(town: Town, ida: Page) -> None:
    await did(ida, "/supply/places", id="bib", **PLACE)
    await put(ida, "/places/bib/hours", **HOURS)
    await did(ida, "/supply/caseworkers", id="dan", **PERSON)
    await put(ida, "/caseworkers/dan/hours/bib", **HOURS)
    found = await town.core.times.find_times(query(places=("bib",), language="dsl", limit=20))
    starts = [f"{time.local_start:%d %H:%M}" for time in found if time.local_start.day == 4]
    assert starts[:4] == ["04 09:00", "04 09:15", "04 09:30", "04 10:30"]
    setup = await got(ida, "/supply")
    [place] = [item for item in setup["places"] if item["id"] == "bib"]
    assert place == {**PLACE, "id": "bib", "example": False, "active": True, "team": None} | {
        "hours": [
            {**rule, "free": rule.get("free", True), "valid_from": None, "valid_until": None}
            for rule in HOURS["rules"]
        ]
    }
    [person] = [item for item in setup["caseworkers"] if item["id"] == "dan"]
    assert (person["languages"], person["capacity"]) == (["da", "dsl"], 2)
    assert [item["place"] for item in person["at"]] == ["bib"]
    assert [entry.action for entry in await town.trail(ida)][1:] == [
        "booking_place_saved",
        "booking_hours_saved",
        "booking_caseworker_saved",
        "booking_hours_saved",
    ]


async def test_a_retired_place_is_offered_no_more_and_keeps_its_appointments(
    town: Town, ida: Page, mette: Page
) -> None:
    made = await town.booked(f"{TODAY} 09:00")
    [place] = [p for p in (await got(ida, "/supply"))["places"] if p["id"] == "raadhus"]
    fields = {name: value for name, value in place.items() if name not in ("id", "hours")}
    retired = await put(ida, "/places/raadhus", **{**fields, "active": False})
    assert retired["stranded"] == 1
    with pytest.raises(NotOffered):
        await town.core.times.find_times(query())
    assert (await got(mette, f"/places/raadhus/days/{TODAY}"))["visits"][0]["id"] == made.id
    back = await put(ida, "/places/raadhus", **{**fields, "active": True})
    assert back["stranded"] == 0
    assert await town.core.times.find_times(query())


async def test_a_retired_caseworker_is_given_nobody(town: Town, ida: Page) -> None:
    for name in ("anna", "bent"):
        person = {**PERSON, "name": name, "active": False}
        await put(ida, f"/caseworkers/{name}", **person)
    with pytest.raises(NotOffered):
        await town.core.times.find_times(query())


async def test_lengths_of_visits(town: Town, ida: Page) -> None:
    await put(ida, "/services/pas-voksen", first_minutes=40, more_minutes=5, max_persons=2)
    await put(ida, "/visit", opening_minutes=10, max_minutes=60)
    [time, *_] = await town.core.times.find_times(query())
    assert (time.ends_at - time.starts_at).seconds == 50 * 60
    gone = await ida.delete(f"{BOOKING}/supply/services/pas-voksen")
    assert gone.status_code == 200
    with pytest.raises(NotOffered):
        await town.core.times.find_times(query(services=PASSPORT))
    assert (await ida.delete(f"{BOOKING}/supply/services/pas-voksen")).status_code == 404


async def test_days_with_another_plan_come_and_go(town: Town, ida: Page) -> None:
    wish = query(not_before=at("2026-03-04 00:00"), not_after=at("2026-03-04 23:59"))
    closed = {"date": TODAY, "open": False, "place": "raadhus", "reason": "Kursus"}
    await did(ida, "/supply/exceptions", **closed)
    [listed] = (await got(ida, "/supply"))["exceptions"]
    assert listed == {
        **closed,
        "number": listed["number"],
        "caseworker": None,
        "starts": None,
        "ends": None,
    }
    assert (await got(ida, "/supply"))["exceptions"] == [listed]
    number = listed["number"]
    assert (await ida.delete(f"{BOOKING}/supply/exceptions/{number}")).status_code == 200
    assert await town.core.times.find_times(wish)
    await put(ida, "/closures", month=3, day=4, name="Kommunens dag")
    assert "Kommunens dag" in str((await got(ida, "/supply"))["closures"])
    assert (await ida.delete(f"{BOOKING}/supply/closures/3/4")).status_code == 200
    holidays = (await got(ida, "/supply"))["holidays"]
    assert {"date": "2026-04-05", "name": "Påskedag"} in holidays


REFUSED: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("POST", "/places", {**PLACE, "id": "raadhus"}, 422, "visit_place_taken"),
    ("POST", "/places", {**PLACE, "id": "Råd hus"}, 422, "visit_id_invalid"),
    ("POST", "/places", {**PLACE, "id": "x", "name": "  "}, 422, "name_invalid"),
    ("POST", "/places", {**PLACE, "id": "x", "step_minutes": 7}, 422, "visit_off_grid"),
    ("POST", "/places", {**PLACE, "id": "x", "team": "nobody"}, 422, "unknown_team"),
    ("PUT", "/places/nowhere", PLACE, 404, "not_found"),
    ("PUT", "/places/nowhere/hours", HOURS, 404, "not_found"),
    (
        "PUT",
        "/places/raadhus/hours",
        {"rules": [{"weekday": 0, "starts": "12:00", "ends": "09:00"}]},
        422,
        "visit_hours_order",
    ),
    (
        "PUT",
        "/places/raadhus/hours",
        {"rules": [{"weekday": 0, "starts": "09:01", "ends": "10:00"}]},
        422,
        "visit_off_grid",
    ),
    (
        "PUT",
        "/places/raadhus/hours",
        {
            "rules": [
                {
                    "weekday": 0,
                    "starts": "09:00",
                    "ends": "10:00",
                    "valid_from": "2026-05-01",
                    "valid_until": "2026-04-01",
                }
            ]
        },
        422,
        "visit_period_order",
    ),
    ("POST", "/caseworkers", {**PERSON, "id": "anna"}, 422, "visit_caseworker_taken"),
    ("POST", "/caseworkers", {**PERSON, "id": "x", "languages": []}, 422, "visit_languages"),
    (
        "POST",
        "/caseworkers",
        {**PERSON, "id": "x", "services": ["rejse"]},
        422,
        "visit_not_offered_service",
    ),
    ("PUT", "/caseworkers/anna/hours/nowhere", HOURS, 404, "not_found"),
    (
        "PUT",
        "/services/rejse",
        {"first_minutes": 10, "more_minutes": 5, "max_persons": 2},
        422,
        "visit_unknown_service",
    ),
    ("POST", "/exceptions", {"date": "2026-02-01", "open": False}, 422, "in_the_past"),
    (
        "POST",
        "/exceptions",
        {"date": TODAY, "open": False, "starts": "09:00"},
        422,
        "visit_hours_half",
    ),
    (
        "POST",
        "/exceptions",
        {"date": TODAY, "open": False, "caseworker": "nobody"},
        404,
        "not_found",
    ),
    ("PUT", "/closures", {"month": 2, "day": 30, "name": "Nej"}, 422, "visit_no_such_date"),
]


@pytest.mark.parametrize("case", REFUSED, ids=[f"{item[1]} {item[4]}" for item in REFUSED])
async def test_what_cannot_be_says_why(
    town: Town, ida: Page, case: tuple[str, str, dict[str, Any], int, str]
) -> None:
    method, path, body, status, code = case
    before = await got(ida, "/supply")
    refused = await ida.request(method, f"{BOOKING}/supply{path}", json=body)
    assert (refused.status_code, code_of(refused)) == (status, code)
    assert await got(ida, "/supply") == before


@pytest.mark.parametrize("role", [Role.guide, Role.specialist, Role.ambassador])
async def test_only_who_may_sets_it_up(town: Town, role: Role) -> None:
    page = await town.page("Per", role=role)
    assert (await page.get(f"{BOOKING}/supply")).status_code == 403
    added = await page.post(f"{BOOKING}/supply/places", json={**PLACE, "id": "bib"})
    assert added.status_code == 403
