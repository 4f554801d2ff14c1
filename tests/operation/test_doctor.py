"""The doctor's checks: each says one sentence, finds its own fault, and leaves the others to be made."""

import json
import shutil
import socket
import sqlite3
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli.fresh import process
from tests.live.conftest import Shop
from tests.services import free_port
from tests.world import World

from shopbell import clock, doctor, pulse, settings
from shopbell.config import Config
from shopbell.db import engine, migrate
from shopbell.doctor import clocks, disk, programs
from shopbell.settings import CONSOLE


@pytest.fixture
def config(world: World, tmp_path: Path) -> Config:
    """Main Street's own configuration."""
    return Config.read({}, data=str(tmp_path), port=free_port())


def found(config: Config, state: str = "fault") -> list[tuple[str, str]]:
    """(subject, sentence) of everything found in this state, today."""
    told = doctor.look(config, clock.now())
    return [(finding.subject, finding.sentence) for finding in told if finding.state == state]


def corrupt(tmp_path: Path, lie: str) -> None:
    with closing(sqlite3.connect(tmp_path / "shopbell.db")) as conn, conn:
        conn.execute(lie)


def test_a_good_installation_has_no_fault_and_each_check_a_sentence(config: Config) -> None:
    told = list(doctor.look(config, clock.now()))
    assert [finding for finding in told if finding.state == "fault"] == []
    subjects = {finding.subject for finding in told}
    assert subjects == {
        *("migrations", "libraries", "worker", "disk", "synchronised", "address", "pragmas", "integrity"),
        *("journal", "clock", "timezones", "people", "channels", "server", "beat"),
    }
    for finding in told:
        assert finding.sentence.endswith(".") and "\n" not in finding.sentence and len(finding.sentence) < 200


def test_it_says_whom_an_alert_would_reach(config: Config, world: World) -> None:
    nobody = "“main”: An alert now would reach nobody: it would only show on the boards."
    assert ("people", nobody) in found(config, "note")
    settings.add_channel(world.store, "mailto://a:b@mail.example", clock.now(), CONSOLE)
    assert ("people", "“main”: An alert now would reach: mailto (not proven yet).") in found(config, "ok")


def test_it_is_a_list_for_programs(config: Config, tmp_path: Path) -> None:
    listed = process("doctor", "--json", "--data", str(tmp_path), "--port", str(config.port))
    told = json.loads(listed.stdout)
    assert listed.returncode == 0 and {finding["state"] for finding in told} == {"ok", "note"}


@pytest.mark.parametrize(
    ("lie", "subject", "sentence"),
    [
        ("UPDATE events SET type = 'rung' WHERE seq = 3", "journal", "event 3 is not as it was written"),
        ("UPDATE stores SET timezone = 'Mars/Olympus'", "timezones", "Mars/Olympus of “main”"),
        ("UPDATE alembic_version SET version_num = '9999'", "migrations", "newer Shopbell"),
        ("DELETE FROM people WHERE id = 4", "integrity", "A row of grants points nowhere"),
        ("UPDATE grants SET role = 'associate'", "people", "an alert finds nobody"),
        ("UPDATE people SET removed_at = '2026-01-01'", "people", "an alert finds nobody"),
    ],
)
def test_each_fault_is_found_alone(
    config: Config, tmp_path: Path, lie: str, subject: str, sentence: str
) -> None:
    engine.current().dispose()
    corrupt(tmp_path, lie)
    [(at, told)] = found(config)
    assert at == subject and sentence in told


def test_a_clock_behind_the_journal_is_found(config: Config, world: World) -> None:
    settings.ring(world.store, clock.now() + timedelta(days=900), CONSOLE)
    [(subject, sentence)] = found(config)
    assert subject == "clock" and "behind the last event" in sentence


