"""From one box into the chain's database: every row as it was, or nothing; each refusal in a sentence."""

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, inspect, select
from sqlalchemy.engine import make_url
from tests import world as worlds
from tests.operation.box import all_rows, furnish
from tests.services import new_database

from shopbell import audit, clock, floor, settings
from shopbell.auth.caller import by_bearer, by_cookie
from shopbell.cli.group import cli
from shopbell.db import engine, migrate, move, tables
from shopbell.db.restore import InUse
from shopbell.settings import CONSOLE

COMMAND = [sys.executable, "-c", "from shopbell.cli import main; main()", "migrate-to"]
PATIENCE_S = 30
Box = tuple[Path, dict[str, str]]


@pytest.fixture(scope="session")
def furnished(sqlite_world: tuple[Path, worlds.World], tmp_path_factory: pytest.TempPathFactory) -> Box:
    path = tmp_path_factory.mktemp("box") / "shopbell.db"
    shutil.copy(sqlite_world[0], path)
    return path, furnish(path, sqlite_world[1])


@pytest.fixture
def box(furnished: Box, tmp_path: Path) -> Iterator[Path]:
    """The file of a store's box that has been stopped."""
    yield Path(shutil.copy(furnished[0], tmp_path / "shopbell.db"))
    engine.current().dispose()
    clock.use(None)


def run(box: Path, url: str, *words: str) -> Result:
    try:
        return CliRunner().invoke(
            cli, ["migrate-to", url, *words, "--database-url", f"sqlite:///{box}"], catch_exceptions=False
        )
    finally:
        engine.current().dispose()


def rows_of(url: str) -> dict[str, list[tuple[Any, ...]]]:
    engine.use(url)
    try:
        return all_rows()
    finally:
        engine.current().dispose()


def tables_of(url: str) -> list[str]:
    engine.use(url)
    try:
        return inspect(engine.current()).get_table_names()
    finally:
        engine.current().dispose()


def do(url: str, *statements: str) -> None:
    """What an administrator does there."""
    told = make_url(url)
    with psycopg.connect(host=told.query["host"], user="postgres", dbname=told.database) as admin:  # type: ignore[arg-type]
        for statement in statements:
            admin.execute(statement)  # type: ignore[arg-type]


def test_everything_comes_over_as_it_was(box: Path, postgresql_url: str, furnished: Box) -> None:
    was = rows_of(f"sqlite:///{box}")
    result = run(box, postgresql_url)
    assert result.exit_code == 0, result.output
    assert rows_of(postgresql_url) == was
    assert f"Moved {sum(map(len, was.values()))} rows" in result.output
    assert "The journal of “main” is whole" in result.output and str(box) in result.output
    engine.use(postgresql_url)
    assert [(one.store, one.fault) for one in audit.verify()] == [("main", None), ("harbour", None)]
    assert by_bearer(furnished[1]["token"]).role == "associate"
    assert by_cookie(furnished[1]["cookie"], worlds.TEN + timedelta(hours=1)).kind == "tablet"
    kept = box.with_name("shopbell.db.before-move")  # no server goes on with the former file by mistake
    assert not box.exists() and rows_of(f"sqlite:///{kept}") == was
    again = run(box, postgresql_url)
    assert again.exit_code == 1 and "There is no database" in again.stderr


def test_in_a_database_that_was_migrated_already_the_day_goes_on_with_the_next_number(
    box: Path, postgresql_url: str
) -> None:
    migrate.upgrade(postgresql_url)
    engine.current().dispose()
    was, own = rows_of(f"sqlite:///{box}"), dict(rows_of(postgresql_url)["meta"])
    assert set(own) == {"epoch", "secret", "vapid"}
    assert run(box, postgresql_url).exit_code == 0
    assert rows_of(postgresql_url) == was  # the box's secrets, not those
    engine.use(postgresql_url)
    last = max(row[0] for row in was["visits"])
    ids = [floor.join(1, "repairs", worlds.KIOSK, clock.now(), source="kiosk").visit.id for _ in range(2)]
    assert ids == [last + 1, last + 2]
    assert settings.add_store("third", "Third", clock.now(), CONSOLE) == 3
    with engine.begin() as connection:
        for table in tables.metadata.sorted_tables:
            if (column := table.autoincrement_column) is not None:
                sequence = func.nextval(func.pg_get_serial_sequence(table.name, "id"))
                highest = connection.scalar(select(func.max(column)))
                assert connection.scalar(select(sequence)) == highest + 1, table.name
    assert [one.fault for one in audit.verify()] == [None, None, None]


