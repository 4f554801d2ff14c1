"""Channels of one person, what a message's receiver said, hours on duty, and who has gone off by himself"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _channels()
    op.create_index(op.f("ix_channels_person_id"), "channels", ["person_id"])
    op.create_index(
        "ix_channels_rings",
        "channels",
        ["url"],
        unique=True,
        sqlite_where=tables.RINGS,
        postgresql_where=tables.RINGS,
    )
    op.add_column("notices", sa.Column("tried_at", tables.Utc(timezone=True), nullable=True))
    op.add_column("notices", sa.Column("answer", sa.Text(), nullable=True))
    op.add_column("notices", sa.Column("payload", sa.Text(), nullable=True))
    op.create_index("ix_notices_channel", "notices", ["channel_id", "id"])
    op.add_column("people", sa.Column("duty", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("presence", sa.Column("left_at", tables.Utc(timezone=True), nullable=True))


def _channels() -> None:
    with op.batch_alter_table("channels") as batch:
        batch.alter_column("store_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("device_id", sa.Integer(), nullable=True))
        for name in ("proven_at", "rotated_at"):
            batch.add_column(sa.Column(name, tables.Utc(timezone=True), nullable=True))
        for name, target in (("person_id", "people"), ("device_id", "devices")):
            batch.create_foreign_key(op.f(f"fk_channels_{name}"), target, [name], ["id"])
        batch.create_check_constraint(op.f("ck_channels_owner"), tables.ONE_OWNER)
        batch.create_check_constraint(op.f("ck_channels_device"), tables.ONLY_ONES_OWN)
