"""How fast free times are found: ``.venv/bin/python -m benchmarks.booking``.

200 caseworkers at 8 places, 90 days, 50,000 appointments, on SQLite and on PostgreSQL. Twice: with
the appointments spread over the 90 days, and with every day full from tomorrow on, as it is when
everybody takes the first time there is. The queries are mixed; the hardest have a row of their
own. The target is 50 ms at the 95th percentile.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

import conversations.store.tables  # noqa: F401 - appointments name conversations
from benchmarks.figures import quantile
from booking.appointments import Appointments
from booking.errors import Taken
from booking.grains import ascending, local_day, moment, runs
from booking.models import Contact, HoldRequest, Kind, ServiceWish, TimeQuery
from booking.rules import working_hours
from booking.supply import Availability, Caseworker, Place, ServiceTime, WeeklyRule
from booking.supply_store import SupplyStore
from booking.tables import AppointmentRow, ClaimRow, GrainRow
from booking.times import Times
from storage.base import Base
from storage.engine import open_engine
from tests.postgres import NoPostgres, cluster

CASEWORKERS = 200
PLACES = 8
DAYS = 90
APPOINTMENTS = 50_000
QUERIES = 300
HOLDS = 100
TARGET = 50.0
ABOUT = (
    f"{CASEWORKERS} caseworkers, {PLACES} places, {DAYS} days, {APPOINTMENTS:,} appointments. "
    "By itself: `.venv/bin/python -m benchmarks.booking`."
)
ZONE = ZoneInfo("Europe/Copenhagen")
NOW = dt.datetime(2026, 3, 2, 7, 0, tzinfo=ZONE).astimezone(dt.UTC)
SERVICES = [f"service-{number}" for number in range(12)]
LANGUAGES = ["da", "en", "ar", "pl", "so", "tr", "dsl"]
_BATCH = 2_000
Query = Callable[[random.Random], TimeQuery]


def now() -> dt.datetime:
    """The clock of the benchmark stands still."""
    return NOW


async def staff(store: SupplyStore, chance: random.Random) -> None:
    """Who works where: five days, seven hours, half an hour's break; every eighth two at once."""
    places = [
        Place(f"place-{number}", f"Place {number}", kind, step_minutes=15)
        for number, kind in enumerate([Kind.in_person] * (PLACES - 2) + [Kind.phone, Kind.video])
    ]
    people: list[Caseworker] = []
    hours: dict[tuple[str, str | None], list[WeeklyRule]] = {}
    for place in places:
        hours[place.id, None] = [
            WeeklyRule(place.id, None, day, dt.time(8), dt.time(18)) for day in range(5)
        ]
    for number in range(CASEWORKERS):
        person = Caseworker(
            f"caseworker-{number:03}",
            f"Caseworker {number}",
            frozenset(chance.sample(SERVICES, 8)),
            frozenset(["da", *(["en"] if number % 4 else []), LANGUAGES[2 + number % 5]]),
            capacity=2 if number % 8 == 0 else 1,
        )
        people.append(person)
        place, start = places[number % PLACES], dt.time(8 + number % 3)
        hours[place.id, person.id] = [
            rule
            for day in range(5)
            for rule in (
                WeeklyRule(place.id, person.id, day, start, dt.time(start.hour + 7)),
                WeeklyRule(
                    place.id,
                    person.id,
                    day,
                    dt.time(12),
                    dt.time(12, 30),
                    Availability.busy_unavailable,
                ),
            )
        ]
    await store.put(
        places=places,
        caseworkers=people,
        services=[ServiceTime(service, 10 + 5 * (i % 4), 10) for i, service in enumerate(SERVICES)],
        hours=hours,
    )