def test_a_store_in_which_nothing_is_yet_comes_over_too(tmp_path: Path, postgresql_url: str) -> None:
    box = tmp_path / "shopbell.db"
    migrate.upgrade(f"sqlite:///{box}")
    engine.current().dispose()
    was = rows_of(f"sqlite:///{box}")
    assert {name for name, rows in was.items() if rows} == {"meta"}
    assert run(box, postgresql_url).exit_code == 0
    assert rows_of(postgresql_url) == was


def test_a_rehearsal_while_the_store_is_open_keeps_nothing(box: Path, postgresql_url: str) -> None:
    was = rows_of(f"sqlite:///{box}")
    with closing(sqlite3.connect(box, isolation_level=None)) as server:
        server.execute("PRAGMA journal_mode = WAL")
        server.execute("BEGIN IMMEDIATE")
        server.execute("UPDATE stores SET name = 'half way'")
        result = run(box, postgresql_url, "--rehearse")
        server.execute("ROLLBACK")
    assert result.exit_code == 0 and f"It would work: {sum(map(len, was.values()))} rows" in result.output
    assert tables_of(postgresql_url) == []
    assert rows_of(f"sqlite:///{box}") == was and run(box, postgresql_url).exit_code == 0


def test_killed_in_the_middle_it_leaves_nothing(box: Path, postgresql_url: str) -> None:
    migrate.upgrade(postgresql_url)
    engine.current().dispose()
    was, before = rows_of(f"sqlite:///{box}"), rows_of(postgresql_url)
    name = make_url(postgresql_url).database
    on_insert(postgresql_url, "notes", "PERFORM pg_sleep(60); RETURN NEW")
    do(postgresql_url, f"ALTER DATABASE {name} SET client_connection_check_interval = '50ms'")
    child = subprocess.Popen([*COMMAND, postgresql_url, "--database-url", f"sqlite:///{box}"])
    others = make_url(postgresql_url).set(database="postgres").render_as_string()
    state = f"SELECT wait_event FROM pg_stat_activity WHERE datname = '{name}'"
    until(lambda: ("PgSleep",) in asked(others, state))
    child.kill()
    child.wait(PATIENCE_S)
    until(lambda: asked(others, state) == [])
    do(postgresql_url, "DROP TRIGGER meddles ON notes")
    assert rows_of(postgresql_url) == before
    assert run(box, postgresql_url).exit_code == 0
    assert rows_of(postgresql_url) == was


def on_insert(url: str, table: str, body: str) -> None:
    """Something at work in the database that we know nothing of."""
    made = f"CREATE FUNCTION meddle() RETURNS trigger AS $$ BEGIN {body}; END $$ LANGUAGE plpgsql"
    do(url, made, f"CREATE TRIGGER meddles BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION meddle()")


def asked(url: str, query: str) -> list[tuple[Any, ...]]:
    told = make_url(url)
    with psycopg.connect(host=told.query["host"], user="postgres", dbname=told.database) as admin:  # type: ignore[arg-type]
        return admin.execute(query).fetchall()  # type: ignore[arg-type]


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    "body",
    [
        "RETURN NULL",
        "NEW.joined_at := NEW.joined_at + interval '1 microsecond'; RETURN NEW",
    ],
)
def test_a_row_that_does_not_arrive_as_it_was_undoes_the_move(
    box: Path, postgresql_url: str, body: str
) -> None:
    migrate.upgrade(postgresql_url)
    engine.current().dispose()
    before = rows_of(postgresql_url)
    # A visit at which nothing points: of any other the database itself would notice that it is missing.
    on_insert(postgresql_url, "visits", f"IF NEW.id < 99 THEN RETURN NEW; END IF; {body}")
    with closing(sqlite3.connect(box)) as file, file:
        file.execute("CREATE TEMP TABLE lone AS SELECT * FROM visits WHERE id = 1")
        file.execute("UPDATE lone SET id = 99, ticket = 'Z1', token = 'lone', story = 'x'")
        file.execute("INSERT INTO visits SELECT * FROM lone")
    was = rows_of(f"sqlite:///{box}")
    result = run(box, postgresql_url)
    assert result.exit_code == 1 and "did not arrive as it was" in result.stderr
    assert rows_of(postgresql_url) == before and rows_of(f"sqlite:///{box}") == was


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE visits SET story = 'secret' || char(0) || 'x' WHERE id = 3", "a row of visits"),
        (f"UPDATE people SET name = 'secret{'x' * 90}' WHERE id = 1", "a row of people"),
    ],
)
def test_what_postgresql_cannot_hold_is_named_by_its_table_alone(
    box: Path, postgresql_url: str, statement: str, said: str
) -> None:
    with closing(sqlite3.connect(box)) as file, file:
        file.execute(statement)
    result = run(box, postgresql_url)
    assert result.exit_code == 1 and said in result.stderr and "secret" not in result.output + result.stderr
    assert tables_of(postgresql_url) == [] and box.exists()


