"""${message}"""

import sqlalchemy as sa
from alembic import op

from shopbell.db import tables

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
