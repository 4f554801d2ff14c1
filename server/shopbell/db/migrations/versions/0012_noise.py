"""Less noise: a store mutes its phones for a while, and what each channel was last told of its floor"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = "0012"
down_revision = "0010"

# In plain SQL, as SQLite takes a reference of a new column only together with it.
MUTED_BY = (
    "ALTER TABLE stores ADD COLUMN muted_by INTEGER CONSTRAINT fk_stores_muted_by REFERENCES people (id)"
)


def upgrade() -> None:
    op.add_column("stores", sa.Column("muted_until", tables.Utc(timezone=True), nullable=True))
    op.execute(MUTED_BY)
    op.add_column("stores", sa.Column("muted_reason", sa.String(80), nullable=True))
    op.create_table(
        "rings",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("at", tables.Utc(timezone=True), nullable=False),
        sa.Column("count_band", sa.Integer(), nullable=False),
        sa.Column("wait_band", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="fk_rings_store_id"),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_rings_channel_id"),
        sa.PrimaryKeyConstraint("store_id", "channel_id", name="pk_rings"),
    )
