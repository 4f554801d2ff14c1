"""An index of the open visits that queries find, whatever lies behind them"""

from alembic import op

from shopbell.db.tables import HAS_ENDED, IS_OPEN

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name, columns, where in (
        ("ix_visits_open", ["store_id", "waiting_since", "id"], IS_OPEN),
        ("ix_visits_ended", ["store_id", "ended_at"], HAS_ENDED),
    ):
        op.drop_index(name, table_name="visits")
        op.create_index(name, "visits", columns, sqlite_where=where, postgresql_where=where)
