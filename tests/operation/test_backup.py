"""A backup taken while customers join holds everyone who was told so; a damaged one is found out."""

import json
import os
import shutil
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.fresh import process
from tests.live.conftest import Shop
from tests.operation.conftest import joining
from tests.running import screen, serving

from shopbell.db import copies, engine, migrate, verify
from shopbell.db import restore as restoring

RATE = 50


def visits_in(path: Path) -> set[int]:
    with sqlite3.connect(path) as conn:
        return {visit for (visit,) in conn.execute("SELECT id FROM visits")}


def test_a_backup_under_fifty_joins_a_second_holds_everyone_acknowledged_before(
    shop: Shop, tmp_path: Path
) -> None:
    file, elsewhere = tmp_path / "backup.db", tmp_path / "elsewhere"
    with joining(shop, RATE) as stream:
        stream.reaches(100)
        began = time.monotonic()
        made = process("backup", str(file), "--data", str(tmp_path))
        ended = time.monotonic()
        checked = process("restore", str(file), "--verify")
        stream.reaches(len(stream.acknowledged) + 20)
    assert (made.returncode, checked.returncode, stream.lost) == (0, 0, [])
    assert ended - began < 30 and stream.before(ended) > stream.before(began)  # joins went on meanwhile
    restored = process("restore", str(file), "--data", str(elsewhere))
    assert restored.returncode == 0, restored.stderr
    assert stream.before(began) <= visits_in(elsewhere / "shopbell.db")
    with serving(f"sqlite:///{elsewhere / 'shopbell.db'}", elsewhere) as second:
        token = {"Authorization": f"Bearer {shop.tokens['associate']}"}
        status, answer = second.get("/api/v1/stores/main/visits", **token)
    assert status == 200 and stream.before(began) <= {int(v["id"]) for v in json.loads(answer)["visits"]}