def test_while_a_server_works_on_the_box_nothing_is_moved(box: Path, postgresql_url: str) -> None:
    with closing(sqlite3.connect(box)) as idle:
        idle.execute("PRAGMA journal_mode = WAL")
        idle.execute("SELECT * FROM stores").fetchall()
        with pytest.raises(InUse, match="stop it first"):
            move.move(box, postgresql_url)
    engine.use(postgresql_url)
    assert tables_of(postgresql_url) == []


def two_stores(url: str) -> None:
    worlds.make(url)
    clock.use(None)
    engine.current().dispose()


def newer(url: str) -> None:
    migrate.upgrade(url)
    engine.current().dispose()
    do(url, "UPDATE alembic_version SET version_num = '9999'")


REFUSED: dict[str, tuple[Callable[[str], object], str]] = {
    "another store's": (two_stores, "not empty: there are rows in people"),
    "another program's": (lambda url: do(url, "CREATE TABLE users ()"), "tables of another program: users."),
    "a newer Shopbell's": (newer, "newer Shopbell (revision 9999)"),
}


@pytest.mark.parametrize("whose", REFUSED)
def test_where_anything_stands_already_nothing_is_moved(box: Path, postgresql_url: str, whose: str) -> None:
    prepare, said = REFUSED[whose]
    prepare(postgresql_url)
    was, there = rows_of(f"sqlite:///{box}"), tables_of(postgresql_url)
    result = run(box, postgresql_url)
    assert result.exit_code == 1 and said in result.stderr and "Traceback" not in result.stderr
    assert tables_of(postgresql_url) == there and rows_of(f"sqlite:///{box}") == was


def test_where_a_web_process_is_connected_nothing_is_moved(box: Path, postgresql_url: str) -> None:
    migrate.upgrade(postgresql_url)
    engine.current().dispose()
    before, told = rows_of(postgresql_url), make_url(postgresql_url)
    with psycopg.connect(host=told.query["host"], user="postgres", dbname=told.database):  # type: ignore[arg-type]
        result = run(box, postgresql_url)
    assert result.exit_code == 1 and "others are connected to that database" in result.stderr
    assert rows_of(postgresql_url) == before and box.exists()


def test_a_database_that_cannot_hold_every_name_is_refused(box: Path, postgresql: Path) -> None:
    with new_database(postgresql, "template0 ENCODING 'LATIN1' LOCALE 'C'") as url:
        result = run(box, url)
        assert result.exit_code == 1 and "not in UTF8" in result.stderr and tables_of(url) == []


def test_a_database_of_an_older_version_is_brought_along_first(box: Path, postgresql_url: str) -> None:
    with closing(sqlite3.connect(box)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '0010'")
    result = run(box, postgresql_url)
    assert result.exit_code == 1 and "run shopbell migrate" in result.stderr
    assert tables_of(postgresql_url) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sqlite:///x.db", "--data", "{box}"], "must begin with postgresql+psycopg://"),
        (["postgresql://u:hunter2@127.0.0.1:9/x", "--data", "{box}"], "does not answer"),
        (["postgresql://db/x", "--database-url", "postgresql://db/y"], "on PostgreSQL already"),
        (["postgresql://db/x", "--data", "{box}/none"], "There is no database in"),
    ],
)
def test_a_wrong_address_is_refused_in_a_sentence(box: Path, words: list[str], said: str) -> None:
    told = [word.replace("{box}", str(box.parent)) for word in words]
    result = CliRunner().invoke(cli, ["migrate-to", *told], catch_exceptions=False)
    assert result.exit_code == 1 and said in result.stderr and "hunter2" not in result.stderr
    assert len(result.stderr.splitlines()) == 1 and box.exists()
