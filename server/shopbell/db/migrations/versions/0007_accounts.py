"""The company account by which a person may sign in, as a hash: nobody shares one"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("people", sa.Column("account_hash", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_people_account"), "people", ["account_hash"], unique=True)
