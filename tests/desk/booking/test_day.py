"""The day at a place: in order, step by step, moved and cancelled, for whom it is there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.supply import Place
from desk.accounts.models import Role
from tests.booking.world import assert_sound, at, passport_at
from tests.desk.booking.conftest import BOOKING, SUMMARY, TODAY, Town, did, got
from tests.desk.console.conftest import Page, code_of

DAY = f"/places/raadhus/days/{TODAY}"


async def test_appointments_and_numbers_in_the_order_of_the_day(town: Town, mette: Page) -> None:
    late = await town.booked(f"{TODAY} 11:00")
    early = await town.booked(f"{TODAY} 09:00")
    await town.booked("2026-03-05 09:00")
    town.clock.set(f"{TODAY} 10:00")
    number = await did(
        mette,
        "/places/raadhus/numbers",
        services=[{"service": "sundhedskort", "persons": 2}],
        name="Per",
    )
    assert (number["walk_in"], number["state"], number["name"]) == (1, "arrived", "Per")
    day = await got(mette, DAY)
    assert [visit["id"] for visit in day["visits"]] == [early.id, number["id"], late.id]
    assert day["today"]
    assert [person["id"] for person in day["staff"]] == ["anna", "bent"]
    first = day["visits"][0]
    assert first["errands"][0]["service"] == {"id": "pas-voksen", "title": "Pas til voksne"}
    assert first["contact"] == {"channel": "sms", "label": "20 12 34 56"}
    assert first["can"] == ["arrive", "call", "no-show"]


async def test_a_visit_step_by_step(town: Town, mette: Page) -> None:
    made = await town.booked(f"{TODAY} 09:00")
    town.clock.set(f"{TODAY} 08:55")
    path = f"/appointments/{made.id}"
    arrived = await did(mette, f"{path}/steps/arrive")
    assert (arrived["state"], arrived["can"]) == ("arrived", ["call", "cancel"])
    mine = arrived["caseworker"] or made.caseworker_id
    person = mine["id"] if isinstance(mine, dict) else mine
    called = (await did(mette, "/places/raadhus/next", caseworker=person))["visit"]
    assert (called["id"], called["state"]) == (made.id, "called")
    assert (await did(mette, f"{path}/steps/begin"))["state"] == "in_service"
    assert (await did(mette, f"{path}/steps/done"))["state"] == "done"
    assert (await did(mette, "/places/raadhus/next", caseworker=person))["visit"] is None
    again = await mette.post(f"{BOOKING}{path}/steps/done")
    assert (again.status_code, code_of(again)) == (409, "visit_illegal_transition")
    history = await got(mette, path)
    assert [item["kind"] for item in history["trail"]][-4:] == [
        "arrived",
        "called",
        "began",
        "done",
    ]
    assert history["trail"][-1]["actor"] == "Mette"
    await assert_sound(town.core)


async def test_a_number_belongs_to_whoever_calls_it(town: Town, mette: Page) -> None:
    town.clock.set(f"{TODAY} 10:00")
    wish = [{"service": "pas-voksen"}]
    numbers = [await did(mette, "/places/raadhus/numbers", services=wish) for _ in range(2)]
    assert [item["walk_in"] for item in numbers] == [1, 2]
    second = f"/appointments/{numbers[1]['id']}/steps"
    called = await did(mette, f"{second}/call", caseworker="bent")
    assert called["caseworker"]["id"] == "bent"
    assert (await did(mette, f"{second}/return"))["caseworker"] is None


async def test_nobody_arrives_today_for_tomorrow(town: Town, mette: Page) -> None:
    made = await town.booked("2026-03-05 09:00")
    town.clock.set(f"{TODAY} 09:00")
    refused = await mette.post(f"{BOOKING}/appointments/{made.id}/steps/arrive")
    assert (refused.status_code, code_of(refused)) == (422, "visit_not_today")
    assert (await got(mette, f"/appointments/{made.id}"))["visit"]["can"] == ["move", "cancel"]


async def test_the_citizen_hears_that_the_time_is_moved(town: Town, mette: Page) -> None:
    made = await town.booked(f"{TODAY} 09:00")
    path = f"/appointments/{made.id}"
    times = (await got(mette, f"{path}/times", since="2026-03-05"))["items"]
    assert dt.datetime.fromisoformat(times[0]["at"]) == at("2026-03-05 09:00")
    moved = await did(mette, f"{path}/move", at=times[0]["at"])
    assert moved["reference"] == made.reference
    changed = await town.core.appointments.get(made.id)
    assert (changed.sequence, changed.uid) == (1, made.uid)
    [(reply, text)] = await town.told()
    assert reply == "booking_moved_by_staff"
    assert "torsdag" in text
    assert "/b/" in text
    # The old link is stale; the trail says who did it, and the reminder goes with the new time.
    trail = await town.core.appointments.trail(made.id)
    assert trail[-1].actor == f"staff:{mette.member.id}"
    await assert_sound(town.core)


async def test_the_citizen_hears_that_the_time_is_cancelled(town: Town, mette: Page) -> None:
    made = await town.booked(f"{TODAY} 09:00")
    assert (await did(mette, f"/appointments/{made.id}/cancel"))["state"] == "cancelled"
    [(reply, text)] = await town.told()
    assert reply == "booking_cancelled_by_staff"
    assert made.reference in text
    twice = await mette.post(f"{BOOKING}/appointments/{made.id}/cancel")
    assert (twice.status_code, code_of(twice)) == (409, "visit_illegal_transition")
    assert len(await town.told()) == 1


async def test_who_came_without_an_appointment_and_left_is_told_nothing(
    town: Town, mette: Page
) -> None:
    town.clock.set(f"{TODAY} 10:00")
    made = await did(mette, "/places/raadhus/numbers", services=[{"service": "pas-voksen"}])
    assert (await did(mette, f"/appointments/{made['id']}/cancel"))["state"] == "cancelled"
    assert await town.told() == []


MOVES: list[tuple[dict[str, Any], int, str]] = [
    ({"at": "2026-03-05T03:00:00+01:00"}, 422, "visit_closed_hours"),
    ({"at": "2026-03-07T10:00:00+01:00"}, 422, "visit_closed_weekday"),
    ({"at": "2026-04-05T10:00:00+02:00"}, 422, "visit_closed_holiday"),
    ({"at": "2026-03-01T10:00:00+01:00"}, 422, "visit_in_the_past"),
    ({"at": "2027-03-05T10:00:00+01:00"}, 422, "visit_too_far"),
    ({"at": "2026-03-05T10:01:00+01:00"}, 422, "visit_off_grid"),
    ({"at": "2026-03-05T10:00:00+01:00", "place": "telefon"}, 422, "visit_not_offered_service"),
    ({"at": "2026-03-05T10:00:00+01:00", "place": "nowhere"}, 404, "not_found"),
]


@pytest.mark.parametrize(("body", "status", "code"), MOVES, ids=[item[2] for item in MOVES])
async def test_a_move_that_cannot_be_says_why_and_changes_nothing(
    town: Town, mette: Page, body: dict[str, Any], status: int, code: str
) -> None:
    made = await town.booked(f"{TODAY} 09:00")
    refused = await mette.post(f"{BOOKING}/appointments/{made.id}/move", json=body)
    assert (refused.status_code, code_of(refused)) == (status, code)
    assert await town.core.appointments.get(made.id) == made
    assert await town.told() == []


async def test_a_time_that_somebody_else_got(town: Town, mette: Page) -> None:
    first, second = await town.booked("2026-03-05 09:00"), await town.booked("2026-03-06 09:00")
    body = {"at": first.starts_at.isoformat()}
    refused = await mette.post(f"{BOOKING}/appointments/{second.id}/move", json=body)
    assert (refused.status_code, code_of(refused)) == (409, "visit_taken")


@pytest.mark.parametrize("share", [True, False])
async def test_the_summary_is_there_only_if_the_citizen_agreed(
    town: Town, mette: Page, share: bool
) -> None:
    made = await town.booked(f"{TODAY} 09:00", share=share)
    day = await got(mette, DAY)
    assert day["visits"][0]["shares"] is share
    assert SUMMARY not in str(day)
    history = await got(mette, f"/appointments/{made.id}")
    assert history["summary"] == (SUMMARY if share else None)
    # Whoever looks is written down: the day once, however often the page reads it.
    await got(mette, DAY)
    looks = [entry for entry in await town.trail(mette) if entry.action.startswith("looked")]
    assert [(entry.action, entry.subject) for entry in looks] == [
        ("looked_at_day", "place:raadhus"),
        ("looked_at_appointment", f"appointment:{made.id}"),
    ]


async def test_found_by_its_reference_however_it_is_typed(town: Town, mette: Page) -> None:
    made = await town.booked(f"{TODAY} 09:00")
    typed = made.reference.lower().replace("-", " ")
    assert (await got(mette, "/appointments", reference=typed))["id"] == made.id
    missing = await mette.get(f"{BOOKING}/appointments", params={"reference": "nothing"})
    assert missing.status_code == 404


async def test_who_is_left_outside_the_hours_is_listed(town: Town, mette: Page, ida: Page) -> None:
    made = await town.booked(f"{TODAY} 09:00")
    closed = {"date": TODAY, "open": False, "place": "raadhus", "reason": "Vandskade"}
    assert (await did(ida, "/supply/exceptions", **closed))["stranded"] == 1
    found = await got(mette, "/outside")
    assert [item["id"] for item in found["items"]] == [made.id]


async def test_another_teams_place_does_not_exist(town: Town, mette: Page) -> None:
    made = await town.booked(f"{TODAY} 09:00")
    places = (await town.core.supply.current()).places
    theirs = Place(**{**vars(places["raadhus"]), "team": "pas"})
    await town.core.supply.put(places=[theirs])
    assert [item["id"] for item in (await got(mette, "/places"))["items"]] == ["telefon"]
    paths = (DAY, f"/appointments/{made.id}", f"/appointments/{made.id}/times?since={TODAY}")
    for path in paths:
        assert (await mette.get(BOOKING + path)).status_code == 404
    for path, body in [
        (f"/appointments/{made.id}/cancel", {}),
        (f"/appointments/{made.id}/steps/arrive", {}),
        (f"/appointments/{made.id}/move", {"at": made.starts_at.isoformat()}),
        ("/places/raadhus/next", {"caseworker": "anna"}),
        ("/places/raadhus/numbers", {"services": [{"service": "pas-voksen"}]}),
    ]:
        assert (await mette.post(BOOKING + path, json=body)).status_code == 404
    found = await mette.get(f"{BOOKING}/appointments", params={"reference": made.reference})
    assert found.status_code == 404
    owner = await town.page("Omar", "pas", role=Role.specialist)
    assert [item["id"] for item in (await got(owner, "/places"))["items"]] == ["raadhus"]


@pytest.mark.parametrize("role", [Role.editor])
async def test_who_works_with_no_appointments(town: Town, role: Role) -> None:
    page = await town.page("Ea", role=role)
    assert (await page.get(f"{BOOKING}/places")).status_code == 403


async def test_what_somebody_is_only_about_to_book_is_nobodys_business(
    town: Town, mette: Page
) -> None:
    hold = await town.core.appointments.hold(passport_at(f"{TODAY} 09:00"))
    assert (await mette.get(f"{BOOKING}/appointments/{hold.id}")).status_code == 404
    assert (await got(mette, DAY))["visits"] == []


async def test_a_page_of_another_site_changes_nothing(town: Town, mette: Page) -> None:
    made = await town.booked(f"{TODAY} 09:00")
    path = f"{BOOKING}/appointments/{made.id}/cancel"
    forged = await mette.post(path, headers={"X-CSRF-Token": "guessed"})
    assert forged.status_code == 403
    assert await town.core.appointments.get(made.id) == made
