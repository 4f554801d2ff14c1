"""The database: is it there, of this version, and does it keep what it confirms?"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shopbell import audit
from shopbell.config import Config
from shopbell.db import copies, engine, meta, migrate
from shopbell.doctor.finding import Finding, fault, ok

# SQLite tells the state of these as numbers.
NUMBERS = {"FULL": "2", "ON": "1"}
LATEST = 500  # events of each store: a tenth of a second for a chain's hundred stores


def opens(config: Config) -> Iterator[Finding]:
    """Makes the database the process's own; only what is wrong with that is told."""
    file = copies.file_of(config.database_url)
    if file and not file.exists():
        yield fault(
            "database",
            f"There is no database in {file.parent} yet. Run shopbell serve or shopbell migrate first.",
        )
        return
    engine.use(config.database_url)
    try:
        with engine.read() as connection:
            is_empty, is_demo = not inspect(connection).has_table("meta"), meta.is_demo(connection)
    except SQLAlchemyError:
        yield fault("database", "The database does not answer.")
        return
    if is_empty:
        yield fault("database", "The database is empty. Run shopbell serve or shopbell migrate first.")
    if is_demo:
        yield fault("database", meta.DEMOS_OWN)


def current(config: Config, now: datetime) -> Iterator[Finding]:
    """The migrations."""
    try:
        migrate.require_current()
    except (migrate.NewerDatabase, migrate.OlderDatabase) as error:
        yield fault("migrations", str(error))
        return
    yield ok("migrations", f"The database is of this version (revision {migrate.head()}).")


def pragmas(config: Config, now: datetime) -> Iterator[Finding]:
    """What SQLite was told is what it does."""
    if engine.current().dialect.name != "sqlite":
        yield ok("pragmas", "The database is PostgreSQL, which keeps what it confirms.")
        return
    with engine.read() as connection:
        found = {name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in engine.PRAGMAS}
    wrong = [
        fault(
            "pragmas",
            f"SQLite runs with {name} = {found[name]} and not {wanted}: what is confirmed may be lost.",
        )
        for name, wanted in engine.PRAGMAS.items()
        if found[name].upper() != NUMBERS.get(wanted, wanted)
    ]
    kept = ", ".join(f"{name} {wanted}" for name, wanted in engine.PRAGMAS.items())
    yield from wrong or [ok("pragmas", f"SQLite keeps what it confirms: {kept}.")]


def whole(config: Config, now: datetime) -> Iterator[Finding]:
    """SQLite's own look at every page and every reference."""
    if engine.current().dialect.name != "sqlite":
        return
    damage = _damage()
    yield (
        fault("integrity", f"{damage}: restore a backup.")
        if damage
        else ok("integrity", "The database is whole.")
    )


def _damage() -> str | None:
    try:
        with engine.read() as connection:
            said = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar())
            lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    except DBAPIError as error:  # too badly for SQLite to look on
        return f"The database is damaged ({error.orig})"
    if said != "ok":
        return f"The database is damaged ({' '.join(said.split())})"
    return f"A row of {lost[0]} points nowhere" if lost else None


def chained(config: Config, now: datetime) -> Iterator[Finding]:
    """The latest events of each journal; `audit verify` looks at all."""
    broken = [verdict for verdict in audit.verify(LATEST) if verdict.fault]
    for verdict in broken:
        sentence = f"The journal of “{verdict.store}” was changed: event {verdict.fault_seq} {verdict.fault}."
        yield fault("journal", f"{sentence} Run shopbell audit verify.")
    if not broken:
        yield ok("journal", "The latest events of the journal are as they were written.")
