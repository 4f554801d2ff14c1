"""Is a copy of the database whole? It is only read, and nothing is left beside it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from shopbell.db import copies, migrate
from shopbell.db.copies import SEAL_AT, SEAL_LENGTH, Tell, silent
from shopbell.db.tables import metadata

MAGIC = b"SQLite format 3\0"
DAMAGED = "is damaged: {}. Take another backup."


class BadCopy(Exception):
    """A file that must not become the database; its text is one sentence."""


@dataclass(frozen=True)
class Content:
    """What a whole copy holds. ``sealed`` if a checksum vouches for every byte of it."""

    revision: str
    stores: int
    visits: int
    sealed: bool


def check(path: Path, tell: Tell = silent) -> Content:
    """Looks over a copy: all bytes there, tables whole, nothing points nowhere, each journal complete.

    Raises:
        BadCopy: with a sentence on the first thing that is wrong.
        migrate.NewerDatabase: if a newer Shopbell made it.
        OSError: if the file cannot be read.
    """
    sealed = _bytes(path, tell)
    try:
        with _opened(path) as copy:
            return _content(path, copy, sealed)
    except sqlite3.DatabaseError as error:
        raise BadCopy(f"{path} " + DAMAGED.format(error)) from None


def _bytes(path: Path, tell: Tell) -> bool:
    """Whether the file is sealed, and then unchanged."""
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        raise BadCopy(f"{path} is a database in use and no backup of one: make one with shopbell backup.")
    with path.open("rb") as file:
        head = file.read(100)
        if len(head) < 100 or not head.startswith(MAGIC):
            raise BadCopy(f"{path} is no backup of Shopbell.")
        seal = head[SEAL_AT : SEAL_AT + SEAL_LENGTH]
        file.seek(0)
        if any(seal) and copies.checksum(file, tell) != seal:
            raise BadCopy(f"{path} " + DAMAGED.format("it is cut short or was changed"))
    return any(seal)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    # Immutable: else SQLite would want to write beside it, and a backup may lie where nobody may.
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as copy:
        yield copy


def _content(path: Path, copy: sqlite3.Connection, sealed: bool) -> Content:
    for fault in _damage(copy):
        raise BadCopy(f"{path} " + DAMAGED.format(fault))
    revision = _revision(path, copy)
    for slug in _gaps(copy):
        raise BadCopy(f"{path} " + DAMAGED.format(f"events of the store “{slug}” are missing"))
    stores, visits = (_count(copy, f"SELECT count(*) FROM {table}") for table in ("stores", "visits"))
    return Content(revision, stores, visits, sealed)


def _damage(copy: sqlite3.Connection) -> Iterator[str]:
    # Without a seal a cut file may still open: its own count of pages tells.
    [said] = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        yield " ".join(str(said).removeprefix("*** in database main ***").split())
    for table, *_ in copy.execute("PRAGMA foreign_key_check"):
        yield f"a row of {table} points nowhere"


def _revision(path: Path, copy: sqlite3.Connection) -> str:
    tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"alembic_version", "stores", "events", "visits"} <= tables:
        raise BadCopy(f"{path} is no backup of Shopbell.")
    revision = str(copy.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    migrate.check_known(revision)
    if revision == migrate.head() and (missing := sorted(set(metadata.tables) - tables)):
        raise BadCopy(f"{path} " + DAMAGED.format(f"the table {missing[0]} is missing"))
    return revision


_JOURNALS = """
SELECT slug FROM stores
LEFT JOIN (SELECT store_id, count(*) AS length, max(seq) AS last FROM events GROUP BY store_id)
ON store_id = id WHERE seq <> coalesce(length, 0) OR seq <> coalesce(last, 0)
"""


def _gaps(copy: sqlite3.Connection) -> list[str]:
    """The stores whose count of events and journal disagree."""
    return [slug for (slug,) in copy.execute(_JOURNALS)]


def _count(copy: sqlite3.Connection, query: str) -> int:
    return int(copy.execute(query).fetchone()[0])
