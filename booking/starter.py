"""Starter data: ``python -m booking.starter`` fills empty tables, so that a demonstration can book.

Idempotent. Tables that hold a place already are left alone, unless ``--replace`` asks to write the
starter data over what has the same id; appointments stay in either case.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter
from sqlalchemy.ext.asyncio import AsyncEngine

from booking.models import Kind
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
from knowledge.catalogue import Catalogue, load
from settings import Settings
from storage.engine import open_engine

FOLDER = Path(__file__).parent / "starter"
_WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")


def _weekday(value: Any) -> Any:
    return _WEEKDAYS.index(value) if value in _WEEKDAYS else value


_Weekday = Annotated[int, BeforeValidator(_weekday), Field(ge=0, le=6)]
_Hours = tuple[dt.time, dt.time]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _PlaceEntry(_Strict):
    id: str
    kind: Kind
    example: bool
    hours: dict[_Weekday, list[_Hours]]
    name: str | None = None
    lead_minutes: int = Place.lead_minutes
    horizon_days: int = Place.horizon_days
    step_minutes: int = Place.step_minutes


class _ServiceEntry(_Strict):
    first_minutes: int
    more_minutes: int
    max_persons: int = ServiceTime.max_persons


class _Services(_Strict):
    visit: VisitRule
    services: dict[str, _ServiceEntry]


class _CaseworkerEntry(_Strict):
    id: str
    name: str
    services: list[str]
    languages: list[str]
    at: dict[str, list[_Weekday]]
    capacity: int = 1


class _Staff(_Strict):
    groups: dict[str, list[str]]
    break_: _Hours = Field(alias="break")
    caseworkers: list[_CaseworkerEntry]


@dataclass(frozen=True)
class Starter:
    """The starter data, read and put together."""

    places: list[Place]
    caseworkers: list[Caseworker]
    services: list[ServiceTime]
    closures: list[YearlyClosure]
    visit: VisitRule
    rules: dict[tuple[str, str | None], list[WeeklyRule]]


def _parse(name: str, kind: Any) -> Any:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return TypeAdapter(kind).validate_python(yaml.safe_load(text))


def _place(entry: _PlaceEntry, catalogue: Catalogue) -> Place:
    known = catalogue.places.get(entry.id)
    if known is None and entry.name is None:
        raise KeyError(entry.id)
    return Place(
        id=entry.id,
        name=entry.name or (known.name if known is not None else ""),
        kind=entry.kind,
        address=f"{known.street}, {known.postal_code} {known.city}" if known is not None else "",
        lead_minutes=entry.lead_minutes,
        horizon_days=entry.horizon_days,
        step_minutes=entry.step_minutes,
        example=entry.example,
    )


def read(catalogue: Catalogue) -> Starter:
    """The starter data beside what the guide knows.

    Raises ``KeyError`` for a place, a service or a group of services that does not exist.
    """
    places: list[_PlaceEntry] = _parse("places.yml", list[_PlaceEntry])
    services: _Services = _parse("services.yml", _Services)
    staff: _Staff = _parse("caseworkers.yml", _Staff)
    hours = {entry.id: entry.hours for entry in places}
    rules: dict[tuple[str, str | None], list[WeeklyRule]] = {
        (entry.id, None): [
            WeeklyRule(entry.id, None, weekday, starts, ends)
            for weekday, spans in entry.hours.items()
            for starts, ends in spans
        ]
        for entry in places
    }
    for service in services.services:
        if service not in catalogue.services:
            raise KeyError(service)
    caseworkers = []
    for person in staff.caseworkers:
        can = [service for group in person.services for service in staff.groups[group]]
        caseworkers.append(
            Caseworker(
                id=person.id,
                name=person.name,
                services=frozenset(services.services.keys() & can),
                languages=frozenset(person.languages),
                capacity=person.capacity,
                example=True,
            )
        )
        for place_id, weekdays in person.at.items():
            rules[place_id, person.id] = [
                rule
                for weekday in weekdays
                for rule in (
                    *(
                        WeeklyRule(place_id, person.id, weekday, starts, ends)
                        for starts, ends in hours[place_id][weekday]
                    ),
                    WeeklyRule(
                        place_id,
                        person.id,
                        weekday,
                        *staff.break_,
                        availability=Availability.busy_unavailable,
                    ),
                )
            ]
    return Starter(
        places=[_place(entry, catalogue) for entry in places],
        caseworkers=caseworkers,
        services=[
            ServiceTime(name, entry.first_minutes, entry.more_minutes, entry.max_persons)
            for name, entry in services.services.items()
        ],
        closures=_parse("closures.yml", list[YearlyClosure]),
        visit=services.visit,
        rules=rules,
    )


async def fill(engine: AsyncEngine, starter: Starter, *, replace: bool = False) -> bool:
    """Write the starter data; False if there is a supply already and ``replace`` is not wanted."""
    store = SupplyStore(engine)
    if (await store.current()).places and not replace:
        return False
    await store.put(
        places=starter.places,
        caseworkers=starter.caseworkers,
        services=starter.services,
        closures=starter.closures,
        visit=starter.visit,
        hours=starter.rules,
    )
    return True


async def _main(url: str, replace: bool) -> None:
    engine = open_engine(url)
    try:
        written = await fill(engine, read(load()), replace=replace)
    finally:
        await engine.dispose()
    print("starter data written" if written else "there is a supply already: nothing written")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="booking.starter", description=__doc__)
    parser.add_argument("--replace", action="store_true", help="write over what is there")
    given = parser.parse_args(arguments)
    url = os.environ.get("BORGERGUIDE_DATABASE_URL")
    asyncio.run(_main(url or Settings.model_fields["database_url"].default, given.replace))


if __name__ == "__main__":
    main()
