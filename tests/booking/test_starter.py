"""The starter data fits the knowledge, and can be booked."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from booking.models import Kind, ServiceWish, TimeQuery
from booking.starter import Starter, fill, read
from booking.supply import Availability
from booking.supply_store import SupplyStore
from booking.times import Times
from knowledge.catalogue import Catalogue
from launcher.paths import ROOT
from tests.booking.world import CONTACT, HandClock, at, booking_on, clock_times, passport_at


@pytest.fixture(scope="module")
def starter(catalogue: Catalogue) -> Starter:
    return read(catalogue)


def test_only_verified_hours_are_not_marked(starter: Starter) -> None:
    assert [place.id for place in starter.places if not place.example] == ["international-house"]
    hours = {
        rule.weekday: f"{rule.starts:%H}-{rule.ends:%H}"
        for rule in starter.rules["international-house", None]
    }
    assert hours == {0: "09-15", 2: "11-17", 3: "09-15", 4: "09-14"}
    assert all(person.example and "Eksempel" in person.name for person in starter.caseworkers)


def test_the_places_are_those_of_the_knowledge(starter: Starter, catalogue: Catalogue) -> None:
    here = {place.id for place in starter.places if place.kind is Kind.in_person}
    wanted = {
        place.id
        for place in catalogue.places.values()
        if place.kind in ("citizen_service", "international_house")
    }
    assert here == wanted
    assert {place.kind for place in starter.places} == set(Kind)
    assert all(place.address for place in starter.places if place.id in here)


def test_every_service_can_be_had_somewhere(starter: Starter) -> None:
    skills = {skill for person in starter.caseworkers for skill in person.services}
    assert skills == {service.service for service in starter.services}
    assert any("dsl" in person.languages for person in starter.caseworkers)
    breaks = [
        rule
        for rules in starter.rules.values()
        for rule in rules
        if rule.availability is Availability.busy_unavailable
    ]
    assert breaks


async def test_it_fills_empty_tables_only(engine: AsyncEngine, starter: Starter) -> None:
    store = SupplyStore(engine)
    assert await fill(engine, starter)
    first = await store.current()
    assert not await fill(engine, starter)
    booking = booking_on(engine, HandClock())
    held = await booking.appointments.hold(passport_at("2026-03-04 10:00", "borgerservice-valby"))
    await booking.appointments.confirm(held.id, CONTACT)
    assert await fill(engine, starter, replace=True)
    second = await store.current()
    assert (first.places, first.caseworkers, first.services) == (
        second.places,
        second.caseworkers,
        second.services,
    )
    assert sorted(map(str, first.rules)) == sorted(map(str, second.rules))
    assert await booking.appointments.stranded() == []
    found = await Times(engine, store, HandClock()).find_times(
        TimeQuery((ServiceWish("cpr-eu"),), language="pl")
    )
    assert clock_times(found) == ["Mon 09:00", "Mon 09:15", "Mon 09:30"]
    # Closed on Tuesdays.
    found = await Times(engine, store, HandClock()).find_times(
        TimeQuery((ServiceWish("cpr-eu"),), not_before=at("2026-03-03 00:00"), limit=1)
    )
    assert found[0].local_start.date() == dt.date(2026, 3, 4)


def test_the_command(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'guide.db'}"
    environment = {"BORGERGUIDE_DATABASE_URL": url, "PATH": "/usr/bin:/bin"}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("alembic", "upgrade", "head")
    assert run("booking.starter") == "starter data written\n"
    assert run("booking.starter") == "there is a supply already: nothing written\n"
    assert run("booking.starter", "--replace") == "starter data written\n"
