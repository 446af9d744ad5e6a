"""Places and caseworkers can be retired, and a place may have a team."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_RETIRED = ("booking_place", "booking_caseworker")


def upgrade() -> None:
    # Columns are added in place: on SQLite a table that is built anew would take along, by their
    # foreign keys, the rows that name it.
    for table in _RETIRED:
        op.add_column(
            table, sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False)
        )
    op.add_column("booking_place", sa.Column("team", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("booking_place", "team")
    for table in _RETIRED:
        op.drop_column(table, "active")
