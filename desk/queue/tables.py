"""The tables of the queue, and the lock on the activity trail."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import DDL, JSON, ForeignKey, Index, Integer, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from conversations.store.tables import ActivityRow
from storage.base import Base, UtcDateTime


class HandoverRow(Base):
    """One handover. Members and teams are named, not referred to: rows outlive a team."""

    __tablename__ = "handover"
    __table_args__ = (
        Index("ix_handover_waiting", "closed_at", "team", "assignee"),
        Index("ix_handover_assignee", "assignee", "closed_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    open_in: Mapped[str | None] = mapped_column(String(32), unique=True)
    """The conversation's id until the handover ends: there is one at a time."""
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(Integer)
    team: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    service: Mapped[str | None] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(20))
    queued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    assignee: Mapped[str | None] = mapped_column(String(32))
    claimed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    first_answer_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    snoozed_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    snoozed_seq: Mapped[int | None] = mapped_column(Integer)
    """The last message then: a later one of the citizen's ends the snooze."""
    offered_to: Mapped[str | None] = mapped_column(String(32))
    offered_by: Mapped[str | None] = mapped_column(String(32))
    offered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    offer_note: Mapped[str | None] = mapped_column(Text)
    read_seq: Mapped[int] = mapped_column(Integer)
    message_seq: Mapped[int | None] = mapped_column(Integer)
    answer_channel: Mapped[str | None] = mapped_column(String(20))
    answer_address: Mapped[str | None] = mapped_column(String(80))
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(12))
    rating: Mapped[int | None] = mapped_column(Integer)
    rating_words: Mapped[str | None] = mapped_column(Text)


class HandoverDraftRow(Base):
    """What a citizen is in the middle of leaving."""

    __tablename__ = "handover_draft"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True
    )
    step: Mapped[str] = mapped_column(String(10))
    seq: Mapped[int | None] = mapped_column(Integer)
    channel: Mapped[str | None] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(String(80))
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class HandoverNoteRow(Base):
    __tablename__ = "handover_note"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    author: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class PresenceRow(Base):
    """Who is at their desk. Also locked to count what a member has."""

    __tablename__ = "presence"

    member_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    heard_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class TeamSettingsRow(Base):
    __tablename__ = "team_settings"

    team: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Empty for the common queue."""
    assignment: Mapped[str] = mapped_column(String(8))
    hours: Mapped[dict[str, list[str]] | None] = mapped_column(JSON(none_as_null=True))
    closed: Mapped[list[str]] = mapped_column(JSON)


# The trail of a conversation is only ever added to. Two things must still work: two conversations
# becoming one (its rows then belong to the other), and erasing a conversation with all it has.
TRAIL_SQLITE = (
    """
    CREATE TRIGGER activity_no_update
    BEFORE UPDATE OF id, kind, actor, details, created_at ON activity
    BEGIN SELECT RAISE(ABORT, 'the activity trail is never changed'); END
    """,
    """
    CREATE TRIGGER activity_no_delete BEFORE DELETE ON activity
    WHEN EXISTS (SELECT 1 FROM conversation WHERE id = OLD.conversation_id)
    BEGIN SELECT RAISE(ABORT, 'the activity trail is kept'); END
    """,
    # INSERT OR REPLACE would delete the old row without asking the trigger above.
    """
    CREATE TRIGGER activity_no_replace BEFORE INSERT ON activity
    WHEN EXISTS (SELECT 1 FROM activity WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the activity trail is never changed'); END
    """,
)
TRAIL_POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION activity_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            PERFORM 1 FROM conversation WHERE id = OLD.conversation_id;
            IF NOT FOUND THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION 'the activity trail is kept as it is';
    END $$
    """,
    """
    CREATE TRIGGER activity_no_update
    BEFORE UPDATE OF id, kind, actor, details, created_at ON activity
    FOR EACH ROW EXECUTE FUNCTION activity_is_kept()
    """,
    """
    CREATE TRIGGER activity_no_delete BEFORE DELETE ON activity
    FOR EACH ROW EXECUTE FUNCTION activity_is_kept()
    """,
)

for _dialect, _statements in (("sqlite", TRAIL_SQLITE), ("postgresql", TRAIL_POSTGRESQL)):
    for _statement in _statements:
        event.listen(
            ActivityRow.__table__,
            "after_create",
            DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
        )
event.listen(
    ActivityRow.__table__,
    "after_drop",
    DDL("DROP FUNCTION IF EXISTS activity_is_kept()").execute_if(  # type: ignore[no-untyped-call]
        dialect="postgresql"
    ),
)
