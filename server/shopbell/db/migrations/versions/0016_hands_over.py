"""When an alert's ladder goes on without a message that does not get through"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = "0016"
down_revision = "0015"
IS_SET = sa.text("hands_over_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("notices", sa.Column("hands_over_at", tables.Utc(timezone=True), nullable=True))
    op.create_index(
        "ix_notices_hands_over", "notices", ["hands_over_at"], sqlite_where=IS_SET, postgresql_where=IS_SET
    )
