"""Every range that was shown and what became of it, and who is warned before a wait is too long"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = "0013"
down_revision = "0012"

# In plain SQL, as SQLite takes a check of a new column only together with it.
PREDICTED = (
    "ALTER TABLE stores ADD COLUMN predicted VARCHAR(11) DEFAULT 'boards' NOT NULL"
    " CONSTRAINT ck_stores_predicted CHECK (predicted IN ('off', 'boards', 'supervisors'))"
)


def upgrade() -> None:
    op.execute(PREDICTED)
    no = sa.text("false")
    op.add_column("stores", sa.Column("shows_promise", sa.Boolean(), server_default=no, nullable=False))
    for name in ("by_at", "range_at", "promise_at", "ask_at"):
        op.add_column("visits", sa.Column(name, tables.Utc(timezone=True), nullable=True))
    for name in ("later", "sure"):
        op.add_column("visits", sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("visits", sa.Column("risk", sa.Integer(), nullable=True))
    # Whoever waits goes on with what she was told: it was told at her join, and ends when it said.
    op.execute("UPDATE visits SET by_at = told_by, range_at = joined_at WHERE low_s IS NOT NULL")
    _add_promises()


def _add_promises() -> None:
    when = tables.Utc(timezone=True)
    op.create_table(
        "promises",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("store_id", "visit_id", "line_id")),
        sa.Column("leg", sa.Integer(), nullable=False),
        sa.Column("moved", sa.String(8), nullable=False),
        sa.Column("told_at", when, nullable=False),
        sa.Column("low_s", sa.Integer(), nullable=False),
        sa.Column("high_s", sa.Integer(), nullable=False),
        sa.Column("by_at", when, nullable=False),
        sa.Column("ended_at", when, nullable=True),
        sa.Column("outcome", sa.String(8), nullable=True),
        sa.Column("late_s", sa.Integer(), nullable=True),
        sa.CheckConstraint("moved IN ('told', 'earlier', 'later')", name=op.f("ck_promises_moved")),
        sa.CheckConstraint("outcome IN ('kept', 'late', 'left')", name=op.f("ck_promises_outcome")),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_promises_end")),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], [f"{name}s.id"], name=op.f(f"fk_promises_{name}_id"))
            for name in ("store", "visit", "line")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
    )
    op.create_index("ix_promises_visit_id", "promises", ["visit_id"])
    op.create_index("ix_promises_store", "promises", ["store_id", "told_at"])
