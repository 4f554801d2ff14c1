"""The journal's chain, from the next event on; how long a store keeps what customers told; team mode"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for name, length in (("salt", 32), ("link", 64), ("digest", 64)):
        op.add_column("events", sa.Column(name, sa.String(length), nullable=True))
    for column in (
        sa.Column("digest", sa.String(64), server_default="", nullable=False),
        sa.Column("chained_from", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("kept_days", sa.Integer(), server_default=sa.text("30"), nullable=False),
        sa.Column("forgotten_until", tables.Utc(timezone=True), nullable=True),
        sa.Column("is_team", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("team_at", tables.Utc(timezone=True), nullable=True),
        sa.Column("cut_seq", sa.Integer(), server_default=sa.text("0"), nullable=False),
    ):
        op.add_column("stores", column)
    op.execute("UPDATE stores SET chained_from = seq")
    with op.batch_alter_table("stores") as batch:
        batch.create_check_constraint(op.f("ck_stores_kept"), "kept_days > 0")
    op.create_index(
        "ix_visits_phone",
        "visits",
        ["ended_at"],
        sqlite_where=tables.HAS_PHONE,
        postgresql_where=tables.HAS_PHONE,
    )
