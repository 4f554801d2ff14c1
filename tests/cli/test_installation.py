"""The program as it is started: addresses, exit codes, sentences, first start, doctor."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.cli.fresh import process, program
from tests.running import serving
from tests.services import free_port

from shopbell import pulse
from shopbell.cli.group import COMMANDS
from shopbell.db import engine


def test_help_is_quick_and_names_every_command() -> None:
    began = time.monotonic()
    result = program("--help")
    assert result.returncode == 0 and time.monotonic() - began < 5
    for word in COMMANDS:
        assert re.search(rf"^  {word} ", result.stdout, re.MULTILINE)


def test_only_a_command_that_needs_it_brings_the_web_server_along() -> None:
    code = (
        "import sys; from shopbell.cli.group import cli; cli.get_command(None, 'store'); print(*sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"gunicorn", "gevent", "apprise", "fpdf"} & set(found.stdout.split())


def test_the_first_command_makes_the_database(tmp_path: Path) -> None:
    data = tmp_path / "new" / "folder"
    result = process("store", "add", "main", "--name", "Main", "--data", str(data))
    assert (result.returncode, result.stderr) == (0, "")
    listed = process("store", "list", "--json", SHOPBELL_DATABASE_URL=f"sqlite:///{data}/shopbell.db")
    assert json.loads(listed.stdout)[0]["store"] == "main"


@pytest.mark.parametrize(
    ("words", "environ", "sentence"),
    [
        (["store", "list"], {"SHOPBELL_DATABASE_URL": "mysql://x"}, "must begin with sqlite:///"),
        (["store", "list"], {"SHOPBELL_PUBLIC_URL": "nonsense"}, "SHOPBELL_PUBLIC_URL must"),
        (["store", "list"], {"SHOPBELL_WATCH": "maybe"}, "must be 1 or 0"),
        (["serve", "--port", "99999"], {}, "The port must be"),
        (["store", "list", "--data", "/dev/null"], {}, "must be a folder"),
        (["store", "list", "--data", "/proc/none"], {}, "/proc/none"),
        (
            ["store", "list", "--database-url", "postgresql+psycopg://x@127.0.0.1:1/x"],
            {},
            "database does not answer",
        ),
        (["nonsense"], {}, "No such command"),
        (["watch"], {}, "This database is empty"),
    ],
)
def test_what_cannot_be_ends_in_one_sentence(
    tmp_path: Path, words: list[str], environ: dict[str, str], sentence: str
) -> None:
    result = process(*words, **{"SHOPBELL_DATA": str(tmp_path), **environ})
    assert result.returncode != 0
    assert sentence in result.stderr and "Traceback" not in result.stderr


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "shopbell.db").write_text("This is a letter to my aunt. " * 100)
    result = process("store", "list", "--data", str(tmp_path))
    assert result.returncode == 1 and "database does not answer" in result.stderr


def test_doctor_is_content_with_a_good_installation(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert "All is well." in result.output and "private address" in result.output
    assert "Channels: none." in result.output


def test_doctor_finds_an_empty_place(tmp_path: Path) -> None:
    result = process("doctor", "--data", str(tmp_path / "nothing"))
    assert result.returncode == 1 and "no database" in result.stdout
    assert not (tmp_path / "nothing").exists()


def test_migrate_may_be_said_twice(run: Run) -> None:
    assert [run("migrate").exit_code for _ in range(2)] == [0, 0]


def test_a_newer_database_is_left_alone(run: Run, data: Path) -> None:
    with sqlite3.connect(data / "shopbell.db") as conn:
        conn.execute("UPDATE alembic_version SET version_num = 'newer'")
    result = run("migrate")
    assert result.exit_code == 1 and "newer Shopbell" in result.output


def test_serve_prints_a_link_that_opens_the_set_up(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    with started("serve", "--port", str(port), "--host", "127.0.0.1", data=tmp_path, log=log) as serving:
        until(lambda: "▀▀▀▀▀▀▀" in log.read_text(), serving, log)  # the last row of the code
    printed = log.read_text()
    assert re.search(rf"http://[^/]+:{port}/setup\?code=[\w-]{{43}}\n", printed) and "█" in printed


def test_watch_runs_until_it_is_told_to_stop(data: Path, tmp_path: Path) -> None:
    engine.use(f"sqlite:///{data / 'shopbell.db'}")
    log = tmp_path / "log"
    with started("watch", data=data, log=log) as watching:
        until(lambda: pulse.last() is not None, watching, log)
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(30) == 0
    assert "Traceback" not in log.read_text()
    engine.current().dispose()


@contextmanager
def started(*words: str, data: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command that keeps running, stopped at the end."""
    command = [
        sys.executable,
        "-u",
        "-c",
        "from shopbell.cli import main; main()",
        *words,
        "--data",
        str(data),
    ]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def until(seen: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Waits for a sign of a running command, at most a minute."""
    ends = time.monotonic() + 60
    while not seen():
        if process.poll() is not None or time.monotonic() > ends:
            raise TimeoutError(log.read_text())
        time.sleep(0.1)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(202 if self.path == "/good" else 410)
        self.end_headers()
        self.wfile.write(b"thank you" if self.path == "/good" else b"nobody here")

    def log_message(self, *_: object) -> None: ...


def test_a_channel_prints_its_own_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPBELL_ALLOW_PRIVATE_WEBHOOKS", "1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever).start()
        for path in ("good", "gone"):
            run("channel", "add", "main", f"http://127.0.0.1:{receiver.server_port}/{path}", "--name", path)
        good, gone = run("channel", "test", "good"), run("channel", "test", "gone")
        receiver.shutdown()
    assert good.exit_code == 0 and "202" in good.output and "thank you" in good.output
    assert gone.exit_code == 1 and "410" in gone.output


def test_links_made_elsewhere_lead_to_the_port_that_is_served(tmp_path: Path) -> None:
    with serving("", tmp_path, SHOPBELL_PUBLIC_URL="") as server:
        process("store", "add", "main", "--name", "Main", "--data", str(tmp_path))
        made = process("device", "add", "main", "--kind", "tablet", "--data", str(tmp_path))
    assert f":{server.port}/pair?code=" in made.stdout
