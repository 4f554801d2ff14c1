"""Rules of the floor's alerts: the ladder that each climbs, and when somebody free is rung"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = "0009"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("steps", sa.JSON(none_as_null=True), nullable=True))
    for name, default in (("nudge_s", "120"), ("claimed_s", "180")):
        column = sa.Column(name, sa.Integer(), server_default=sa.text(default), nullable=False)
        op.add_column("stores", column)
    op.add_column("visits", sa.Column("nudge_at", tables.Utc(timezone=True), nullable=True))
