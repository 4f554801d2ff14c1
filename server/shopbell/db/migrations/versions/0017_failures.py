"""How often a message failed, apart from how often its sender died"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("notices", sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")))
