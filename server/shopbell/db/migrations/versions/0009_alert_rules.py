"""Rules of the floor's alerts: the ladder that each climbs, nudges, what she says, the opening bell"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("steps", sa.JSON(none_as_null=True), nullable=True))
