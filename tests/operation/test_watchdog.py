"""systemd starts anew what no longer says that it works."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.running import serving
from tests.services import TIED

from shopbell import watchdog
from shopbell.db import engine, migrate

PATIENCE_S = 30
FAST = {"WATCHDOG_USEC": "600000"}  # a sign every 0.2 s
WATCH = [*TIED, sys.executable, "-c", "from shopbell.cli import main; main()", "watch"]


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """Where signs of life come in."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        line.settimeout(PATIENCE_S)
        yield line


def sign(line: socket.socket) -> tuple[str, int]:
    """The next one, and whose it is."""
    data, passed, *_ = line.recvmsg(4096, socket.CMSG_SPACE(12))
    pid = int.from_bytes(passed[0][2][:4], sys.byteorder)
    return data.decode(), pid


def await_sign(line: socket.socket, said: str) -> int:
    while True:
        found, pid = sign(line)
        if found.startswith(said):
            return pid


def test_the_worker_says_that_it_works_until_it_stands_still(
    systemd: socket.socket, sqlite_url: str, tmp_path: Path
) -> None:
    with serving(sqlite_url, tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify"), **FAST) as server:
        await_sign(systemd, "READY=1")
        worker = await_sign(systemd, "WATCHDOG=1")
        assert worker != server.process.pid  # type: ignore[union-attr]
        with standing_still(worker):
            systemd.settimeout(1.5)  # of seven that would come; what was said before is read first
            with pytest.raises(TimeoutError):
                while True:
                    sign(systemd)
        systemd.settimeout(PATIENCE_S)
        assert await_sign(systemd, "WATCHDOG=1") == worker
        assert server.stop() == 0


@contextmanager
def standing_still(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_so_does_an_alert_loop_of_its_own(systemd: socket.socket, sqlite_url: str, tmp_path: Path) -> None:
    migrate.upgrade(sqlite_url)
    engine.current().dispose()
    told = {"SHOPBELL_DATABASE_URL": sqlite_url, "NOTIFY_SOCKET": str(tmp_path / "notify"), **FAST}
    child = subprocess.Popen(WATCH, env={**os.environ, **told}, stderr=subprocess.DEVNULL)
    try:
        assert [await_sign(systemd, said) for said in ("READY=1", "WATCHDOG=1")] == [child.pid] * 2
    finally:
        child.kill()
        child.wait(PATIENCE_S)


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": "/nowhere/notify", "WATCHDOG_USEC": "0"}])
def test_without_systemd_it_is_quiet(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    watchdog.run(threading.Event())  # comes back at once


def test_a_socket_without_a_file_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"shopbell-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(f"\0{name}")
        line.settimeout(PATIENCE_S)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        monkeypatch.delenv("WATCHDOG_USEC", raising=False)
        watchdog.run(threading.Event())
        assert line.recv(100) == b"READY=1"
