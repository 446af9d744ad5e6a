"""Booking, put together: the calendar, its dialogue, its pages and its reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from booking.appointments import Appointments
from booking.clock import Clock, utc_now
from booking.day import Day
from booking.drafts import Drafts
from booking.links import Links
from booking.models import Appointment
from booking.reminders import Reminders
from booking.short_links import ShortLinks
from booking.supply_store import SupplyStore
from booking.times import Times
from bot.actions.booking.calendar import Calendar
from bot.actions.booking.dialogue import Dialogue
from bot.actions.booking.services import ServiceReader
from bot.actions.booking.summary import summary_of
from channels.web.visits import Visits, build_visit_router
from conversations.assistant.rasa import to_reply
from conversations.delivery.dispatch import Dispatch
from conversations.events.port import Events
from conversations.models import Reply
from conversations.rendering.renderer import Renderer
from conversations.store.store import ConversationStore
from desk.booking.counter import Calendar as DeskCalendar
from gateway.notices import Notices
from knowledge.live import LiveKnowledge

LOOK_EVERY = 20.0
"""Seconds between two looks for reminders that are due, and for holds that have lapsed."""


@dataclass(frozen=True)
class Booking:
    """What the application needs of it."""

    dialogue: Dialogue
    router: APIRouter
    recall: Callable[[str, str], Awaitable[list[Reply] | None]]
    """What a message of a conversation was answered with, if that is stored."""
    look: Callable[[], Awaitable[object]]
    """Send what is due, and tidy up."""
    forget: Callable[[int], Awaitable[int]]
    """Delete the appointments that were over so many days ago; how many."""
    desk: DeskCalendar
    """What staff work with."""


def build_booking(
    *,
    engine: AsyncEngine,
    secrets: tuple[str, ...],
    live: LiveKnowledge,
    store: ConversationStore,
    renderer: Renderer,
    dispatch: Dispatch,
    sent: Callable[[], None],
    events: Events | None = None,
    organizer: str = "noreply@localhost",
    supply: SupplyStore | None = None,
    clock: Clock = utc_now,
) -> Booking:
    """Everything on one database. ``sent`` wakes whoever delivers, ``events`` whoever reads.

    ``organizer``: the e-mail address that calendar entries name as who invites.
    """
    languages = live.catalogue().language_codes
    supply = supply or SupplyStore(engine, clock)
    times = Times(engine, supply, clock)
    appointments = Appointments(engine, supply, clock)
    links = Links(engine, secrets, clock)
    short = ShortLinks(engine, links)
    drafts = Drafts(engine, clock)
    notices = Notices(supply, short, renderer, dispatch, languages)
    reminders = Reminders(engine, clock)

    async def summarise(conversation_id: str) -> str:
        return summary_of(await store.messages(conversation_id))

    async def recall(conversation_id: str, message_id: str) -> list[Reply] | None:
        kept = await drafts.find(conversation_id)
        if kept is None or kept.message_id != message_id:
            return None
        found = (to_reply({**item, "reply": item["key"]}) for item in kept.said)
        return [reply for reply in found if reply is not None]

    async def told(appointment: Appointment) -> None:
        sent()
        if events is not None and appointment.conversation_id is not None:
            await events.publish(appointment.conversation_id)

    async def remind() -> None:
        reminded: list[Appointment] = []

        async def send(session: AsyncSession, appointment: Appointment) -> None:
            await notices.remind(session, appointment)
            reminded.append(appointment)

        await reminders.due_reminders(send)
        for appointment in reminded:
            await told(appointment)

    async def look() -> None:
        if await reminders.due():
            await remind()
        await appointments.expire_holds()
        # Names of places are looked up without waiting; another gateway may have changed them.
        await supply.current()

    async def forget(days: int) -> int:
        return await appointments.forget_before(clock() - dt.timedelta(days=days))

    calendar = Calendar(supply, times, appointments, drafts, short, clock)
    services = ServiceReader(live.catalogue, live.search)
    visits = Visits(
        engine=engine,
        supply=supply,
        times=times,
        appointments=appointments,
        links=links,
        short=short,
        tell=notices.tell,
        told=told,
        clock=clock,
        organizer=organizer,
    )
    return Booking(
        dialogue=Dialogue(calendar, live.catalogue, services, summarise, languages),
        router=build_visit_router(visits, renderer, live.catalogue().languages),
        recall=recall,
        look=look,
        forget=forget,
        desk=DeskCalendar(
            engine=engine,
            supply=supply,
            times=times,
            appointments=appointments,
            day=Day(engine, supply, clock),
            tell=notices.tell,
            told=told,
            clock=clock,
        ),
    )
