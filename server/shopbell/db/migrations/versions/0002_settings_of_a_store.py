"""What a store sets up: single days, its own words, the proof of its code; zones that are gone"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("exceptions", "words"):
        op.add_column("stores", sa.Column(name, sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("stores", sa.Column("proven", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("zones", sa.Column("removed_at", tables.Utc(timezone=True), nullable=True))
