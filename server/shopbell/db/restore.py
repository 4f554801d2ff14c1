"""Puts a copy of a SQLite database in the place of the present one. Nothing is lost: that is kept beside it.

No server may run meanwhile. A restore under a running one would be possible, but whoever joined between the
last look at the list and the restore would be sent away unseen; a stop first is one word and hides nothing.
"""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from shopbell.db import copies
from shopbell.db.copies import Tell, silent


class InUse(Exception):
    """The database is open in another process; the text is one sentence."""


def restore(source: Path, database: Path, tell: Tell = silent) -> Path | None:
    """Puts ``source``, which must have been checked, in place of the database, with an epoch of its own.

    Returns where the former database lies, None if there was none.

    Raises:
        InUse: if a server or another command works on the database.
        sqlite3.Error, OSError: if it cannot be written; the database is then as it was.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    with _staged(source, database, tell) as stage:
        if not database.exists():
            _move_aside(stage, database)  # a log without its database must not be taken for the new one's
            return None
        try:
            return _exchange(stage, database, tell)
        except sqlite3.DatabaseError as error:
            if not _is(error, "SQLITE_CORRUPT", "SQLITE_NOTADB"):
                raise
            return _move_aside(stage, database)


@contextmanager
def _staged(source: Path, database: Path, tell: Tell) -> Iterator[Path]:
    """The copy beside the database, its new epoch in it, so that the last step is all or nothing."""
    stage = database.with_name(f".{database.name}.{os.getpid()}.stage")
    try:
        copies.snapshot(source, stage, tell)
        with closing(sqlite3.connect(stage)) as new, new:
            new.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (secrets.token_hex(16),))
            new.execute("PRAGMA user_version = 0")  # the seal was the backup's
        yield stage
    finally:
        stage.unlink(missing_ok=True)


def _exchange(stage: Path, database: Path, tell: Tell) -> Path:
    with alone(database) as live, closing(sqlite3.connect(stage)) as new:
        kept = _keep(live, database)
        new.backup(live, pages=copies.STEP, progress=lambda _, left, total: tell(total - left, total))
    return kept


@contextmanager
def alone(database: Path) -> Iterator[sqlite3.Connection]:
    """The database with a lock that lets nobody else in.

    Raises:
        InUse: while anybody is.
    """
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as live:
        try:
            _shut(live)
        except sqlite3.DatabaseError as error:
            if not _is(error, "SQLITE_BUSY", "SQLITE_LOCKED"):
                raise
            raise InUse(f"Shopbell works on {database} at this moment: stop it first.") from None
        yield live


def _shut(live: sqlite3.Connection) -> None:
    # Leaving the write-ahead log wants every other connection closed, even one that does nothing.
    live.execute("PRAGMA journal_mode = DELETE")
    live.execute("PRAGMA locking_mode = EXCLUSIVE")
    live.execute("PRAGMA synchronous = FULL")
    live.execute("BEGIN EXCLUSIVE")
    live.execute("COMMIT")  # in this mode the lock outlives its transaction


def _keep(live: sqlite3.Connection, database: Path) -> Path:
    kept = copies.free_name(database, "before-restore")
    with copies.named(kept) as part, closing(sqlite3.connect(part)) as copy:
        live.backup(copy)
    return kept


def _move_aside(stage: Path, database: Path) -> Path:
    """Where the former database cannot be read at all: its files are kept as they are."""
    kept = copies.free_name(database, "before-restore")
    for end in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            database.with_name(database.name + end).rename(kept.with_name(kept.name + end))
    stage.rename(database)
    return kept


def _is(error: sqlite3.DatabaseError, *names: str) -> bool:
    return str(getattr(error, "sqlite_errorname", "")).startswith(names)
