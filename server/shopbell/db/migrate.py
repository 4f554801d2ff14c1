"""The database's schema: brought up to date at every start, refused when it is newer than this program."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shopbell.db import engine, meta

HERE = Path(__file__).parent / "migrations"
# One number for "Shopbell migrates": two processes that start together take turns on PostgreSQL.
TURN = 7_467_255


class NewerDatabase(RuntimeError):
    """The database was migrated by a newer Shopbell than this one."""


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for this package's migrations."""
    found = Config()
    found.set_main_option("script_location", str(HERE).replace("%", "%%"))
    found.attributes["connection"] = connection
    return found


def upgrade(url: str | None = None) -> None:
    """Migrates the process's database (or makes the one of ``url`` it) and gives it an epoch and a secret.

    Raises:
        NewerDatabase: if it holds a revision that this program does not know.
    """
    if url is not None:
        engine.use(url)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        _check(connection)
        command.upgrade(config(connection), "head")
    with engine.begin() as connection:
        for key in ("epoch", "secret"):
            meta.kept(connection, key)


def is_current(connection: Connection) -> bool:
    """Whether the database stands at this program's newest revision."""
    return MigrationContext.configure(connection).get_current_revision() == _scripts().get_current_head()


def _check(connection: Connection) -> None:
    at = MigrationContext.configure(connection).get_current_revision()
    if at is not None and at not in {script.revision for script in _scripts().walk_revisions()}:
        raise NewerDatabase(
            f"This database was made by a newer Shopbell (revision {at}). "
            "Install that version, or restore a backup."
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())
