"""Calendar files, read back by two other programs' readers and by a real calendar."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import vobject  # type: ignore[import-untyped]
from icalendar import Calendar

from booking.calendar import CalendarTexts, cancellation, invitation
from booking.models import Appointment, Kind, ServiceWish
from booking.states import State
from tests.booking.world import at

NOW = at("2026-03-01 12:00")
TEXTS = CalendarTexts(
    summary="Aftale; Borgerservice, København",
    location="Rådhuspladsen 1, 1550 København V",
    organizer_name="Københavns Kommune",
    organizer_email="noreply@example.com",
    description="Medbring legitimation.\nKom 5 minutter før.",
    url="https://example.com/aftale",
)


def appointment(start: str, minutes: int = 45) -> Appointment:
    begin = at(start).astimezone(dt.UTC)
    return Appointment(
        id="a" * 32,
        reference="K7MP-4RXD",
        uid="0123456789abcdef@borgerguide",
        sequence=2,
        state=State.booked,
        place_id="raadhus",
        kind=Kind.in_person,
        caseworker_id="anna",
        lane=0,
        services=(ServiceWish("pas-voksen"),),
        language="da",
        starts_at=begin,
        ends_at=begin + dt.timedelta(minutes=minutes),
        zone="Europe/Copenhagen",
        name="Test Testesen",
        contact_channel="sms",
        contact_address="+4500000000",
        conversation_id="c" * 32,
        share_summary=True,
        summary="Vil have et pas.",
        walk_in=None,
        hold_expires_at=None,
        created_at=NOW,
        updated_at=NOW,
    )


DATES = ["2026-03-04 09:00", "2026-03-30 09:00", "2026-07-01 09:00", "2026-10-26 09:00"]


@pytest.mark.parametrize("start", DATES)
def test_vobject_reads_what_we_wrote(start: str) -> None:
    calendar = vobject.readOne(invitation(appointment(start), TEXTS, NOW).decode())
    assert calendar.method.value == "REQUEST"
    event = calendar.vevent
    assert event.uid.value == "0123456789abcdef@borgerguide"
    assert event.sequence.value == "2"
    assert event.summary.value == TEXTS.summary
    assert event.location.value == TEXTS.location
    assert event.description.value == TEXTS.description
    assert event.organizer.value == "mailto:noreply@example.com"
    assert event.dtstart.value == at(start)
    assert event.dtend.value - event.dtstart.value == dt.timedelta(minutes=45)
    assert event.dtstamp.value == NOW
    assert event.dtstart.x_vobj_original_tzid_param == "Europe/Copenhagen"
    assert calendar.vtimezone.tzid.value == "Europe/Copenhagen"
    assert event.valarm.trigger.value == dt.timedelta(hours=-2)


def test_a_cancellation_is_the_same_entry(tmp_path: Path) -> None:
    written = cancellation(replace(appointment(DATES[0]), sequence=3), TEXTS, NOW)
    calendar = vobject.readOne(written.decode())
    assert calendar.method.value == "CANCEL"
    assert calendar.vevent.status.value == "CANCELLED"
    assert calendar.vevent.uid.value == appointment(DATES[0]).uid
    assert calendar.vevent.sequence.value == "3"
    assert "valarm" not in calendar.vevent.contents


def test_nothing_personal_is_in_it() -> None:
    written = invitation(appointment(DATES[0]), TEXTS, NOW).decode()
    for private in ("Testesen", "+4500000000", "Vil have et pas", "pas-voksen", "a" * 32, "c" * 32):
        assert private not in written.replace("\r\n ", "")


def test_an_attendee_is_there_if_the_caller_says_so() -> None:
    written = invitation(
        appointment(DATES[0]), replace(TEXTS, attendee="mailto:test@example.com"), NOW
    )
    event = Calendar.from_ical(written).events[0]
    assert str(event["attendee"]) == "mailto:test@example.com"


def test_the_lines_are_as_the_standard_has_them() -> None:
    written = invitation(appointment(DATES[0]), TEXTS, NOW)
    assert written.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert written.count(b"BEGIN:VTIMEZONE") == 1
    assert b"\n" not in written.replace(b"\r\n", b"")


@pytest.mark.parametrize("start", DATES)
def test_a_real_calendar_shows_it_at_the_right_time(start: str, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"[calendars]\n[[private]]\npath = {tmp_path / 'calendar'}\n"
        "[locale]\nlocal_timezone = Europe/Copenhagen\ndefault_timezone = Europe/Copenhagen\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        f"[sqlite]\npath = {tmp_path / 'khal.db'}\n"
    )
    (tmp_path / "calendar").mkdir()
    written = tmp_path / "aftale.ics"
    written.write_bytes(invitation(appointment(start), TEXTS, NOW))
    template = "{start-long}|{end-time}|{title}|{location}|{uid}"
    khal = [str(Path(sys.executable).parent / "khal"), "-c", str(config)]
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        [*khal, "printics", "-f", template, str(written)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    end = at(start) + dt.timedelta(minutes=45)
    expected = f"{start}|{end:%H:%M}|{TEXTS.summary}|{TEXTS.location}|{appointment(start).uid}"
    assert expected in done.stdout
