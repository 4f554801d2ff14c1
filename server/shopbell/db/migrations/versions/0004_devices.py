"""Screens that ask to be paired or confirmed, their batteries; passwords; wrong guesses, counted for all"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = "0004"
down_revision = "0003"

KINDS = "kind IN ('tablet', 'kiosk', 'display', 'phone', 'browser')"


def upgrade() -> None:
    for name, usual in (("confirm_after_h", "24"), ("lock_after_s", "120")):
        column = sa.Column(name, sa.Integer(), server_default=sa.text(usual), nullable=False)
        op.add_column("stores", column)
    op.add_column("people", sa.Column("password_hash", sa.Text(), nullable=True))
    _devices()
    _pairings()
    op.create_table(
        "tries",
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("until", tables.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place", "person_id", name=op.f("pk_tries")),
    )


def _devices() -> None:
    # SQLite copies the table for a new CHECK, and the old one, which nobody can name there, stays behind.
    with op.batch_alter_table("devices") as batch:
        if op.get_bind().dialect.name != "sqlite":
            batch.drop_constraint(op.f("ck_devices_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_devices_kind"), KINDS)
        batch.add_column(sa.Column("battery", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("charging", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("battery_at", tables.Utc(timezone=True), nullable=True))


def _pairings() -> None:
    op.create_table(
        "pairings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("network", sa.String(length=16), nullable=False),
        sa.Column("browser", sa.String(length=80), nullable=False),
        sa.Column("asked_at", tables.Utc(timezone=True), nullable=False),
        sa.Column("polled_at", tables.Utc(timezone=True), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", tables.Utc(timezone=True), nullable=True),
        sa.CheckConstraint("granted_at IS NULL OR device_id IS NOT NULL", name=op.f("ck_pairings_granted")),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_pairings_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairings")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_pairings_code_hash")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_pairings_secret_hash")),
    )
    op.create_index(op.f("ix_pairings_network"), "pairings", ["network"])
