"""The page behind the link in a receipt, and the calendar file.

Looking changes nothing: programs open links on their own. Only a form acts, and the link with it
is used up in the transaction of the act.
"""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from booking.appointments import Appointments
from booking.calendar import CalendarTexts, cancellation, invitation
from booking.clock import Clock
from booking.errors import (
    BookingError,
    Closed,
    LinkError,
    NotFound,
    OffGrid,
    Taken,
    TooFar,
    Unbookable,
)
from booking.links import Links, Purpose
from booking.models import Appointment, AvailableTime, HoldRequest, TimeQuery
from booking.short_links import ShortLinks
from booking.states import State
from booking.supply_store import SupplyStore
from booking.times import Times
from channels.web.errors import preferred_language
from channels.web.page import same_origin
from conversations.models import Reply
from conversations.rendering.renderer import Renderer
from knowledge.catalogue import Language
from storage.sessions import Sessions

_TEMPLATES = Path(__file__).parent / "templates"
_CALENDAR_FOR = dt.timedelta(days=30)
"""After the appointment: calendars may fetch the file again."""
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
_GONE = 410

Tell = Callable[[AsyncSession, Appointment, str], Awaitable[str]]
"""Says the reply of this key about an appointment; gives the code of the next link."""


@dataclass(frozen=True)
class Visits:
    """The parts of the booking core that the pages use."""

    engine: AsyncEngine
    supply: SupplyStore
    times: Times
    appointments: Appointments
    links: Links
    short: ShortLinks
    tell: Tell
    told: Callable[[Appointment], Awaitable[None]]
    """After the commit: wakes whoever delivers, and whoever follows the conversation."""
    clock: Clock
    organizer: str
    """The e-mail address that calendar entries name as who invites."""

    async def look(self, code: str) -> Appointment:
        """What the link is for. Raises :class:`BookingError`."""
        return await self.links.peek(await self.short.token(code), Purpose.manage)

    async def cancel(self, code: str) -> str:
        """Cancel; the code of a link to what is left. Raises :class:`BookingError`."""
        token = await self.short.token(code)
        async with Sessions(self.engine).write() as session:
            found = await self.links.redeem(session, token, Purpose.manage)
            gone = await self.appointments.cancel(found.id, session=session)
            new = await self.tell(session, gone, "booking_cancelled")
        await self.told(gone)
        return new

    async def move(self, code: str, at: dt.datetime) -> str:
        """Move to another time at the same place; the code of the next link.

        Raises :class:`BookingError`; then the link still works.
        """
        token = await self.short.token(code)
        async with Sessions(self.engine).write() as session:
            found = await self.links.redeem(session, token, Purpose.manage)
            request = HoldRequest(
                found.place_id, at, found.services, found.language, found.conversation_id
            )
            hold = await self.appointments.hold(request, session=session)
            moved = await self.appointments.reschedule(found.id, hold.id, session=session)
            new = await self.tell(session, moved, "booking_moved")
        await self.told(moved)
        return new

    async def offers(
        self, appointment: Appointment, after: dt.datetime | None
    ) -> list[AvailableTime]:
        """The next times at the same place."""
        query = TimeQuery(
            services=appointment.services,
            places=(appointment.place_id,),
            language=appointment.language,
            after=after,
        )
        try:
            return await self.times.find_times(query)
        except Unbookable:
            return []


