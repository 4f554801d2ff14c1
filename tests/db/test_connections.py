"""Connections to PostgreSQL: one whose server has gone is never handed out, and what is prepared stays."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from shopbell.db import engine

PID = text("SELECT pg_backend_pid()")
PREPARED = text("SELECT count(*) FROM pg_prepared_statements")


@pytest.fixture(autouse=True)
def database(postgresql_url: str) -> Iterator[str]:
    """An empty one, in use."""
    engine.use(postgresql_url)
    yield postgresql_url
    engine.current().dispose()


def backend() -> int:
    """The server's process behind the connection that comes next."""
    with engine.read() as connection:
        return int(connection.scalars(PID).one())


def test_one_that_the_server_has_ended_is_not_handed_out_even_at_once(database: str) -> None:
    other = engine.make(database)
    for _ in range(20):
        before = backend()
        with other.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": before})
        assert backend() != before
    other.dispose()


def test_one_that_was_idle_is_asked_and_one_just_used_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    dialect = engine.current().dialect
    monkeypatch.setattr(dialect, "do_ping", asked.append)
    first = backend()
    assert backend() == first
    assert not asked
    monkeypatch.setattr(engine, "IDLE_S", 0.0)
    assert backend() == first
    assert len(asked) == 1


@pytest.mark.parametrize("how", ["read", "begin", "singly"])
def test_what_the_server_has_prepared_stays(how: str) -> None:
    for _ in range(10):
        with getattr(engine, how)() as connection:
            connection.execute(text("SELECT 1 + 1"))
            held = connection.scalars(PREPARED).one()
    assert held >= 1


def test_a_single_statement_is_kept_without_a_word_more() -> None:
    with engine.singly() as connection:
        connection.execute(text("CREATE TABLE kept (n int)"))
        connection.execute(text("INSERT INTO kept VALUES (7)"))
    with engine.read() as connection:
        assert connection.scalars(text("SELECT n FROM kept")).one() == 7


GREENLETS = """
from gevent import monkey
monkey.patch_all()
import sys, time, gevent
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from psycopg import waiting as theirs
from shopbell.db import engine, waiting
engine.use(sys.argv[1])
assert theirs.wait.func is waiting.wait

def sleeps():
    with engine.read() as connection:
        connection.execute(text("SELECT pg_sleep(0.5)"))

ticks = []
def ticking():
    while True:
        gevent.sleep(0.01)
        ticks.append(1)

ticker = gevent.spawn(ticking)
began = time.monotonic()
gevent.joinall([gevent.spawn(sleeps) for _ in range(8)], raise_error=True)
assert time.monotonic() - began < 2.5, "they waited for each other"
assert len(ticks) > 20, "nobody else ran meanwhile"

long = "x" * 30_000_000  # more than the socket takes at once, there and back
with engine.singly() as connection:
    assert connection.scalars(text("SELECT CAST(:long AS text)"), {"long": long}).one() == long

def ends(pid):
    gevent.sleep(0.3)
    with engine.singly() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

try:
    with engine.read() as connection:
        gevent.spawn(ends, connection.scalars(text("SELECT pg_backend_pid()")).one())
        connection.execute(text("SELECT pg_sleep(30)"))
except OperationalError:
    print("told at once")
"""


def test_greenlets_wait_for_their_answers_side_by_side(database: str) -> None:
    command = [sys.executable, "-c", GREENLETS, database]
    done = subprocess.run(command, capture_output=True, text=True, timeout=25)
    assert done.stdout == "told at once\n", done.stderr
