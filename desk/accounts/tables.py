"""The tables of staff, sign-in and the audit trail, as Alembic migrates them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, UtcDateTime


class TeamRow(Base):
    __tablename__ = "team"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    administrations: Mapped[list[str]] = mapped_column(JSON)
    services: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class StaffMemberRow(Base):
    __tablename__ = "staff_member"
    __table_args__ = (UniqueConstraint("oidc_issuer", "oidc_subject"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    languages: Mapped[list[str]] = mapped_column(JSON)
    skills: Mapped[list[str]] = mapped_column(JSON)
    capacity: Mapped[int] = mapped_column(Integer)
    ui_language: Mapped[str] = mapped_column(String(8))
    active: Mapped[bool] = mapped_column(Boolean)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    """None until a one-time link was used, and for members of the identity provider."""
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    """The newest 30 seconds whose code was used: neither it nor an older one counts again."""
    oidc_issuer: Mapped[str | None] = mapped_column(String(255))
    oidc_subject: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class MembershipRow(Base):
    __tablename__ = "team_member"

    member_id: Mapped[str] = mapped_column(
        ForeignKey("staff_member.id", ondelete="CASCADE"), primary_key=True
    )
    team_id: Mapped[str] = mapped_column(
        ForeignKey("team.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class RecoveryCodeRow(Base):
    """A code for whoever has lost the authenticator."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256; 80 random bits need no slower hash."""
    member_id: Mapped[str] = mapped_column(
        ForeignKey("staff_member.id", ondelete="CASCADE"), index=True
    )
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class InvitationRow(Base):
    """A one-time link with which a member sets password and authenticator."""

    __tablename__ = "invitation"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(
        ForeignKey("staff_member.id", ondelete="CASCADE"), index=True
    )
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    """Made with the link, so that looking at the link changes nothing; gone when it is used."""
    created_by: Mapped[str | None] = mapped_column(String(32))
    """None for the command line."""
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class StaffSessionRow(Base):
    __tablename__ = "staff_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the cookie's token; the token itself is never stored."""
    member_id: Mapped[str] = mapped_column(
        ForeignKey("staff_member.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    """When the member last did something, to the minute."""
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    """However busy the member is."""


class SignInTriesRow(Base):
    """How often signing in failed, by account, by address and by both."""

    __tablename__ = "sign_in_tries"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    blocked_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class KnownAddressRow(Base):
    """Where a member has signed in from: others' failures elsewhere do not keep them out."""

    __tablename__ = "known_address"

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the e-mail, as in ``sign_in_tries``."""
    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    last_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


class OidcFlowRow(Base):
    """A member who was sent to the identity provider and has not come back yet."""

    __tablename__ = "oidc_flow"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_hash: Mapped[str] = mapped_column(String(64))
    """Of the cookie: only the browser that left may come back."""
    nonce: Mapped[str] = mapped_column(String(64))
    code_verifier: Mapped[str] = mapped_column(String(128))
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


AUDIT_KEPT_DAYS = 365
"""The database itself refuses to delete younger rows of the audit trail."""


class AuditRow(Base):
    """Who did what. Rows are only ever added; triggers refuse the rest (see below)."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_actor_at", "actor", "at"),
        Index("ix_audit_subject_at", "subject", "at"),
        # A number is never given out twice, so a missing row shows.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str | None] = mapped_column(String(32))
    """A member's id. No foreign key: the trail stands by itself. None: nobody signed in."""
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(80))
    """``<kind>:<id>``."""
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


_SQLITE = (
    """
    CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END
    """,
    f"""
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    WHEN OLD.at > datetime('now', '-{AUDIT_KEPT_DAYS} days')
    BEGIN SELECT RAISE(ABORT, 'the audit trail is kept'); END
    """,
    # INSERT OR REPLACE would delete the old row without asking the trigger above.
    """
    CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END
    """,
)
_POSTGRESQL = (
    f"""
    CREATE OR REPLACE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.at <= now() - interval '{AUDIT_KEPT_DAYS} days' THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION 'the audit trail is kept as it is';
    END $$
    """,
    """
    CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_kept()
    """,
    """
    CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()
    """,
)

for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _statement in _statements:
        event.listen(
            AuditRow.__table__,
            "after_create",
            DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
        )
event.listen(
    AuditRow.__table__,
    "after_drop",
    DDL("DROP FUNCTION IF EXISTS audit_is_kept()").execute_if(  # type: ignore[no-untyped-call]
        dialect="postgresql"
    ),
)
