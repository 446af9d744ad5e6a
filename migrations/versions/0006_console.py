"""The console: replies ready to use, and remarks on the knowledge."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canned_reply",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("shortcut", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_reply")),
        sa.UniqueConstraint(
            "team", "language", "shortcut", name=op.f("uq_canned_reply_team_language_shortcut")
        ),
    )
    op.create_table(
        "knowledge_note",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("done_by", sa.String(length=32), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_note")),
    )
    with op.batch_alter_table("knowledge_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_note_service"), ["service"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("knowledge_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_note_service"))
    op.drop_table("knowledge_note")
    op.drop_table("canned_reply")
