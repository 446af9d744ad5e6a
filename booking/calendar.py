"""Appointments as iCalendar files (RFC 5545, RFC 5546), for the citizen's own calendar.

The words come from the caller. Names and addresses of citizens are not in the file: calendars are
shared, and the summary shows on locked screens.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, vCalAddress, vText

from booking.models import Appointment

_PRODUCT = "-//Borgerguide//Booking//DA"
_YEAR = dt.timedelta(days=366)


@dataclass(frozen=True)
class CalendarTexts:
    """What stands in the file, in the citizen's language."""

    summary: str
    """Neutral: not what the visit is about."""
    location: str
    organizer_name: str
    organizer_email: str
    description: str = ""
    url: str = ""
    alarm: str = ""
    """What the alarm shows; empty: the summary."""
    language: str = "da"
    alarm_before: dt.timedelta = dt.timedelta(hours=2)
    attendee: str | None = None
    """The citizen's address as a URI (``mailto:``, ``tel:``). RFC 5546 wants one in a request that
    is mailed; without it the file is for download only."""


def invitation(appointment: Appointment, texts: CalendarTexts, moment: dt.datetime) -> bytes:
    """A METHOD:REQUEST: a new entry, or the same one at its new time."""
    return _write("REQUEST", appointment, texts, moment)


def cancellation(appointment: Appointment, texts: CalendarTexts, moment: dt.datetime) -> bytes:
    """A METHOD:CANCEL, which takes the entry out of the calendar."""
    return _write("CANCEL", appointment, texts, moment)


def _write(
    method: Literal["REQUEST", "CANCEL"],
    appointment: Appointment,
    texts: CalendarTexts,
    moment: dt.datetime,
) -> bytes:
    zone = ZoneInfo(appointment.zone)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(
        Timezone.from_tzid(
            appointment.zone,
            first_date=(appointment.starts_at - _YEAR).date(),
            last_date=(appointment.ends_at + _YEAR).date(),
        )
    )
    event = Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", moment.astimezone(dt.UTC))
    event.add("dtstart", appointment.starts_at.astimezone(zone))
    event.add("dtend", appointment.ends_at.astimezone(zone))
    event.add("summary", vText(texts.summary, params={"LANGUAGE": texts.language}))
    event.add("location", texts.location)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    if texts.description:
        event.add("description", texts.description)
    if texts.url:
        event.add("url", texts.url)
    organizer = vCalAddress(f"mailto:{texts.organizer_email}")
    organizer.params["CN"] = texts.organizer_name
    event.add("organizer", organizer)
    if texts.attendee is not None:
        attendee = vCalAddress(texts.attendee)
        attendee.params["ROLE"] = "REQ-PARTICIPANT"
        attendee.params["PARTSTAT"] = "ACCEPTED"
        event.add("attendee", attendee)
    if method == "REQUEST":
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", texts.alarm or texts.summary)
        alarm.add("trigger", -texts.alarm_before)
        event.add_component(alarm)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
