"""Joins that are real: what a store makes of its posters, its networks, and how each visit is known"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = "0006"
down_revision = "0005"

# In plain SQL, as SQLite takes a check of a new column only together with it.
POSTERS = (
    "ALTER TABLE stores ADD COLUMN posters VARCHAR(8) DEFAULT 'limited' NOT NULL"
    " CONSTRAINT ck_stores_posters CHECK (posters IN ('trusted', 'limited', 'proof'))"
)
PROOF = (
    "ALTER TABLE visits ADD COLUMN proof VARCHAR(8) DEFAULT 'house' NOT NULL CONSTRAINT ck_visits_proof"
    " CHECK (proof IN ('house', 'screen', 'network', 'poster', 'none', 'proven'))"
)


def upgrade() -> None:
    op.execute(POSTERS)
    op.execute(PROOF)
    op.add_column("stores", sa.Column("posters_kept_at", tables.Utc(timezone=True), nullable=True))
    networks = sa.Column("networks", sa.JSON(), server_default=sa.text("'[]'"), nullable=False)
    op.add_column("stores", networks)
    op.add_column("visits", sa.Column("burst", sa.Integer(), nullable=True))
