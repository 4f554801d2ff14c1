"""When nobody was late any more: a floor that falls behind again soon after is still in the same rush"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("rings", sa.Column("calm_at", tables.Utc(timezone=True), nullable=True))
