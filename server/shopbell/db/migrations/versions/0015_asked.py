"""When it was asked whether somebody is still with a customer"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("visits", sa.Column("asked_at", tables.Utc(timezone=True), nullable=True))
