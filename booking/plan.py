"""A supply with its expansion remembered: what a search asks thousands of times."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from booking.errors import NotOffered
from booking.grains import local_day
from booking.models import Kind, ServiceWish
from booking.rules import working_hours
from booking.supply import Caseworker, Place, Supply

_MAX_REMEMBERED = 200_000


class Plan:
    """One version of the supply."""

    def __init__(self, supply: Supply, version: int = 0) -> None:
        self.supply = supply
        self.version = version
        self._hours: dict[tuple[str, str, dt.date], int] = {}
        self._all_hours: dict[tuple[str, dt.date], int] = {}

    @cached_property
    def bookable(self) -> frozenset[str]:
        """The services that somebody does at some place."""
        return frozenset(
            service
            for place in self.supply.places.values()
            if place.active
            for person in self._staff(place)
            for service in person.services & self.supply.services.keys()
        )

    def hours(self, place_id: str, caseworker_id: str, date: dt.date) -> int:
        """The grains of the day at which the caseworker can be booked at the place."""
        key = (place_id, caseworker_id, date)
        mask = self._hours.get(key)
        if mask is None:
            if len(self._hours) > _MAX_REMEMBERED:
                self._hours.clear()
            mask = self._hours[key] = working_hours(self.supply, place_id, caseworker_id, date)
        return mask

    def all_hours(self, caseworker_id: str, date: dt.date) -> int:
        """The grains of the day at which the caseworker can be booked anywhere."""
        key = (caseworker_id, date)
        mask = self._all_hours.get(key)
        if mask is None:
            if len(self._all_hours) > _MAX_REMEMBERED:
                self._all_hours.clear()
            mask = 0
            for place_id in self.supply.workplaces.get(caseworker_id, ()):
                mask |= self.hours(place_id, caseworker_id, date)
            self._all_hours[key] = mask
        return mask

    def covers(self, caseworker_id: str, date: dt.date, first: int, count: int) -> bool:
        """Whether these grains of a day all lie in the caseworker's hours at one place."""
        for place_id in self.supply.workplaces.get(caseworker_id, ()):
            wanted = local_day(date, self.supply.places[place_id].zone).span(first, count)
            if wanted.bit_count() == count and not (
                wanted & ~self.hours(place_id, caseworker_id, date)
            ):
                return True
        return False

    def candidates(
        self,
        wishes: tuple[ServiceWish, ...],
        *,
        places: tuple[str, ...] = (),
        kind: Kind | None = None,
        language: str | None = None,
    ) -> list[tuple[Place, list[Caseworker]]]:
        """Who could do all that is wished, by place, in the order that the places were named.

        Raises :class:`NotOffered`, with the first thing that leaves nobody: an unknown place, no
        place of this kind, a service, the language.
        """
        named = places or tuple(self.supply.places)
        for place_id in named:
            if place_id not in self.supply.places:
                raise NotOffered("place", place_id)
        chosen = [self.supply.places[place_id] for place_id in dict.fromkeys(named)]
        if places and not any(place.active for place in chosen):
            raise NotOffered("place", places[0])
        chosen = [place for place in chosen if place.active]
        if kind is not None:
            chosen = [place for place in chosen if place.kind is kind]
            if not chosen:
                raise NotOffered("kind", kind.value)
        able = [(place, self._staff(place)) for place in chosen]
        for wish in wishes:
            able = [
                (place, kept)
                for place, staff in able
                if (kept := [person for person in staff if wish.service in person.services])
            ]
            if not able:
                raise NotOffered("service", wish.service)
        if language is not None:
            able = [
                (place, kept)
                for place, staff in able
                if (kept := [person for person in staff if language in person.languages])
            ]
            if not able:
                raise NotOffered("language", language)
        return able

    def _staff(self, place: Place) -> list[Caseworker]:
        return [
            person
            for person in self.supply.caseworkers.values()
            if person.active and place.id in self.supply.workplaces.get(person.id, ())
        ]