def test_a_copy_shows_one_moment_however_much_is_written_meanwhile(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, done = backup.with_name("shopbell.db"), threading.Event()
    with closing(sqlite3.connect(database)) as conn, conn:
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("CREATE TABLE pair (a INTEGER, b BLOB)")
        conn.executemany("INSERT INTO pair VALUES (0, ?)", [(bytes(3000),)] * 500)
        conn.execute("CREATE TABLE twin (a INTEGER)")
        conn.execute("INSERT INTO twin VALUES (0)")

    def write() -> None:
        with closing(sqlite3.connect(database, timeout=30)) as conn:
            while not done.is_set():
                with conn:
                    conn.execute("UPDATE twin SET a = a + 1")
                    conn.execute("UPDATE pair SET a = a + 1")

    monkeypatch.setattr(copies, "STEP", 1)
    steps: list[int] = []
    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies.write(
            database, backup.with_name("one.db"), lambda at, _: steps.append(at) or time.sleep(0.002)
        )  # type: ignore[func-returns-value]
    finally:
        done.set()
        writer.join()
    assert steps == sorted(steps) and len(steps) > 500  # it never began again
    with closing(sqlite3.connect(backup.with_name("one.db"))) as conn:
        assert conn.execute(
            "SELECT count(DISTINCT a), max(a) = (SELECT a FROM twin) FROM pair"
        ).fetchone() == (1, 1)


def test_while_it_serves_nothing_is_restored(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    assert process("backup", str(file), "--data", str(tmp_path)).returncode == 0
    ann = shop.joins()
    refused = process("restore", str(file), "--data", str(tmp_path))
    assert refused.returncode == 1 and "stop it first" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert shop.moves(ann, "claim")["state"] == "claimed"  # and the server goes on
    assert not list(tmp_path.glob("*before-restore*")) and not list(tmp_path.glob(".*"))


def test_a_connection_that_does_nothing_keeps_a_restore_out(backup: Path) -> None:
    database = backup.with_name("shopbell.db")
    with closing(sqlite3.connect(database)) as idle:
        idle.execute("PRAGMA journal_mode = WAL")
        idle.execute("SELECT * FROM stores").fetchall()
        with pytest.raises(restoring.InUse):
            restoring.restore(backup, database)
    assert not list(backup.parent.glob("*before-restore*"))
    assert restoring.restore(backup, database)  # once it has gone


def test_a_restored_database_begins_another_epoch_and_keeps_the_former(shop: Shop, tmp_path: Path) -> None:
    file, token = tmp_path / "backup.db", {"token": shop.tokens["associate"]}
    process("backup", str(file), "--data", str(tmp_path))
    ann = shop.joins()
    with screen(shop.server.url, token) as bo:
        before = bo.hears("heartbeat")
    engine.current().dispose()  # this process looks into the database too
    shop.server.stop()
    restored = process("restore", str(file), "--data", str(tmp_path))
    assert restored.returncode == 0, restored.stderr
    kept = tmp_path / "shopbell.db.before-restore"
    assert str(kept) in restored.stdout
    assert int(ann["id"]) in visits_in(kept) and int(ann["id"]) not in visits_in(tmp_path / "shopbell.db")
    shop.server.start()
    with screen(shop.server.url, token) as bo:
        after = bo.hears("heartbeat")
    assert after["epoch"] != before["epoch"] and after["seq"] < before["seq"]


@pytest.fixture
def backup(sqlite_world: tuple[Path, object], tmp_path: Path) -> Path:
    """A backup of Main Street, and the database it is of."""
    shutil.copy(sqlite_world[0], tmp_path / "shopbell.db")
    copies.write(tmp_path / "shopbell.db", tmp_path / "backup.db")
    return tmp_path / "backup.db"


def test_a_whole_backup_is_one_file_for_its_owner_alone(backup: Path) -> None:
    assert verify.check(backup) == verify.Content(str(migrate.head()), stores=1, visits=0, sealed=True)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert sorted(path.name for path in backup.parent.iterdir()) == ["backup.db", "shopbell.db"]


@pytest.mark.parametrize("left", [0, 50, 4096, 0.5, 0.9, -4096, -1])
def test_a_truncated_file_is_detected(backup: Path, left: float) -> None:
    size = backup.stat().st_size
    os.truncate(backup, int(size * left) if 0 < left < 1 else int(left) if left >= 0 else size + int(left))
    with pytest.raises(verify.BadCopy, match=r"is damaged|is no backup"):
        verify.check(backup)


def test_a_truncated_file_is_one_sentence_of_the_command(backup: Path) -> None:
    os.truncate(backup, backup.stat().st_size // 2)
    found = process("restore", str(backup), "--verify")
    assert found.returncode == 1 and found.stdout == ""
    assert len(found.stderr.splitlines()) == 1 and "is damaged" in found.stderr


@pytest.mark.parametrize("at", [17, 30, 100, 5000, 50_000, -3])
def test_a_single_changed_bit_is_detected(backup: Path, at: int) -> None:
    changed = bytearray(backup.read_bytes())
    changed[at] ^= 1
    backup.write_bytes(changed)
    with pytest.raises(verify.BadCopy, match="damaged"):
        verify.check(backup)


def unseal(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(copies.SEAL_AT)
        file.write(bytes(copies.SEAL_LENGTH))


@pytest.mark.parametrize(
    ("lie", "sentence"),
    [
        ("DELETE FROM events WHERE seq = 2", "events of the store “main” are missing"),
        ("UPDATE stores SET seq = seq + 1", "events of the store “main” are missing"),
        ("DELETE FROM people WHERE id = 1", "points nowhere"),
        ("DROP TABLE notices", "the table notices is missing"),
        ("DROP TABLE alembic_version", "no backup of Shopbell"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer Shopbell"),
    ],
)
def test_what_another_tool_made_is_looked_through(backup: Path, lie: str, sentence: str) -> None:
    unseal(backup)
    assert verify.check(backup).sealed is False
    with sqlite3.connect(backup) as conn:
        conn.execute(lie)
    conn.close()
    found = process("restore", str(backup), "--verify")
    assert found.returncode == 1 and sentence in found.stderr


def test_a_cut_file_without_a_seal_is_found_too(backup: Path) -> None:
    unseal(backup)
    os.truncate(backup, backup.stat().st_size - 4096)
    with pytest.raises(verify.BadCopy, match="damaged"):
        verify.check(backup)


def test_a_database_in_use_is_no_backup(backup: Path) -> None:
    with sqlite3.connect(backup.with_name("shopbell.db")) as conn:
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("UPDATE stores SET name = 'Other'")
        conn.commit()
        with pytest.raises(verify.BadCopy, match="in use"):
            verify.check(backup.with_name("shopbell.db"))
    conn.close()


def test_an_existing_file_is_never_written_over(backup: Path) -> None:
    before = backup.read_bytes()
    refused = process("backup", str(backup), "--data", str(backup.parent))
    assert refused.returncode == 1 and "already a file" in refused.stderr
    assert backup.read_bytes() == before


def test_a_name_taken_meanwhile_is_left_to_who_took_it(backup: Path) -> None:
    target = backup.with_name("other.db")
    with pytest.raises(FileExistsError), copies.named(target) as part:
        shutil.copy(backup, part)
        target.write_text("mine")
    assert target.read_text() == "mine" and not list(backup.parent.glob(".*"))


@pytest.mark.parametrize("file", ["nowhere/backup.db", "/proc/backup.db"])
def test_where_nothing_can_be_written_nothing_is_left(backup: Path, file: str) -> None:
    refused = process("backup", str(backup.parent / file), "--data", str(backup.parent))
    assert refused.returncode == 1 and "Traceback" not in refused.stderr
    assert not list(backup.parent.glob(".*"))


def test_a_bad_backup_is_not_restored(backup: Path) -> None:
    os.truncate(backup, 9000)
    before = backup.with_name("shopbell.db").read_bytes()
    assert process("restore", str(backup), "--data", str(backup.parent)).returncode == 1
    assert backup.with_name("shopbell.db").read_bytes() == before


@pytest.mark.parametrize("ruin", [lambda old: b"nothing" * 999, lambda old: old[:5000]])
def test_a_ruined_database_is_replaced_and_kept(backup: Path, ruin: Callable[[bytes], bytes]) -> None:
    database = backup.with_name("shopbell.db")
    ruined = ruin(database.read_bytes())
    database.write_bytes(ruined)
    restored = process("restore", str(backup), "--data", str(backup.parent))
    assert restored.returncode == 0, restored.stderr
    assert database.with_name("shopbell.db.before-restore").read_bytes() == ruined
    with sqlite3.connect(database) as conn:
        assert conn.execute("SELECT slug FROM stores").fetchall() == [("main",)]


def test_a_log_without_its_database_is_not_taken_for_the_new_ones(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "shopbell.db-wal").write_bytes(b"of another database")
    assert restoring.restore(backup, tmp_path / "new" / "shopbell.db") is None
    assert not (tmp_path / "new" / "shopbell.db-wal").exists()


def test_each_restore_keeps_what_it_replaced(backup: Path) -> None:
    for _ in range(2):
        restoring.restore(backup, backup.with_name("shopbell.db"))
    assert len(list(backup.parent.glob("shopbell.db.before-restore*"))) == 2


def test_an_unfinished_restore_changes_nothing(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = backup.with_name("shopbell.db")
    with closing(sqlite3.connect(database)) as conn, conn:
        conn.execute("UPDATE stores SET name = 'Present'")

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restoring, "_keep", full)
    with pytest.raises(OSError, match="No space"):
        restoring.restore(backup, database)
    with sqlite3.connect(database) as conn:
        assert conn.execute("SELECT name FROM stores").fetchall() == [("Present",)]
    assert not list(backup.parent.glob(".*"))


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_on_postgresql_a_sentence_names_its_own_tool(backup: Path, command: str, tool: str) -> None:
    file = str(backup.with_name("other.db") if command == "backup" else backup)
    refused = process(command, file, "--database-url", "postgresql+psycopg://x@127.0.0.1:1/x")
    assert refused.returncode == 1 and tool in refused.stderr and len(refused.stderr.splitlines()) == 1
