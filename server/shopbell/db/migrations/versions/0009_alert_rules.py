"""The ladder that each alert climbs, when associates are rung, what she says, the opening bell"""

from datetime import datetime

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
    op.add_column("stores", sa.Column("bell", sa.String(5), nullable=True))
    op.add_column("stores", sa.Column("bell_at", tables.Utc(timezone=True), nullable=True))
    op.create_index("ix_stores_bell_at", "stores", ["bell_at"])
    for name in ("nudge_at", "said_at"):
        op.add_column("visits", sa.Column(name, tables.Utc(timezone=True), nullable=True))
    op.execute(SAYS)
    op.create_index(
        "ix_alerts_unstaffed",
        "alerts",
        ["store_id"],
        sqlite_where=tables.IS_UNSTAFFED,
        postgresql_where=tables.IS_UNSTAFFED,
    )
    op.create_index("ix_notices_proof", "notices", ["channel_id", "sent_at"])
    _add_bells()


def _add_bells() -> None:
    def when(name: str) -> sa.Column[datetime]:
        return sa.Column(name, tables.Utc(timezone=True), nullable=name not in ("rung_at", "at"))

    op.create_table(
        "bells",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        *(when(name) for name in ("rung_at", "missed_at", "answered_at")),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_bells_store_id")),
        sa.ForeignKeyConstraint(["answered_by"], ["people.id"], name=op.f("fk_bells_answered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bells")),
        sa.UniqueConstraint("store_id", "rung_at", name=op.f("uq_bells_store_id_rung_at")),
    )
    op.create_table(
        "bell_sends",
        sa.Column("bell_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        when("at"),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["bell_id"], ["bells.id"], name=op.f("fk_bell_sends_bell_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_bell_sends_channel_id")),
        sa.PrimaryKeyConstraint("bell_id", "channel_id", name=op.f("pk_bell_sends")),
    )
    op.create_index("ix_bell_sends_channel", "bell_sends", ["channel_id", "at"])