async def book(
    engine: AsyncEngine, store: SupplyStore, chance: random.Random, *, spread: bool
) -> int:
    """Write the appointments as the booking would have; on how many days there are some."""
    supply = await store.current()
    home = {person: places[0] for person, places in supply.workplaces.items()}
    first = NOW.astimezone(ZONE).date() + dt.timedelta(days=1)
    slots: list[tuple[dt.date, str, int, int, int]] = []
    for offset in range(DAYS):
        date = first + dt.timedelta(days=offset)
        if not spread and len(slots) >= APPOINTMENTS:
            break
        day = local_day(date, "Europe/Copenhagen")
        for person in supply.caseworkers.values():
            for lane in range(person.capacity):
                free = working_hours(supply, home[person.id], person.id, date)
                while free:
                    count = chance.choice([3, 4, 5, 6])
                    starts = runs(free, count)
                    if not starts:
                        count = 3
                        starts = runs(free, count)
                    if not starts:
                        break
                    start = next(ascending(starts))
                    slots.append((date, person.id, lane, day.first + start, count))
                    free &= ~day.span(day.first + start, count)
    chosen = chance.sample(slots, APPOINTMENTS) if spread else slots[:APPOINTMENTS]
    appointments, claims, grains = [], [], []
    for number, (date, person_id, lane, start, count) in enumerate(chosen, 1):
        key = f"{number:032x}"
        place = supply.places[home[person_id]]
        appointments.append(
            {
                "id": key,
                "reference": f"{number:08}",
                "uid": uuid.UUID(int=chance.getrandbits(128)).hex,
                "sequence": 0,
                "state": "booked",
                "place_id": place.id,
                "kind": place.kind,
                "caseworker_id": person_id,
                "lane": lane,
                "services": [{"service": SERVICES[0], "persons": 1}],
                "language": "da",
                "starts_at": moment(start),
                "ends_at": moment(start + count),
                "zone": place.zone,
                "day": date,
                "name": "Test Testesen",
                "contact_channel": "sms",
                "contact_address": "+4500000000",
                "share_summary": False,
                "created_at": NOW,
                "updated_at": NOW,
            }
        )
        claims.append(
            {
                "id": number,
                "appointment_id": key,
                "caseworker_id": person_id,
                "lane": lane,
                "day": date.toordinal(),
                "first_grain": start,
                "grain_count": count,
                "held_until": None,
                "outside": False,
            }
        )
        grains += [
            {"caseworker_id": person_id, "lane": lane, "grain": grain, "claim_id": number}
            for grain in range(start, start + count)
        ]
    async with engine.begin() as connection:
        for table, rows in (
            (AppointmentRow, appointments),
            (ClaimRow, claims),
            (GrainRow, grains),
        ):
            for at in range(0, len(rows), _BATCH):
                await connection.execute(insert(table), rows[at : at + _BATCH])
        if engine.dialect.name == "postgresql":
            await connection.execute(
                text(
                    "SELECT setval(pg_get_serial_sequence('booking_claim', 'id'),"
                    " (SELECT max(id) FROM booking_claim))"
                )
            )
    # Statistics, as autovacuum and a SQLite in use have them.
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("ANALYZE")
    return len({slot[0] for slot in chosen})


def _wish(chance: random.Random) -> tuple[ServiceWish, ...]:
    return (ServiceWish(chance.choice(SERVICES), chance.choice([1, 1, 1, 2])),)


def _place(chance: random.Random) -> tuple[str, ...]:
    return (f"place-{chance.randrange(PLACES)}",)


def _day(chance: random.Random) -> dt.datetime:
    return NOW + dt.timedelta(days=chance.randrange(DAYS - 10))


KINDS: dict[str, Query] = {
    "a place": lambda c: TimeQuery(_wish(c), places=_place(c)),
    "a place, mornings": lambda c: TimeQuery(
        _wish(c), places=_place(c), from_time=dt.time(8), until_time=dt.time(11)
    ),
    "a place, from a day on": lambda c: TimeQuery(_wish(c), places=_place(c), not_before=_day(c)),
    "later": lambda c: TimeQuery(_wish(c), places=_place(c), after=_day(c)),
    "earlier": lambda c: TimeQuery(_wish(c), places=_place(c), before=_day(c)),
    "a language": lambda c: TimeQuery(_wish(c), language=c.choice(LANGUAGES)),
    "a weekday": lambda c: TimeQuery(_wish(c), weekdays=frozenset({c.randrange(5)})),
    "in person, anywhere": lambda c: TimeQuery(_wish(c), kind=Kind.in_person),
    "anything": lambda c: TimeQuery(_wish(c)),
}
HARDEST: Query = KINDS["anything"]


