"""A new version brings the database along by itself; an old one leaves a newer database alone."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect, text
from tests.cli.fresh import process
from tests.services import free_port
from tests.world import World

from shopbell.cli.group import cli
from shopbell.db import engine, meta, migrate
from shopbell.db.tables import lines, stores

NOW = str(migrate.head())
NEXT = '''"""What a later version might do: a column for stores, which many tables point at"""

import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "{now}"


def upgrade() -> None:
    with op.batch_alter_table("stores", recreate="{recreate}") as batch:
        batch.add_column(sa.Column("motto", sa.String(length=80), nullable=True))
    {then}
'''


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A program with one more migration; its folder."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.HERE, folder)
    write_next(folder)
    monkeypatch.setattr(migrate, "HERE", folder)
    yield folder
    engine.current().dispose()


def write_next(folder: Path, then: str = "pass", recreate: str = "auto") -> None:
    (folder / "versions" / "later_motto.py").write_text(NEXT.format(now=NOW, then=then, recreate=recreate))


def plant_the_future(url: str) -> None:
    migrate.upgrade(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.current().dispose()


@pytest.mark.parametrize(
    "words",
    [
        ["serve", "--host", "127.0.0.1"],
        ["watch"],
        ["migrate"],
        ["store", "list"],
        ["store", "add", "new", "--name", "New"],
        ["export", "main", "--format", "csv"],
        ["erase", "--phone", "+15550100199"],
        ["doctor"],
    ],
)
def test_a_newer_database_is_left_alone_by_every_command(database_url: str, words: list[str]) -> None:
    plant_the_future(database_url)
    port = ["--port", str(free_port())] if words[0] == "serve" else []
    code, said = _asked(*words, *port, "--database-url", database_url)
    assert code == 1 and "Traceback" not in said
    assert "newer Shopbell (revision 9999)" in said and "Install that version, or restore a backup" in said
    engine.use(database_url)
    with engine.read() as connection:
        assert migrate.revision(connection) == "9999"
        assert connection.execute(stores.select()).all() == []
    engine.current().dispose()


def _asked(*words: str) -> tuple[int, str]:
    """Exit code and words; what would run on if it were not refused has a process of its own."""
    if words[0] in ("serve", "watch"):
        refused = process(*words)
        return refused.returncode, refused.stderr + refused.stdout
    result = CliRunner().invoke(cli, words, catch_exceptions=False)
    return result.exit_code, result.output


def test_an_upgrade_keeps_everything_and_the_epoch(world_on_both: World, later: Path) -> None:
    ann = world_on_both.joins()
    with engine.read() as connection:
        epoch = meta.kept_or(connection, "epoch")
    migrate.upgrade()
    with engine.read() as connection:
        assert migrate.revision(connection) == migrate.head() and meta.kept_or(connection, "epoch") == epoch
        assert connection.execute(text("SELECT slug, motto FROM stores")).all() == [("main", None)]
    assert world_on_both.row(ann).ticket == "R1" and world_on_both.joins().ticket == "R2"


def test_before_an_upgrade_sqlite_is_copied_and_the_copy_can_be_restored(world: World, later: Path) -> None:
    world.joins()
    copy = migrate.upgrade()
    assert copy and copy.name == "shopbell.db.before-later"
    assert migrate.upgrade() is None  # nothing changes, so nothing is copied
    back = process("restore", str(copy), "--verify")
    assert back.returncode == 0 and f"1 visit, revision {NOW}" in back.stdout


def test_an_upgrade_that_fails_changes_nothing(world_on_both: World, later: Path) -> None:
    write_next(later, "op.execute('SELECT * FROM no_such_table')")
    with pytest.raises(Exception, match="no_such_table"):
        migrate.upgrade()
    with engine.read() as connection:
        assert migrate.revision(connection) == NOW
        assert "motto" not in {column["name"] for column in inspect(connection).get_columns("stores")}
    assert world_on_both.joins().ticket == "R1"


def test_a_table_that_others_point_at_may_be_made_anew_on_sqlite(world: World, later: Path) -> None:
    write_next(later, recreate="always")
    migrate.upgrade()
    with engine.begin() as connection:
        assert len(connection.execute(lines.select()).all()) == 3
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_migration_that_leaves_rows_pointing_nowhere_is_undone(world: World, later: Path) -> None:
    write_next(later, 'op.execute("DELETE FROM stores")')
    with pytest.raises(RuntimeError, match="points nowhere"):
        migrate.upgrade()
    with engine.read() as connection:
        assert migrate.revision(connection) == NOW and len(connection.execute(stores.select()).all()) == 1


def test_a_command_does_not_upgrade_under_a_running_server(world: World, later: Path) -> None:
    with pytest.raises(migrate.OlderDatabase, match="shopbell migrate"):
        migrate.require_current()
    migrate.upgrade()
    migrate.require_current()


def test_those_who_start_together_take_turns(database_url: str) -> None:
    """Real processes on an empty database: each finds it made, once."""
    command = [sys.executable, "-c", "from shopbell.cli import main; main()", "migrate"]
    started = [
        subprocess.Popen([*command, "--database-url", database_url], stderr=subprocess.PIPE) for _ in range(4)
    ]
    said = [(each.communicate(timeout=60)[1], each.returncode) for each in started]
    assert said == [(b"", 0)] * 4
    engine.use(database_url)
    with engine.read() as connection:
        assert migrate.revision(connection) == migrate.head()
        assert connection.execute(text("SELECT count(*) FROM meta WHERE key = 'epoch'")).scalar() == 1
    engine.current().dispose()


def test_those_who_upgrade_together_take_turns(world_on_both: World, later: Path) -> None:
    write_next(later, "import time; time.sleep(0.3)")
    faults: list[BaseException] = []

    def upgrade() -> None:
        try:
            migrate.upgrade()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with engine.read() as connection:
        assert migrate.revision(connection) == "later"
