"""How many steps of the clock each store has followed"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    steps = sa.Column("steps_ms", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    op.add_column("stores", steps)