async def ask(times: Times, queries: Sequence[TimeQuery]) -> list[float]:
    """Seconds for each of some queries, one after the other."""
    taken = []
    for query in queries:
        started = time.perf_counter()
        await times.find_times(query)
        taken.append(time.perf_counter() - started)
    return taken


async def hold(appointments: Appointments, times: Times, chance: random.Random) -> list[float]:
    """Seconds for each of some holds with their confirmation."""
    taken = []
    for _ in range(HOLDS):
        wish = _wish(chance)
        (found, *_) = await times.find_times(TimeQuery(wish, not_before=_day(chance)))
        request = HoldRequest(found.place_id, found.starts_at, wish)
        started = time.perf_counter()
        try:
            held = await appointments.hold(request)
        except Taken:
            continue
        await appointments.confirm(held.id, Contact("Test Testesen", "sms", "+4500000000"))
        taken.append(time.perf_counter() - started)
    return taken


def row(label: str, taken: Sequence[float], target: float | None = TARGET) -> str:
    """A line of the table; ``target`` None means there is nothing to hold it against."""
    p50, p95 = quantile(taken, 0.5), quantile(taken, 0.95)
    verdict = "" if target is None else ("yes" if p95 <= target else "NO")
    return f"| {label} | {p50:.1f} | {p95:.1f} | {max(taken) * 1000:.1f} | {verdict} |"


async def measure(url: str, name: str, queries: int) -> list[str]:
    """The rows for one database."""
    lines = []
    for spread in (True, False):
        engine = open_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        chance = random.Random(1)
        store = SupplyStore(engine, now)
        await staff(store, chance)
        days = await book(engine, store, chance, spread=spread)
        shape = "spread" if spread else f"first {days} days full"
        times = Times(engine, store, now)
        started = time.perf_counter()
        await times.find_times(HARDEST(chance))
        lines.append(
            row(f"{name}, {shape}: the very first query", [time.perf_counter() - started], None)
        )
        kinds = list(KINDS.values())
        mixed = [kinds[number % len(kinds)](chance) for number in range(queries)]
        lines.append(row(f"{name}, {shape}: mixed", await ask(times, mixed)))
        hardest = [HARDEST(chance) for _ in range(queries // 3)]
        lines.append(row(f"{name}, {shape}: anything, first free", await ask(times, hardest)))
        appointments = Appointments(engine, store, now)
        lines.append(
            row(f"{name}, {shape}: hold and confirm", await hold(appointments, times, chance), None)
        )
        await engine.dispose()
    return lines


async def table(queries: int = QUERIES) -> list[str]:
    """The rows for SQLite, and for PostgreSQL where it is installed."""
    lines = [f"| | p50 ms | p95 ms | max ms | p95 <= {TARGET:.0f} ms |", "|---|---:|---:|---:|---|"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        targets: dict[str, Any] = {"SQLite": f"sqlite+aiosqlite:///{folder / 'bench.db'}"}
        try:
            targets["PostgreSQL"] = stack.enter_context(cluster())
        except NoPostgres as missing:
            print(f"PostgreSQL left out: {missing}", file=sys.stderr)
        for name, url in targets.items():
            lines += await measure(url, name, queries)
    print("\n".join(lines), flush=True)
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="benchmarks.booking", description=__doc__)
    parser.add_argument("--queries", type=int, default=QUERIES, help="in each mixed measurement")
    asyncio.run(table(parser.parse_args().queries))
