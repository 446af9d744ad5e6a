"""How a booking ends: confirmed, moved, cancelled, declined, called off."""

from __future__ import annotations

from dataclasses import replace

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from booking.errors import BookingError, HoldExpired
from booking.models import Appointment, Contact
from bot.actions.base import Heard
from bot.actions.booking import receipt
from bot.actions.booking.calendar import Calendar, Outcome, Summarise
from bot.actions.booking.draft import Draft, Mode
from bot.actions.booking.keeping import Keeper
from bot.actions.booking.refusals import refusal
from bot.actions.booking.steps import Steps
from conversations.models import Reply

log = structlog.get_logger(__name__)


class Endings:
    """One transaction each: what is told has happened."""

    def __init__(
        self, calendar: Calendar, keeper: Keeper, steps: Steps, summarise: Summarise
    ) -> None:
        self._calendar = calendar
        self._keeper = keeper
        self._steps = steps
        self._summarise = summarise

    async def decline(self, heard: Heard, draft: Draft) -> Outcome:
        """No to what was offered for confirmation."""
        if draft.mode is Mode.cancel:
            return await self._keeper.settle(heard, None, (Reply("booking_kept"),))
        async with self._calendar.drafts.sessions.write() as session:
            await self._keeper.let_go(draft, session)
            changed = replace(draft, chosen=None, hold=None)
            return await self._keeper.settle(heard, changed, (), session)

    async def stop(self, heard: Heard, draft: Draft, reply: Reply | None = None) -> Outcome:
        """Called off; ``reply`` instead of the usual word."""
        said = reply or Reply("booking_kept" if draft.appointment else "booking_stopped")
        async with self._calendar.drafts.sessions.write() as session:
            await self._keeper.let_go(draft, session)
            return await self._keeper.settle(heard, None, (said,), session)

    async def confirm(self, heard: Heard, draft: Draft, *, share: bool) -> Outcome:
        """A yes. ``share``: the caseworker may read what was asked before."""
        summary = await self._summarise(heard.conversation_id) if share else None
        try:
            async with self._calendar.drafts.sessions.write() as session:
                appointment = await self._acted(draft, summary, session)
                said = await self._receipt(draft.mode, appointment, session)
                return await self._keeper.settle(heard, None, (said,), session)
        except HoldExpired as error:
            offer = draft.chosen
            if offer is None:
                return await self._steps.again(heard, draft, [refusal(error)])
            # Nobody may have taken it: held anew, it is offered once more.
            fresh = replace(draft, hold=None)
            return await self._steps.hold(heard, fresh, offer, (refusal(error),))
        except BookingError as error:
            log.warning("booking_failed", reply=error.reply)
            return await self._keeper.settle(heard, None, (Reply("booking_failed"), refusal(error)))

    async def _acted(self, draft: Draft, summary: str | None, session: AsyncSession) -> Appointment:
        appointments = self._calendar.appointments
        if draft.mode is Mode.cancel:
            return await appointments.cancel(draft.appointment or "", session=session)
        if draft.mode is Mode.move:
            return await appointments.reschedule(
                draft.appointment or "", draft.hold or "", session=session
            )
        contact = Contact(draft.name or "", draft.channel or "", draft.address or "")
        return await appointments.confirm(
            draft.hold or "",
            contact,
            share_summary=bool(summary),
            summary=summary,
            session=session,
        )

    async def _receipt(self, mode: Mode, appointment: Appointment, session: AsyncSession) -> Reply:
        supply = (await self._keeper.plan()).supply
        values = receipt.of(appointment, supply.places[appointment.place_id])
        values["link"] = await self._calendar.links.make(session, appointment)
        if mode is Mode.cancel:
            return Reply("booking_cancelled", {k: values[k] for k in ("reference", "when", "link")})
        return Reply("booking_moved" if mode is Mode.move else "booking_done", values)
