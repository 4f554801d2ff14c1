"""The ladder that each alert climbs, when associates are rung, what she says of herself"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = "0009"
down_revision = "0008"

# In plain SQL, as SQLite takes a check of a new column only together with it.
SAYS = (
    "ALTER TABLE visits ADD COLUMN says VARCHAR(8)"
    " CONSTRAINT ck_visits_says CHECK (says IN ('here', 'helped', 'denied'))"
)


def upgrade() -> None:
    op.add_column("alerts", sa.Column("steps", sa.JSON(none_as_null=True), nullable=True))
    for name, default in (("nudge_s", "120"), ("claimed_s", "180")):
        column = sa.Column(name, sa.Integer(), server_default=sa.text(default), nullable=False)
        op.add_column("stores", column)
    for name in ("nudge_at", "said_at"):
        op.add_column("visits", sa.Column(name, tables.Utc(timezone=True), nullable=True))
    op.execute(SAYS)
