"""The process's database. What differs between SQLite and PostgreSQL stands here and nowhere else."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.functions import FunctionElement

from shopbell import clock
from shopbell.db import ballast, waiting

PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",  # a confirmed join survives a power cut
    "foreign_keys": "ON",
    "busy_timeout": "5000",
    "secure_delete": "ON",
}

STANDS_STILL_S = 15
PATIENCE_S = 8  # no page waits longer for its answer: what comes later only keeps others waiting
# To a server that has vanished without a word; by itself TCP believes in it for a quarter of an hour.
REACHES: dict[str, Any] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}

IDLE_S = 2.0  # after that a pooled connection is asked whether its server is still there
PREPARED = 500  # statements that a connection keeps: we have some hundreds, as each number of ids is one

# One number for "Shopbell migrates", by which PostgreSQL has those who want to wait for each other.
TURN = 7_467_255

_engine: Engine | None = None
_reader: Engine | None = None
_single: Engine | None = None


def use(url: str) -> Engine:
    """Makes this the process's database; an earlier one is let go."""
    global _engine, _reader, _single
    if _engine is not None:
        _engine.dispose()
    _engine = _reader = _single = make(url)
    if _engine.dialect.name == "postgresql":
        # One snapshot for all of a reader's queries, as SQLite gives it.
        _reader = _engine.execution_options(isolation_level="REPEATABLE READ")
        _single = _engine.execution_options(isolation_level="AUTOCOMMIT")
    return _engine


def current() -> Engine:
    """The process's database.

    Raises:
        RuntimeError: if none has been chosen with `use`.
    """
    if _engine is None:
        raise RuntimeError("no database has been chosen")
    return _engine


def make(url: str) -> Engine:
    """An engine for a ``sqlite:///…`` or ``postgresql+psycopg://…`` URL."""
    if url.startswith("sqlite"):
        return _sqlite(url)
    pool = {"pool_size": 10, "max_overflow": 20, "pool_timeout": PATIENCE_S}
    # The one used last comes first: its statements are prepared.
    engine = create_engine(url, connect_args=REACHES, hide_parameters=True, pool_use_lifo=True, **pool)
    waiting.prepare(engine.dialect.loaded_dbapi)
    event.listen(engine, "connect", _bound)
    event.listen(engine, "checkin", _left)
    event.listen(engine, "checkout", partial(_look, engine.dialect))
    return engine


def _left(connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["left_at"] = time.monotonic()


def _look(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, proxy: Any) -> None:
    """Whether a pooled connection still has its server; if not, it and all older ones are let go.

    A server that ended it has said so, which costs no question. One that vanished without a word has to be
    asked, and can only have done so since the last use.
    """
    left_at = record.info.get("left_at")
    try:
        if left_at is not None:
            for _ in range(2):  # its last words, and then that nothing follows them
                connection.pgconn.consume_input()
            if time.monotonic() - left_at > IDLE_S:
                dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _bound(connection: Any, record: ConnectionPoolEntry) -> None:
    # A process that stands still in a change (its machine sleeps) must not hold the store for good.
    connection.autocommit = True
    connection.execute(f"SET idle_in_transaction_session_timeout = '{STANDS_STILL_S}s'")
    connection.autocommit = False
    connection.prepared_max = PREPARED


def _sqlite(url: str) -> Engine:
    # hide_parameters, here and above: the text of a fault goes to the log, and must not quote a customer.
    threads = {"check_same_thread": False}
    engine = create_engine(url, connect_args=threads, pool_size=10, max_overflow=50, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "handle_error", lambda context: ballast.look(context.original_exception))
    return engine


def _prepare(connection: Any, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late: see _begin
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}")


def _begin(connection: Connection, how: str) -> None:
    # A deferred transaction that turns into a writer fails with SQLITE_BUSY_SNAPSHOT whatever the
    # timeout; readers say so and stay deferred. Straight to the driver, and not by an event of SQLAlchemy:
    # one listener makes every statement a tenth slower.
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        try:
            driver.execute(how)
        except sqlite3.OperationalError as error:  # locked, or full: known to whoever answers requests
            ballast.look(error)
            raise OperationalError(how, None, error) from error


@contextmanager
def begin() -> Iterator[Connection]:
    """A write transaction: commits on leaving, rolls back on any exception."""
    with current().begin() as connection:
        _begin(connection, "BEGIN IMMEDIATE")
        yield connection


@contextmanager
def begin_schema() -> Iterator[Connection]:
    """A write transaction for a change of the schema. Processes that start together take turns."""
    with current().connect() as connection:
        if connection.dialect.name == "postgresql":
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
                yield connection
        else:
            yield from _sqlite_schema(connection)


def _sqlite_schema(connection: Connection) -> Iterator[Connection]:
    # SQLite changes a table by copying it and dropping the old one, which would take along what points at
    # it. So nothing is held meanwhile, and all of it is looked over before it counts.
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        with connection.begin():
            _begin(connection, "BEGIN IMMEDIATE")
            yield connection
            if lost := driver.execute("PRAGMA foreign_key_check").fetchone():
                raise RuntimeError(f"the migration left a row of {lost[0]} that points nowhere")
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


@contextmanager
def read() -> Iterator[Connection]:
    """One consistent view of the database, for reading only."""
    if _reader is None:
        raise RuntimeError("no database has been chosen")
    with _reader.connect() as connection:
        _begin(connection, "BEGIN")
        yield connection
        connection.commit()  # with a rollback psycopg forgets all statements that the server has prepared


@contextmanager
def singly() -> Iterator[Connection]:
    """For statements that stand for themselves, each a transaction of its own: on a server one round trip
    and not three. Two of them share no view of the database."""
    if _single is None:
        raise RuntimeError("no database has been chosen")
    with _single.connect() as connection:
        yield connection


class _ServersTime(FunctionElement[datetime | None]):
    inherit_cache = True  # SQLAlchemy compiles each statement with it once


@compiles(_ServersTime)
def _none(element: _ServersTime, compiler: Any, **kw: Any) -> str:
    return "NULL"


@compiles(_ServersTime, "postgresql")
def _its_own(element: _ServersTime, compiler: Any, **kw: Any) -> str:
    return "clock_timestamp()"


SERVERS_TIME = _ServersTime()  # a column, of which `true_time` knows what it says


def true_time(servers: datetime | None) -> datetime:
    """What all processes on this database go by: PostgreSQL's clock, on SQLite that of the one machine."""
    return servers + clock.offset() if servers else clock.wall()


def empty_log(patient: bool = True) -> bool:
    """Has erased rows leave SQLite's write-ahead log too, where pages lie as they were; whether it is done.

    ``patient`` waits for others who read there, up to the busy timeout. On PostgreSQL there is nothing to do.
    """
    if current().dialect.name != "sqlite":
        return True
    with current().connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA busy_timeout = {PRAGMAS['busy_timeout'] if patient else 0}")
        try:
            return not driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            driver.execute(f"PRAGMA busy_timeout = {PRAGMAS['busy_timeout']}")
