"""The page behind a receipt's link, and the calendar file, as browsers and calendars read them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import vobject  # type: ignore[import-untyped]
from pydantic import SecretStr, ValidationError

from booking.links import Links, Purpose
from booking.models import Appointment, HoldRequest
from booking.short_links import ShortLinks
from booking.tables import ShortLinkRow
from settings import Settings
from tests.desk.booking.conftest import TODAY, Town, town
from tests.desk.console.conftest import ORIGIN

__all__ = ["town"]
SECRETS = ("d" * 40,)


@pytest.fixture
async def web(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    town.app.include_router(town.guide.router)
    transport = httpx.ASGITransport(town.app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client


async def link(town: Town, appointment: Appointment) -> str:
    links = ShortLinks(town.engine, Links(town.engine, SECRETS, town.clock))
    async with town.core.sessions.write() as session:
        return await links.make(session, appointment)


async def calendar(web: httpx.AsyncClient, code: str) -> vobject.base.Component:
    page = await web.get(f"/b/{code}")
    found = re.search(r'/booking/[^"]+\.ics', page.text)
    assert found is not None, page.text
    return vobject.readOne((await web.get(found[0])).text)


async def test_another_library_reads_the_entry_through_all_its_life(
    town: Town, web: httpx.AsyncClient
) -> None:
    made = await town.booked(f"{TODAY} 09:00")
    code = await link(town, made)
    first = await calendar(web, code)
    assert (first.method.value, first.vevent.sequence.value) == ("REQUEST", "0")
    assert first.vevent.dtstart.x_vobj_original_tzid_param == "Europe/Copenhagen"
    assert first.vtimezone.tzid.value == "Europe/Copenhagen"
    assert first.vevent.valarm.trigger.value == dt.timedelta(hours=-2)
    assert first.vevent.organizer.value == "mailto:noreply@localhost"
    choose = await web.get(f"/b/{code}/move")
    at = re.findall(r'name="at" value="([^"]+)"', choose.text)
    moved = await web.post(f"/b/{code}/move", data={"at": at[0]}, headers={"Origin": ORIGIN})
    second = await calendar(web, moved.headers["location"].removeprefix("/b/"))
    assert (second.method.value, second.vevent.sequence.value) == ("REQUEST", "1")
    assert second.vevent.dtstart.value == dt.datetime.fromisoformat(at[0])
    gone = await web.post(f"{moved.headers['location']}/cancel", headers={"Origin": ORIGIN})
    third = await calendar(web, gone.headers["location"].removeprefix("/b/"))
    assert (third.method.value, third.vevent.sequence.value) == ("CANCEL", "2")
    assert third.vevent.status.value == "CANCELLED"
    uids = {entry.vevent.uid.value for entry in (first, second, third)}
    assert uids == {made.uid}


SENTENCES = {
    "replayed": ("allerede", "already"),
    "stale": ("ændret", "changed"),
    "expired": ("begyndt", "begun"),
    "unknown": ("Kopiér", "Copy"),
    "stolen": ("noget andet", "something else"),
}


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("what", SENTENCES)
async def test_a_link_that_opens_nothing_says_why(
    town: Town, web: httpx.AsyncClient, what: str, language: str
) -> None:
    made = await town.booked(f"{TODAY} 09:00")
    code = await link(town, made)
    if what == "replayed":
        await web.post(f"/b/{code}/cancel", headers={"Origin": ORIGIN})
    elif what == "stale":
        later = made.starts_at + dt.timedelta(days=1)
        hold = await town.core.appointments.hold(HoldRequest(made.place_id, later, made.services))
        await town.core.appointments.reschedule(made.id, hold.id)
    elif what == "expired":
        town.clock.set(f"{TODAY} 09:00")
    elif what == "unknown":
        code = "abcdefgh2345"
    else:
        # A token for the calendar file under a name for changes.
        token = Links(town.engine, SECRETS, town.clock).make(made, Purpose.calendar)
        code = "calendarcode"
        async with town.core.sessions.write() as session:
            session.add(ShortLinkRow(code=code, appointment_id=made.id, token=token))
    page = await web.get(f"/b/{code}", headers={"Accept-Language": language})
    assert page.status_code == 410
    assert SENTENCES[what][("da", "en").index(language)] in page.text
    acted = await web.post(
        f"/b/{code}/cancel", headers={"Origin": ORIGIN, "Accept-Language": language}
    )
    assert acted.status_code == 410


async def test_a_form_of_another_site_does_nothing(town: Town, web: httpx.AsyncClient) -> None:
    made = await town.booked(f"{TODAY} 09:00")
    code = await link(town, made)
    headers = {"Origin": "https://elsewhere.example"}
    assert (await web.post(f"/b/{code}/cancel", headers=headers)).status_code == 403
    assert await town.core.appointments.get(made.id) == made


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, "noreply@guide.example"), ("aftaler@by.dk", "aftaler@by.dk")],
)
def test_who_invites_is_a_setting(given: str | None, expected: str) -> None:
    settings = Settings(
        internal_token=SecretStr("test"),
        public_url="https://guide.example:8443",
        booking_organizer=given,
    )
    assert settings.organizer == expected


def test_who_invites_has_an_address() -> None:
    with pytest.raises(ValidationError):
        Settings(internal_token=SecretStr("test"), booking_organizer="Borgerservice")