def build_visit_router(
    visits: Visits, renderer: Renderer, languages: tuple[Language, ...]
) -> APIRouter:
    """``/b/<code>`` and ``/booking/<signed>.ics``."""
    router = APIRouter(include_in_schema=False)
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=select_autoescape(["html"])
    )
    template = environment.get_template("visit.html")
    codes = tuple(language.code for language in languages)
    directions = {language.code: language.direction for language in languages}

    def spoken(request: Request) -> str:
        return preferred_language(request.headers.get("accept-language"), codes)

    async def lines(appointment: Appointment, language: str) -> list[str]:
        place = (await visits.supply.current()).places[appointment.place_id]
        values = {
            "when": {"at": appointment.starts_at.isoformat()},
            "visit_place": {
                "id": place.id,
                "kind": place.kind.value,
                "name": place.name,
                "address": place.address,
            },
            "reference": appointment.reference,
        }
        return renderer.render(Reply("booking_page_visit", values), language).text.splitlines()

    async def page(
        request: Request,
        code: str,
        appointment: Appointment | None,
        *,
        error: str = "",
        status: int = 200,
        offers: list[AvailableTime] | None = None,
    ) -> HTMLResponse:
        language = spoken(request)
        calendar = ""
        if appointment is not None:
            until = appointment.ends_at + _CALENDAR_FOR
            calendar = visits.links.make(appointment, Purpose.calendar, expires_at=until)
        html = template.render(
            language=language,
            direction=directions[language],
            say=lambda key: renderer.sentence(key, language),
            code=code,
            error=error,
            lines=await lines(appointment, language) if appointment is not None else [],
            calendar=calendar,
            cancelled=appointment is not None and appointment.state is State.cancelled,
            open=appointment is not None and appointment.state is State.booked,
            offers=None
            if offers is None
            else [
                {
                    "at": time.starts_at.isoformat(),
                    "title": renderer.title(
                        f"book:at:{time.starts_at:%Y%m%dT%H%MZ}:{time.place_id}", language
                    ),
                }
                for time in offers
            ],
            later=f"{offers[-1].starts_at:%Y%m%dT%H%MZ}" if offers else "",
        )
        return HTMLResponse(html, status, headers=_HEADERS)

    async def refused(request: Request, code: str, error: BookingError) -> HTMLResponse:
        status = 404 if isinstance(error, NotFound) else _GONE
        language = spoken(request)
        return await page(request, code, None, error=_sentence(renderer, error, language),
                          status=status)  # fmt: skip

    @router.get("/b/{code}")
    async def show(request: Request, code: str) -> HTMLResponse:
        try:
            return await page(request, code, await visits.look(code))
        except BookingError as error:
            return await refused(request, code, error)

    @router.get("/b/{code}/move")
    async def choose(request: Request, code: str, after: str = "") -> HTMLResponse:
        try:
            appointment = await visits.look(code)
        except BookingError as error:
            return await refused(request, code, error)
        offers = await visits.offers(appointment, _moment(after))
        return await page(request, code, appointment, offers=offers)

    @router.post("/b/{code}/move", dependencies=[Depends(same_origin)])
    async def move(
        request: Request, code: str, at: Annotated[str, Form(max_length=40)] = ""
    ) -> Response:
        try:
            wanted = _moment(at)
            if wanted is None:
                raise OffGrid(5)
            return RedirectResponse(f"/b/{await visits.move(code, wanted)}", 303, _HEADERS)
        except (Taken, Unbookable) as error:
            appointment = await visits.look(code)
            offers = await visits.offers(appointment, _moment(at))
            said = _sentence(renderer, error, spoken(request))
            return await page(request, code, appointment, error=said, status=409, offers=offers)
        except BookingError as error:
            return await refused(request, code, error)

    @router.post("/b/{code}/cancel", dependencies=[Depends(same_origin)])
    async def cancel(request: Request, code: str) -> Response:
        try:
            return RedirectResponse(f"/b/{await visits.cancel(code)}", 303, _HEADERS)
        except BookingError as error:
            return await refused(request, code, error)

    @router.get("/booking/{token}.ics")
    async def calendar(request: Request, token: str) -> Response:
        try:
            appointment = await visits.links.read(token, Purpose.calendar)
        except (LinkError, NotFound):
            return Response(status_code=404)
        language = spoken(request)
        write = cancellation if appointment.state is State.cancelled else invitation
        said: dict[str, Any] = {"reference": appointment.reference}
        texts = CalendarTexts(
            summary=renderer.sentence("booking_calendar_summary", language),
            location=(await lines(appointment, language))[1],
            organizer_name=renderer.sentence("booking_organizer", language),
            organizer_email=visits.organizer,
            description=renderer.sentence("booking_calendar_text", language, said),
            language=language,
        )
        headers = {**_HEADERS, "Content-Disposition": 'attachment; filename="appointment.ics"'}
        body = write(appointment, texts, visits.clock())
        return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)

    return router


def _moment(text: str) -> dt.datetime | None:
    """An aware moment out of a form or an address; None for anything else."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _sentence(renderer: Renderer, error: BookingError, language: str) -> str:
    if isinstance(error, (Closed, TooFar)) or error.reply not in renderer:
        return renderer.sentence("booking_page_impossible", language)
    return renderer.sentence(error.reply, language, error.values)
