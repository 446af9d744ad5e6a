"""Keeps the supply in the database, and a copy of it in memory for as long as it is true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from booking.clock import Clock, utc_now
from booking.errors import NotFound
from booking.grains import MINUTES
from booking.models import Kind
from booking.plan import Plan
from booking.supply import (
    Availability,
    Caseworker,
    DayException,
    Place,
    ServiceTime,
    Supply,
    VisitRule,
    WeeklyRule,
    YearlyClosure,
    on_grid,
)
from booking.tables import (
    CaseworkerRow,
    ClaimRow,
    DayExceptionRow,
    PlaceRow,
    ServiceTimeRow,
    SupplyVersionRow,
    WeeklyRuleRow,
    YearlyClosureRow,
)
from storage.base import Base
from storage.sessions import Sessions

_ONLY = 1
"""The key of the one row that counts the changes."""


class SupplyStore:
    """Every change is one transaction, and moves the version that all gateways look at."""

    def __init__(self, engine: AsyncEngine, clock: Clock = utc_now) -> None:
        self._sessions = Sessions(engine)
        self._clock = clock
        self._plan: Plan | None = None

    async def plan(self, session: AsyncSession, *, keep: bool = False) -> Plan:
        """The supply as this transaction sees it.

        ``keep``: it cannot change before the transaction ends.
        """
        wanted = select(SupplyVersionRow.version).where(SupplyVersionRow.id == _ONLY)
        version = await session.scalar(wanted.with_for_update(read=True) if keep else wanted) or 0
        plan = self._plan
        if plan is None or plan.version != version:
            plan = self._plan = Plan(await _read(session), version)
        return plan

    async def current(self) -> Supply:
        """The supply as it is now."""
        async with self._sessions.read() as session:
            return (await self.plan(session)).supply

    async def put(
        self,
        *,
        places: Iterable[Place] = (),
        caseworkers: Iterable[Caseworker] = (),
        services: Iterable[ServiceTime] = (),
        closures: Iterable[YearlyClosure] = (),
        visit: VisitRule | None = None,
        hours: Mapping[tuple[str, str | None], Iterable[WeeklyRule]] | None = None,
    ) -> None:
        """Add these, or replace those that have the same id, all or nothing.

        ``hours``: weekly hours by place and caseworker, as :meth:`set_hours` takes them.
        """
        async with self._sessions.write() as session:
            moved = await self._move(session)
            if visit is not None:
                moved.opening_minutes = visit.opening_minutes
                moved.max_minutes = visit.max_minutes
            for place in places:
                await session.merge(PlaceRow(**asdict(place)))
            for person in caseworkers:
                await session.merge(
                    CaseworkerRow(
                        id=person.id,
                        name=person.name,
                        services=sorted(person.services),
                        languages=sorted(person.languages),
                        capacity=person.capacity,
                        example=person.example,
                        active=person.active,
                    )
                )
            for service in services:
                await session.merge(ServiceTimeRow(**asdict(service)))
            for closure in closures:
                await session.merge(YearlyClosureRow(**asdict(closure)))
            await session.flush()
            for (place_id, caseworker_id), rules in (hours or {}).items():
                await _set_hours(session, place_id, caseworker_id, list(rules))
            await self._mark_outside(session)

    async def set_hours(
        self, place_id: str, caseworker_id: str | None, rules: Iterable[WeeklyRule]
    ) -> None:
        """The weekly hours of a place, or of a caseworker there, instead of all there were.

        Raises ``ValueError`` for hours off the five-minute grid or of somebody else.
        """
        async with self._sessions.write() as session:
            await self._move(session)
            await _set_hours(session, place_id, caseworker_id, list(rules))
            await self._mark_outside(session)

    async def add_exception(self, exception: DayException) -> int:
        """A day with another plan; the number to take it back with.

        Raises ``ValueError`` for hours off the five-minute grid.
        """
        if not on_grid((exception.starts, exception.ends), MINUTES):
            raise ValueError(f"{exception} is off the grid")
        async with self._sessions.write() as session:
            await self._move(session)
            row = DayExceptionRow(**asdict(exception))
            session.add(row)
            await self._mark_outside(session)
            return row.id

    async def remove_exception(self, number: int) -> None:
        """Raises :class:`NotFound`."""
        await self._remove(DayExceptionRow, number)

    async def remove_service(self, service: str) -> None:
        """It cannot be booked any more; what is booked stays. Raises :class:`NotFound`."""
        await self._remove(ServiceTimeRow, service)

    async def remove_closure(self, month: int, day: int) -> None:
        """An ordinary day again. Raises :class:`NotFound`."""
        await self._remove(YearlyClosureRow, (month, day))

    async def _remove(self, kind: type[Base], key: object) -> None:
        async with self._sessions.write() as session:
            await self._move(session)
            row = await session.get(kind, key)
            if row is None:
                raise NotFound
            await session.delete(row)
            await self._mark_outside(session)

    def place(self, place_id: str) -> Place | None:
        """A place as it was when the supply was last read, for whoever cannot wait."""
        return self._plan.supply.places.get(place_id) if self._plan is not None else None

    def bookable(self) -> frozenset[str]:
        """The services that somebody does somewhere, as :meth:`place`."""
        return self._plan.bookable if self._plan is not None else frozenset()

    async def exceptions(self, since: dt.date) -> list[tuple[int, DayException]]:
        """The days with another plan from this one on, with their numbers."""
        async with self._sessions.read() as session:
            rows = await session.scalars(
                select(DayExceptionRow)
                .where(DayExceptionRow.date >= since)
                .order_by(DayExceptionRow.date, DayExceptionRow.id)
            )
            return [(row.id, _exception(row)) for row in rows]

    @staticmethod
    async def _move(session: AsyncSession) -> SupplyVersionRow:
        # Bookings look at this row and keep it until they end, so none is made by an old plan.
        row = await session.get(SupplyVersionRow, _ONLY, with_for_update=True)
        if row is None:
            row = SupplyVersionRow(
                id=_ONLY,
                version=0,
                opening_minutes=VisitRule.opening_minutes,
                max_minutes=VisitRule.max_minutes,
            )
            session.add(row)
        row.version += 1
        return row

    async def _mark_outside(self, session: AsyncSession) -> None:
        """Find what is booked at hours that nobody works any more.

        A search counts on it: what is not marked lies within its caseworker's hours.
        """
        await session.flush()
        plan = Plan(await _read(session))
        yesterday = self._clock().date().toordinal() - 1
        rows = await session.execute(
            select(
                ClaimRow.id,
                ClaimRow.caseworker_id,
                ClaimRow.day,
                ClaimRow.first_grain,
                ClaimRow.grain_count,
                ClaimRow.outside,
            ).where(ClaimRow.day >= yesterday)
        )
        changed: dict[bool, list[int]] = {True: [], False: []}
        for claim_id, caseworker_id, day, first, count, was in rows:
            outside = not plan.covers(caseworker_id, dt.date.fromordinal(day), first, count)
            if outside != was:
                changed[outside].append(claim_id)
        for outside, ids in changed.items():
            # No database takes any number of parameters.
            for start in range(0, len(ids), 500):
                await session.execute(
                    update(ClaimRow)
                    .where(ClaimRow.id.in_(ids[start : start + 500]))
                    .values(outside=outside)
                )


async def _set_hours(
    session: AsyncSession, place_id: str, caseworker_id: str | None, rules: list[WeeklyRule]
) -> None:
    for rule in rules:
        if (rule.place_id, rule.caseworker_id) != (place_id, caseworker_id):
            raise ValueError(f"{rule} is not for {place_id}, {caseworker_id}")
        if not on_grid((rule.starts, rule.ends), MINUTES):
            raise ValueError(f"{rule} is off the grid")
    await session.execute(
        delete(WeeklyRuleRow).where(
            WeeklyRuleRow.place_id == place_id,
            WeeklyRuleRow.caseworker_id == caseworker_id
            if caseworker_id is not None
            else WeeklyRuleRow.caseworker_id.is_(None),
        )
    )
    session.add_all([WeeklyRuleRow(**asdict(rule)) for rule in rules])


def _exception(row: DayExceptionRow) -> DayException:
    return DayException(
        date=row.date,
        availability=Availability(row.availability),
        place_id=row.place_id,
        caseworker_id=row.caseworker_id,
        starts=row.starts,
        ends=row.ends,
        reason=row.reason,
    )


async def _read(session: AsyncSession) -> Supply:
    visit = await session.get(SupplyVersionRow, _ONLY)
    return Supply(
        places={
            row.id: Place(
                id=row.id,
                name=row.name,
                kind=Kind(row.kind),
                address=row.address,
                zone=row.zone,
                lead_minutes=row.lead_minutes,
                horizon_days=row.horizon_days,
                step_minutes=row.step_minutes,
                example=row.example,
                active=row.active,
                team=row.team,
            )
            for row in await session.scalars(select(PlaceRow).order_by(PlaceRow.id))
        },
        caseworkers={
            row.id: Caseworker(
                id=row.id,
                name=row.name,
                services=frozenset(row.services),
                languages=frozenset(row.languages),
                capacity=row.capacity,
                example=row.example,
                active=row.active,
            )
            for row in await session.scalars(select(CaseworkerRow).order_by(CaseworkerRow.id))
        },
        services={
            row.service: ServiceTime(
                row.service, row.first_minutes, row.more_minutes, row.max_persons
            )
            for row in await session.scalars(select(ServiceTimeRow))
        },
        rules=tuple(
            WeeklyRule(
                place_id=row.place_id,
                caseworker_id=row.caseworker_id,
                weekday=row.weekday,
                starts=row.starts,
                ends=row.ends,
                availability=Availability(row.availability),
                valid_from=row.valid_from,
                valid_until=row.valid_until,
            )
            for row in await session.scalars(select(WeeklyRuleRow).order_by(WeeklyRuleRow.id))
        ),
        exceptions=tuple(
            _exception(row)
            for row in await session.scalars(select(DayExceptionRow).order_by(DayExceptionRow.id))
        ),
        closures=tuple(
            YearlyClosure(row.month, row.day, row.name, row.example)
            for row in await session.scalars(select(YearlyClosureRow))
        ),
        visit=VisitRule(visit.opening_minutes, visit.max_minutes)
        if visit is not None
        else VisitRule(),
    )
