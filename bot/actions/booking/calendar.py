"""What the steps of a booking work with, and what each message comes to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from booking.appointments import Appointments
from booking.clock import Clock
from booking.drafts import Drafts
from booking.short_links import ShortLinks
from booking.supply_store import SupplyStore
from booking.times import Times
from bot.actions.booking.draft import Draft
from conversations.models import Reply


@dataclass(frozen=True)
class Outcome:
    """What to say, and what is open then; ``draft`` None: nothing."""

    replies: tuple[Reply, ...]
    draft: Draft | None


Summarise = Callable[[str], Awaitable[str]]
"""A few lines on what was said in a conversation, for the caseworker."""


@dataclass(frozen=True)
class Calendar:
    """The parts of the booking core that the dialogue uses."""

    supply: SupplyStore
    times: Times
    appointments: Appointments
    drafts: Drafts
    links: ShortLinks
    clock: Clock