def test_a_damaged_page_is_found(config: Config, tmp_path: Path) -> None:
    engine.current().dispose()
    with closing(sqlite3.connect(tmp_path / "shopbell.db")) as conn:
        [page] = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'told'").fetchone()
    with (tmp_path / "shopbell.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 100)
    [(subject, sentence)] = found(config)
    assert subject == "integrity" and "restore a backup" in sentence


@pytest.mark.parametrize(("name", "weaker"), [("synchronous", "NORMAL"), ("foreign_keys", "OFF")])
def test_a_pragma_that_is_not_in_force_is_found(
    config: Config, monkeypatch: pytest.MonkeyPatch, name: str, weaker: str
) -> None:
    def weaken(connection: sqlite3.Connection, record: object) -> None:
        connection.execute(f"PRAGMA {name} = {weaker}")

    made = engine.make

    def make(url: str) -> object:
        found = made(url)
        engine.event.listen(found, "connect", weaken)
        return found

    monkeypatch.setattr(engine, "make", make)
    [(subject, sentence)] = found(config)
    assert subject == "pragmas" and name in sentence


def test_a_place_without_a_database_is_looked_at_all_the_same(tmp_path: Path) -> None:
    result = process("doctor", "--data", str(tmp_path / "nothing"))
    assert result.returncode == 1 and "There is no database" in result.stdout and "gevent" in result.stdout
    assert not (tmp_path / "nothing").exists()


def test_a_database_that_does_not_answer_is_said_without_its_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://user:hidden@127.0.0.1:1/x"
    result = process("doctor", "--database-url", url)
    assert result.returncode == 1 and "does not answer" in result.stdout
    assert "hidden" not in result.stdout + result.stderr


def test_a_full_disk_is_foretold(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(config.data)
    monkeypatch.setattr(disk, "ROOM_MB", usage.free // 2**20 + 100)
    [(subject, sentence)] = found(config)
    assert subject == "disk" and "MB" in sentence and "%" in sentence
    monkeypatch.undo()
    monkeypatch.setattr(disk, "LITTLE_MB", usage.free // 2**20 + 100)
    monkeypatch.setattr(disk, "LITTLE_PERCENT", 101)
    assert "disk" in {subject for subject, _ in found(config, "note")}


@pytest.mark.parametrize(("said", "state"), [("yes", "ok"), ("no", "note"), ("", "note")])
def test_whether_the_clock_is_set_over_the_network_is_said(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, state: str
) -> None:
    tool = tmp_path / "timedatectl"
    tool.write_text(f"#!/bin/sh\necho {said}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "synchronised" in {subject for subject, _ in found(config, state)}


def test_a_clock_set_back_under_a_running_server_is_found(config: Config) -> None:
    pulse.beat(clock.now() + timedelta(minutes=3))
    [(subject, sentence)] = found(config)
    assert subject == "clock" and "180 s ahead" in sentence


def test_a_library_or_the_worker_that_is_missing_is_found(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = programs._version
    monkeypatch.setattr(
        programs, "_version", lambda name: None if name == "simple-websocket" else there(name)
    )
    assert {subject for subject, _ in found(config)} == {"libraries", "worker"}
    monkeypatch.setattr(programs, "_version", lambda name: there(name) or "1.0")
    assert [subject for subject, _ in found(config)] == ["worker"]  # gevent-websocket would be taken instead


def test_the_last_message_of_a_channel_and_whether_it_can_be_reached(config: Config, world: World) -> None:
    def channel(url: str, name: str) -> None:
        settings.add_channel(world.store, url, world.now, CONSOLE, name=name, allow_private=True)

    with socket.create_server(("127.0.0.1", 0)) as receiver:
        channel(f"http://127.0.0.1:{receiver.getsockname()[1]}/hidden", "Good")
        channel("http://127.0.0.1:1/hidden", "Dead")
        channel("mailto://user:hidden@example.com", "Post")
        told = list(doctor.look(replace(config, allow_private_webhooks=True), clock.now()))
        said = {finding.sentence: finding.state for finding in told if finding.subject == "channels"}
        assert said == {
            "Channels: 3.": "ok",
            "The channel “Good” of “main” can be reached from here.": "ok",
            "The channel “Dead” of “main” cannot be reached from here (connection refused).": "fault",
            "The channel “Post” of “main”: shopbell channel test 3 tells whether it gets through.": "note",
        }
        # Without leave for the store's own network a message would not go there either.
        told = [sentence for subject, sentence in found(config) if "“Good”" in sentence]
        assert len(told) == 1 and "not a public address" in told[0]
    assert "hidden" not in " ".join(said)


def test_a_message_that_failed_for_good_is_found(config: Config, world: World, tmp_path: Path) -> None:
    settings.add_channel(world.store, "mailto://user:hidden@example.com", world.now, CONSOLE, name="Post")
    world.joins()
    world.passes(minutes=11)
    assert world.notices() == [("alert.opened", 1, "pending")]
    corrupt(tmp_path, "UPDATE notices SET state = 'failed', last_error = 'answered 410'")
    assert found(config) == [
        ("channels", "The channel “Post” of “main”: the last message failed (answered 410).")
    ]


def test_a_store_with_a_channel_only_is_noted(config: Config, world: World, tmp_path: Path) -> None:
    settings.add_channel(world.store, "mailto://user:hidden@example.com", world.now, CONSOLE)
    engine.current().dispose()
    corrupt(tmp_path, "UPDATE grants SET role = 'associate'")
    assert found(config) == []
    assert ("people", "“main” has no supervisor or manager: nobody can answer an alert by name.") in found(
        config, "note"
    )


def test_a_check_that_fails_itself_is_a_finding(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "ASK", ["timedatectl", 1])
    monkeypatch.setattr(clocks.shutil, "which", lambda name: name)
    [(subject, sentence)] = found(config)
    assert "could not be made" in sentence and subject == "synchronised"


def test_a_running_server_is_asked(shop: Shop, tmp_path: Path) -> None:
    config = Config.read({}, data=str(tmp_path), port=shop.server.port)
    shop.joins()
    until = clock.now() + timedelta(seconds=15)
    while shop.server.get("/healthz")[0] != 200:
        assert clock.now() < until
    well = f"The server on port {shop.server.port} is ready, and its alert loop is alive."
    assert ("server", well) in found(config, "ok")
    engine.current().dispose()
    for revision, ready in (("9999", 200), ("0012", 503)):  # a later version's schema serves this one too
        corrupt(tmp_path, f"UPDATE alembic_version SET version_num = '{revision}'")
        [(subject, _)] = found(config)
        assert (subject, shop.server.get("/readyz")[0]) == ("migrations", ready)
    corrupt(tmp_path, f"UPDATE alembic_version SET version_num = '{migrate.head()}'")
    assert shop.server.get("/readyz")[0] == 200


# --- certificates ---------------------------------------------------------------------------------


def make_certificate(folder: Path, days: int) -> Path:
    """A certificate for localhost that signs itself, and its key, in one file."""
    file = folder / "localhost.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ),
            *("-keyout", str(folder / "key.pem"), "-out", str(file), "-days", str(days)),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        ],
        check=True,
        capture_output=True,
    )
    return file


@contextmanager
def showing(certificate: Path) -> Iterator[int]:
    """A TLS server that shows it; its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                try:
                    context.wrap_socket(line, server_side=True).close()
                except OSError:
                    line.close()

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("days", "trusted", "state", "sentence"),
    [
        (90, True, "ok", "is good until"),
        (5, True, "fault", "renew it"),
        (90, False, "fault", "Browsers refuse the certificate"),
    ],
)
def test_the_certificate_of_the_public_address_is_judged(
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    trusted: bool,
    state: str,
    sentence: str,
) -> None:
    certificate = make_certificate(tmp_path, days)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with showing(certificate) as port:
        told = found(replace(config, public_url=f"https://localhost:{port}"), state)
    assert any(subject == "certificate" and sentence in said for subject, said in told)


def test_a_public_address_out_of_reach_is_said(config: Config) -> None:
    told = found(replace(config, public_url=f"https://localhost:{free_port()}"), "note")
    assert any(subject == "certificate" and "cannot be reached from here" in said for subject, said in told)


def test_a_proxy_without_a_name_is_noted(config: Config) -> None:
    public = replace(config, public_url=f"https://localhost:{free_port()}")
    assert any(subject == "proxies" for subject, _ in found(public, "note"))
    named = replace(public, proxies=Config.read({"SHOPBELL_PROXIES": "127.0.0.1"}).proxies)
    assert not any(subject == "proxies" for subject, _ in found(named, "note"))
