"""When a delivery was first handed over, and how many choices a message had room for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("delivery") as batch:
        batch.add_column(sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("message") as batch:
        batch.add_column(sa.Column("offered", sa.Integer(), nullable=True))
    # What was tried before this was known may have been tried from its first moment on.
    op.execute("UPDATE delivery SET tried_at = created_at WHERE attempts > 0")


def downgrade() -> None:
    with op.batch_alter_table("message") as batch:
        batch.drop_column("offered")
    with op.batch_alter_table("delivery") as batch:
        batch.drop_column("tried_at")
