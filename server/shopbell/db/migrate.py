"""The database's schema: brought up to date at every start, refused when it is newer than this program."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from shopbell.db import copies, engine, meta

HERE = Path(__file__).parent / "migrations"


class NewerDatabase(RuntimeError):
    """The database was migrated by a newer Shopbell than this one."""


class OlderDatabase(RuntimeError):
    """The database still has to be migrated, and not by who asks."""


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for this package's migrations."""
    found = Config()
    found.set_main_option("script_location", str(HERE).replace("%", "%%"))
    found.attributes["connection"] = connection
    return found


def upgrade(url: str | None = None) -> Path | None:
    """Migrates the process's database (or makes the one of ``url`` it) and gives it an epoch and secrets.

    Processes that start together take turns. Before it changes what a SQLite database holds, it copies that
    and returns where to, so that a failed upgrade can be undone.

    Raises:
        NewerDatabase: if it holds a revision that this program does not know.
    """
    if url is not None:
        engine.use(url)
    with engine.read() as connection:
        at = revision(connection)
    check_known(at)
    copy = _upgrade() if at != head() else None
    with engine.begin() as connection:
        for key in ("epoch", "secret", "vapid"):
            meta.kept(connection, key)
    return copy


def _upgrade() -> Path | None:
    with engine.begin_schema() as connection:
        at = revision(connection)  # another process may have been faster
        check_known(at)
        if at == head():
            return None
        file = copies.file_of(str(connection.engine.url)) if at else None
        copy = copies.keep(file, f"before-{head()}") if file else None
        to_head(connection)
    return copy


def to_head(connection: Connection) -> None:
    """Migrates what this transaction is on to the newest revision."""
    command.upgrade(config(connection), "head")


def serves(connection: Connection) -> bool:
    """Whether a process of this version can work on the database: its own revision, or a later one.

    The latter while a chain gets a new version: the database first, then process by process, and those that
    have not had their turn go on. From one version to the next the schema only grows.
    """
    at = revision(connection)
    return at is not None and (at == head() or at not in _revisions(HERE))


def require_current() -> None:
    """For who works beside a server, and must not change the schema under it.

    Raises:
        NewerDatabase, OlderDatabase: with a sentence on what to do.
    """
    with engine.read() as connection:
        check_current(revision(connection))


def check_current(at: str | None) -> None:
    """Refuses any revision but this program's newest.

    Raises:
        NewerDatabase, OlderDatabase: with a sentence on what to do.
    """
    check_known(at)
    if at != head():
        raise OlderDatabase(
            f"This database is of an older Shopbell (revision {at}). "
            "Start shopbell serve, or run shopbell migrate, to bring it up to date."
        )


def revision(connection: Connection) -> str | None:
    """The revision at which the database stands, None if it has no tables of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """This program's newest revision."""
    return _revisions(HERE)[0]


@cache
def _revisions(here: Path) -> tuple[str, ...]:
    # Newest first. Proxies ask every second whether we are ready, and to read all migrations takes 17 ms.
    return tuple(script.revision for script in ScriptDirectory.from_config(config()).walk_revisions())


def check_known(at: str | None) -> None:
    """Refuses a revision that this program does not know; None, an empty database, is fine.

    Raises:
        NewerDatabase: with a sentence on what to do.
    """
    if at is not None and at not in _revisions(HERE):
        raise NewerDatabase(
            f"This database was made by a newer Shopbell (revision {at}). "
            "Install that version, or restore a backup."
        )
