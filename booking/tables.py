"""The tables, as Alembic migrates them (``migrations/``).

``booking_grain`` is the promise: one row for each five minutes of each lane of each caseworker
that is held or booked, and its key is unique. ``booking_claim`` says the same once per
appointment, for searching.

An appointment may name the conversation it was made in. Whoever writes appointments must have
loaded the conversations' tables, too; this package does not import them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    Time,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, UtcDateTime


class SupplyVersionRow(Base):
    """One row, which counts the changes of the supply: what was read is good until it moves."""

    __tablename__ = "booking_supply"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer)
    opening_minutes: Mapped[int] = mapped_column(Integer)
    max_minutes: Mapped[int] = mapped_column(Integer)


class PlaceRow(Base):
    __tablename__ = "booking_place"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(40))
    lead_minutes: Mapped[int] = mapped_column(Integer)
    horizon_days: Mapped[int] = mapped_column(Integer)
    step_minutes: Mapped[int] = mapped_column(Integer)
    example: Mapped[bool] = mapped_column(Boolean)
    active: Mapped[bool] = mapped_column(Boolean)
    team: Mapped[str | None] = mapped_column(String(64))


class CaseworkerRow(Base):
    __tablename__ = "booking_caseworker"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    services: Mapped[list[str]] = mapped_column(JSON)
    languages: Mapped[list[str]] = mapped_column(JSON)
    capacity: Mapped[int] = mapped_column(Integer)
    example: Mapped[bool] = mapped_column(Boolean)
    active: Mapped[bool] = mapped_column(Boolean)


class ServiceTimeRow(Base):
    __tablename__ = "booking_service"

    service: Mapped[str] = mapped_column(String(64), primary_key=True)
    first_minutes: Mapped[int] = mapped_column(Integer)
    more_minutes: Mapped[int] = mapped_column(Integer)
    max_persons: Mapped[int] = mapped_column(Integer)


class WeeklyRuleRow(Base):
    __tablename__ = "booking_rule"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    place_id: Mapped[str] = mapped_column(ForeignKey("booking_place.id"), index=True)
    caseworker_id: Mapped[str | None] = mapped_column(
        ForeignKey("booking_caseworker.id"), index=True
    )
    weekday: Mapped[int] = mapped_column(Integer)
    starts: Mapped[dt.time] = mapped_column(Time)
    ends: Mapped[dt.time] = mapped_column(Time)
    availability: Mapped[str] = mapped_column(String(16))
    valid_from: Mapped[dt.date | None] = mapped_column(Date)
    valid_until: Mapped[dt.date | None] = mapped_column(Date)


class DayExceptionRow(Base):
    __tablename__ = "booking_exception"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    date: Mapped[dt.date] = mapped_column(Date, index=True)
    availability: Mapped[str] = mapped_column(String(16))
    place_id: Mapped[str | None] = mapped_column(ForeignKey("booking_place.id"), index=True)
    caseworker_id: Mapped[str | None] = mapped_column(
        ForeignKey("booking_caseworker.id"), index=True
    )
    starts: Mapped[dt.time | None] = mapped_column(Time)
    ends: Mapped[dt.time | None] = mapped_column(Time)
    reason: Mapped[str] = mapped_column(String(120))


class YearlyClosureRow(Base):
    __tablename__ = "booking_closure"

    month: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120))
    example: Mapped[bool] = mapped_column(Boolean)


class AppointmentRow(Base):
    __tablename__ = "booking_appointment"
    __table_args__ = (
        UniqueConstraint("place_id", "day", "walk_in"),
        Index("ix_booking_appointment_caseworker_id_day", "caseworker_id", "day"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    uid: Mapped[str] = mapped_column(String(80), unique=True)
    sequence: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12))
    place_id: Mapped[str] = mapped_column(ForeignKey("booking_place.id"))
    kind: Mapped[str] = mapped_column(String(12))
    caseworker_id: Mapped[str | None] = mapped_column(ForeignKey("booking_caseworker.id"))
    lane: Mapped[int | None] = mapped_column(Integer)
    services: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    language: Mapped[str | None] = mapped_column(String(8))
    starts_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    zone: Mapped[str] = mapped_column(String(40))
    day: Mapped[dt.date] = mapped_column(Date)
    """The local day of ``starts_at``."""
    name: Mapped[str | None] = mapped_column(String(120))
    contact_channel: Mapped[str | None] = mapped_column(String(20))
    contact_address: Mapped[str | None] = mapped_column(String(254))
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    share_summary: Mapped[bool] = mapped_column(Boolean)
    summary: Mapped[str | None] = mapped_column(Text)
    walk_in: Mapped[int | None] = mapped_column(Integer)
    hold_expires_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, index=True)
    """Of a hold only."""
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class ClaimRow(Base):
    """The time that a live appointment occupies. Gone when it occupies none."""

    __tablename__ = "booking_claim"
    __table_args__ = (
        # All that a search reads, so that it need not look at the table.
        Index(
            "ix_booking_claim_search",
            "caseworker_id",
            "day",
            "lane",
            "first_grain",
            "grain_count",
            "outside",
            "held_until",
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    appointment_id: Mapped[str] = mapped_column(
        ForeignKey("booking_appointment.id", ondelete="CASCADE"), unique=True
    )
    caseworker_id: Mapped[str] = mapped_column(ForeignKey("booking_caseworker.id"))
    lane: Mapped[int] = mapped_column(Integer)
    day: Mapped[int] = mapped_column(Integer)
    """The local day, counted from the year 1 (``date.toordinal``): quicker to read than a date."""
    first_grain: Mapped[int] = mapped_column(Integer)
    grain_count: Mapped[int] = mapped_column(Integer)
    held_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    """None: booked."""
    outside: Mapped[bool] = mapped_column(Boolean)
    """A later change of the supply left it outside its caseworker's hours."""


