"""Bookings that are not finished, and short names for links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "booking_draft",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_booking_draft_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_booking_draft")),
    )
    op.create_table(
        "booking_link",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("appointment_id", sa.String(length=32), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["booking_appointment.id"],
            name=op.f("fk_booking_link_appointment_id_booking_appointment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_booking_link")),
    )
    with op.batch_alter_table("booking_link") as batch:
        batch.create_index(batch.f("ix_booking_link_appointment_id"), ["appointment_id"])


def downgrade() -> None:
    op.drop_table("booking_link")
    op.drop_table("booking_draft")
