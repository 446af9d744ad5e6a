"""The tables of the console: replies ready to use, and remarks on the knowledge."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Boolean, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, UtcDateTime


class CannedReplyRow(Base):
    __tablename__ = "canned_reply"
    __table_args__ = (UniqueConstraint("team", "language", "shortcut"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    team: Mapped[str] = mapped_column(String(64))
    """Empty for every team: two rows with NULL would not count as the same."""
    language: Mapped[str] = mapped_column(String(8))
    shortcut: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class KnowledgeNoteRow(Base):
    """What a member says is wrong or missing in an entry of the knowledge base."""

    __tablename__ = "knowledge_note"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    service: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(32))
    """A member's id. No foreign key: as everywhere at the desk, members are only named."""
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    done: Mapped[bool] = mapped_column(Boolean)
    done_by: Mapped[str | None] = mapped_column(String(32))
    done_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