class GrainRow(Base):
    """Five minutes of a caseworker's lane, sold. Twice is impossible."""

    __tablename__ = "booking_grain"
    __table_args__ = ({"sqlite_with_rowid": False},)

    caseworker_id: Mapped[str] = mapped_column(
        ForeignKey("booking_caseworker.id"), primary_key=True
    )
    lane: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    grain: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """Five minutes since 1970 in UTC (``booking/grains.py``)."""
    claim_id: Mapped[int] = mapped_column(
        ForeignKey("booking_claim.id", ondelete="CASCADE"), index=True
    )


class ReminderRow(Base):
    """One for each booked appointment that is far enough ahead. Claimed once."""

    __tablename__ = "booking_reminder"
    __table_args__ = (Index("ix_booking_reminder_due", "claimed_at", "due_at"),)

    appointment_id: Mapped[str] = mapped_column(
        ForeignKey("booking_appointment.id", ondelete="CASCADE"), primary_key=True
    )
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class UsedLinkRow(Base):
    """A link that has done its work."""

    __tablename__ = "booking_used_link"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    appointment_id: Mapped[str] = mapped_column(
        ForeignKey("booking_appointment.id", ondelete="CASCADE"), index=True
    )
    used_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class WalkInRow(Base):
    """The last number given out at a place on a day."""

    __tablename__ = "booking_walk_in"

    place_id: Mapped[str] = mapped_column(ForeignKey("booking_place.id"), primary_key=True)
    day: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class BookingActivityRow(Base):
    """What happened to an appointment, and who did it. Never personal data."""

    __tablename__ = "booking_activity"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    appointment_id: Mapped[str] = mapped_column(
        ForeignKey("booking_appointment.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class DraftRow(Base):
    """A booking that somebody is in the middle of, and what was last said about it."""

    __tablename__ = "booking_draft"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True
    )
    message_id: Mapped[str] = mapped_column(String(32))
    """The citizen's message that brought it here: to be heard once."""
    state: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """None: nothing is open."""
    said: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """The answer to that message, in case it was never given."""
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class ShortLinkRow(Base):
    """A signed link under a name that fits into a text message."""

    __tablename__ = "booking_link"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    appointment_id: Mapped[str] = mapped_column(
        ForeignKey("booking_appointment.id", ondelete="CASCADE"), index=True
    )
    token: Mapped[str] = mapped_column(Text)
