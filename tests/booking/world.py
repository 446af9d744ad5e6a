"""A small town: one town hall, a telephone, and a few people who work there."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from booking.appointments import Appointments
from booking.day import Day
from booking.models import Contact, HoldRequest, Kind, ServiceWish, TimeQuery
from booking.reminders import Reminders
from booking.states import LIVE, State
from booking.supply import (
    Availability,
    Caseworker,
    Place,
    ServiceTime,
    VisitRule,
    WeeklyRule,
    YearlyClosure,
)
from booking.supply_store import SupplyStore
from booking.tables import AppointmentRow, ClaimRow, GrainRow, ReminderRow
from booking.times import Times
from storage.sessions import Sessions

ZONE = ZoneInfo("Europe/Copenhagen")
PASSPORT = (ServiceWish("pas-voksen"),)
CONTACT = Contact("Test Testesen", "sms", "+4500000000")


def at(text: str) -> dt.datetime:
    """A wall-clock time in Copenhagen, ``2026-03-02 09:00``."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)


def hour(text: str) -> dt.time:
    return dt.time.fromisoformat(text)


class HandClock:
    """Stands still until somebody moves it. It begins on a Monday morning."""

    def __init__(self) -> None:
        self.now = at("2026-03-02 08:00").astimezone(dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def set(self, text: str) -> None:
        self.now = at(text).astimezone(dt.UTC)

    def forward(self, **amount: float) -> None:
        self.now += dt.timedelta(**amount)


@dataclass(frozen=True)
class Booking:
    """All parts on one database."""

    engine: AsyncEngine
    clock: HandClock
    supply: SupplyStore
    times: Times
    appointments: Appointments
    day: Day
    reminders: Reminders

    @property
    def sessions(self) -> Sessions:
        return Sessions(self.engine)


def booking_on(engine: AsyncEngine, clock: HandClock) -> Booking:
    supply = SupplyStore(engine, clock)
    return Booking(
        engine,
        clock,
        supply,
        Times(engine, supply, clock),
        Appointments(engine, supply, clock),
        Day(engine, supply, clock),
        Reminders(engine, clock),
    )


def week(
    place: str,
    caseworker: str | None,
    starts: str,
    ends: str,
    *,
    days: Iterable[int] = range(5),
    availability: Availability = Availability.available,
) -> list[WeeklyRule]:
    return [
        WeeklyRule(place, caseworker, day, hour(starts), hour(ends), availability) for day in days
    ]


SERVICES = [
    ServiceTime("pas-voksen", 15, 10, 6),
    ServiceTime("pas-boern", 15, 10, 6),
    ServiceTime("sundhedskort", 10, 5, 6),
    ServiceTime("mitid", 20, 15, 2),
]


async def small_town(supply: SupplyStore) -> None:
    """Anna does everything in two languages; Bent only passports, and signs; Cleo telephones."""
    documents = frozenset({"pas-voksen", "pas-boern", "sundhedskort", "mitid"})
    await supply.put(
        places=[
            Place("raadhus", "Rådhuset", Kind.in_person, "Rådhuspladsen 1", step_minutes=10),
            Place("telefon", "Telefon", Kind.phone, lead_minutes=30, step_minutes=10),
        ],
        caseworkers=[
            Caseworker("anna", "Anna", documents, frozenset({"da", "en"})),
            Caseworker("bent", "Bent", frozenset({"pas-voksen"}), frozenset({"da", "dsl"})),
            Caseworker("cleo", "Cleo", frozenset({"mitid"}), frozenset({"da"}), capacity=2),
        ],
        services=SERVICES,
        closures=[YearlyClosure(12, 24, "Juleaftensdag")],
        visit=VisitRule(opening_minutes=5, max_minutes=90),
        hours={
            ("raadhus", None): week("raadhus", None, "09:00", "15:00"),
            ("raadhus", "anna"): [
                *week("raadhus", "anna", "09:00", "15:00"),
                *week(
                    "raadhus",
                    "anna",
                    "12:00",
                    "12:30",
                    availability=Availability.busy_unavailable,
                ),
            ],
            ("raadhus", "bent"): week("raadhus", "bent", "10:00", "12:00", days=[0, 2]),
            ("telefon", None): week("telefon", None, "08:00", "16:00"),
            ("telefon", "cleo"): week("telefon", "cleo", "08:00", "16:00"),
        },
    )


def passport_at(text: str, place: str = "raadhus") -> HoldRequest:
    return HoldRequest(place, at(text), PASSPORT)


def query(**more: object) -> TimeQuery:
    return TimeQuery(**({"services": PASSPORT, "places": ("raadhus",)} | more))  # type: ignore[arg-type]


def clock_times(times: Iterable[object]) -> list[str]:
    return [f"{time.local_start:%a %H:%M}" for time in times]  # type: ignore[attr-defined]


async def assert_sound(booking: Booking) -> None:
    """What must be true of the tables at any moment, however it came about."""
    async with booking.sessions.read() as session:
        rows = {row.id: row for row in await session.scalars(select(AppointmentRow))}
        claims = list(await session.scalars(select(ClaimRow)))
        grains = list(await session.scalars(select(GrainRow)))
        reminders = list(await session.scalars(select(ReminderRow)))
        doubled = await session.scalar(
            select(func.count())
            .select_from(GrainRow)
            .group_by(GrainRow.caseworker_id, GrainRow.lane, GrainRow.grain)
            .having(func.count() > 1)
        )
    assert doubled is None
    live = {key for key, row in rows.items() if row.state in LIVE and row.walk_in is None}
    assert {claim.appointment_id for claim in claims} == live
    by_claim: dict[int, list[GrainRow]] = {}
    for grain in grains:
        by_claim.setdefault(grain.claim_id, []).append(grain)
    assert set(by_claim) == {claim.id for claim in claims}
    occupied: dict[tuple[str, int], list[tuple[dt.datetime, dt.datetime]]] = {}
    for claim in claims:
        row = rows[claim.appointment_id]
        mine = sorted(grain.grain for grain in by_claim[claim.id])
        assert mine == list(range(claim.first_grain, claim.first_grain + claim.grain_count))
        assert {(grain.caseworker_id, grain.lane) for grain in by_claim[claim.id]} == {
            (row.caseworker_id, row.lane)
        }
        assert dt.datetime.fromtimestamp(mine[0] * 300, dt.UTC) == row.starts_at
        assert dt.datetime.fromtimestamp((mine[-1] + 1) * 300, dt.UTC) == row.ends_at
        assert (claim.held_until is None) == (row.state != State.held)
        assert claim.held_until == row.hold_expires_at
        occupied.setdefault((claim.caseworker_id, claim.lane), []).append(
            (row.starts_at, row.ends_at)
        )
    for spans in occupied.values():
        spans.sort()
        for (_, end), (start, _) in itertools.pairwise(spans):
            assert end <= start
    for reminder in reminders:
        row = rows[reminder.appointment_id]
        assert row.state == State.booked
        was, wall = row.starts_at.astimezone(ZONE), reminder.due_at.astimezone(ZONE)
        assert wall.replace(tzinfo=None) == was.replace(tzinfo=None) - dt.timedelta(days=1)
