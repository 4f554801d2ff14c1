"""All of a SQLite database into an empty one on PostgreSQL: every row as it is, or nothing at all.

Rows keep their ids: they are in links, with receivers of webhooks and in the journal's chain. So a database
in which anything stands already is refused, and two boxes are never made one.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Table,
    collate,
    create_engine,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from shopbell.db import copies, engine, meta, migrate
from shopbell.db.copies import Tell, silent
from shopbell.db.restore import alone
from shopbell.db.tables import meta as own
from shopbell.db.tables import metadata

AT_ONCE = 1000  # rows
PATIENCE = "5s"  # for whoever is just reading there
TABLES = metadata.sorted_tables  # each after those that it points at
ALONE = "Rows keep their ids, so two installations never become one: give this one a database of its own."


class Unmoved(Exception):
    """A move that was refused or given up; nothing has changed, and the text is one sentence."""


@dataclass(frozen=True)
class Moved:
    """How many rows came over, and where the former database lies; ``kept`` is None after a rehearsal."""

    rows: int
    kept: Path | None


def move(database: Path, url: str, tell: Tell = silent, rehearse: bool = False) -> Moved:
    """Copies each row, compares it with what it was, and only then commits.

    Nobody may work on either side. The former database gets another name, so that no server goes on with it
    by mistake. The process's database is the new one afterwards.

    Args:
        rehearse: keeps nothing at the end; the former database may be in use meanwhile.

    Raises:
        Unmoved, restore.InUse: with a sentence; PostgreSQL then holds what it held before.
        migrate.OlderDatabase, migrate.NewerDatabase: if one of them is not of this version.
        sqlalchemy.exc.SQLAlchemyError, sqlite3.Error, OSError: if one of them cannot be reached.
    """
    with _snapshot(database) if rehearse else alone(database) as file, _source(file) as old:
        engine.use(url)
        with engine.begin_schema() as new:
            _make_room(new)
            rows = _copy(old, new, tell)
            _compare(old, new)
            if rehearse:
                new.rollback()
    if rehearse:
        return Moved(rows, None)
    return Moved(rows, database.rename(copies.free_name(database, "before-move")))


@contextmanager
def _snapshot(database: Path) -> Iterator[sqlite3.Connection]:
    """One moment of a database that is in use."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)) as file:
        file.isolation_level = None
        file.execute("BEGIN")
        yield file


@contextmanager
def _source(file: sqlite3.Connection) -> Iterator[Connection]:
    """What is to be moved, if it may be."""
    kind = create_engine("sqlite://", creator=lambda: file, poolclass=StaticPool, hide_parameters=True)
    with kind.connect() as old:
        migrate.check_current(migrate.revision(old))
        if meta.is_demo(old):
            raise Unmoved(meta.DEMOS_OWN)
        yield old


def _make_room(new: Connection) -> None:
    """Our tables, empty, with nobody else at them until the end."""
    _check_place(new)
    migrate.to_head(new)
    new.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
    new.execute(text(f"LOCK TABLE {', '.join(table.name for table in TABLES)} IN ACCESS EXCLUSIVE MODE"))
    for table in TABLES:
        if table is not own and new.scalar(select(select(table).exists())):
            raise Unmoved(f"That database is not empty: there are rows in {table.name}. {ALONE}")
    new.execute(delete(own))  # what an empty installation has made for itself


def _check_place(new: Connection) -> None:
    if new.scalar(text("SHOW server_encoding")) != "UTF8":
        raise Unmoved("That database is not in UTF8: make one with CREATE DATABASE … ENCODING 'UTF8'.")
    at = migrate.revision(new)
    if at is None and (found := sorted(inspect(new).get_table_names())):
        raise Unmoved(f"That database holds tables of another program: {', '.join(found)}. {ALONE}")
    migrate.check_known(at)
    if others := new.scalar(_OTHERS):  # a web process would go on signing with the secret that it has read
        raise Unmoved(f"{others} others are connected to that database: stop Shopbell and all else there.")


_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def _copy(old: Connection, new: Connection, tell: Tell) -> int:
    total, done = sum(_count(old, table) for table in TABLES), 0
    for table in TABLES:
        try:
            for rows in old.execute(_all(table)).mappings().partitions(AT_ONCE):
                new.execute(insert(table), [dict(row) for row in rows])
                done += len(rows)
                tell(done, total)
        except DBAPIError as error:
            raise Unmoved(f"PostgreSQL does not take a row of {table.name}: {_reason(error)}.") from None
        _count_on(new, table)
    new.execute(text("ANALYZE"))  # else queries are planned for empty tables until a vacuum comes by
    return done


def _all(table: Table) -> Any:
    return select(table).execution_options(yield_per=AT_ONCE)


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _count_on(new: Connection, table: Table) -> None:
    """The next row's id follows the last one's."""
    if (column := table.autoincrement_column) is not None:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        last = func.max(column)
        new.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


def _compare(old: Connection, new: Connection) -> None:
    """Each row as it was, of whatever the server made on the way; none is missing or too many."""
    for table in TABLES:
        pairs = zip_longest(old.execute(_ordered(table, "BINARY")), new.execute(_ordered(table, "C")))
        for was, came in pairs:
            if was != came:
                raise Unmoved(f"A row of {table.name} did not arrive as it was. Nothing was moved.")


def _ordered(table: Table, collation: str) -> Any:
    """By the key, in the order of its bytes on both sides."""
    return _all(table).order_by(*(_by_bytes(column, collation) for column in table.primary_key))


def _by_bytes(column: Column[Any], collation: str) -> Any:
    return collate(column, collation) if column.type.python_type is str else column


def _reason(error: DBAPIError) -> str:
    # Only the driver's first line: what follows quotes the row.
    return str(error.orig).strip().partition("\n")[0].rstrip(".")
