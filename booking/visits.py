"""How long a visit takes.

A visit takes the opening once, and for each service its minutes for the first person and for each
one more; the sum is rounded up to whole grains. The numbers are data.
"""

from __future__ import annotations

from booking.errors import NotOffered, TooMany
from booking.grains import MINUTES
from booking.models import ServiceWish
from booking.supply import Supply


def visit_grains(supply: Supply, wishes: tuple[ServiceWish, ...]) -> int:
    """The length of one visit for everything wished, in grains.

    Raises :class:`NotOffered` for a service that cannot be booked at all, and :class:`TooMany`
    for more persons than the service takes or a visit longer than there are.
    """
    if not wishes or any(wish.persons < 1 for wish in wishes):
        raise ValueError("a visit is for at least one service and one person")
    minutes = supply.visit.opening_minutes
    for wish in wishes:
        service = supply.services.get(wish.service)
        if service is None:
            raise NotOffered("service", wish.service)
        if wish.persons > service.max_persons:
            raise TooMany(service.max_persons, "persons")
        minutes += service.first_minutes + service.more_minutes * (wish.persons - 1)
    if minutes > supply.visit.max_minutes:
        raise TooMany(supply.visit.max_minutes, "minutes")
    return -(-minutes // MINUTES)
