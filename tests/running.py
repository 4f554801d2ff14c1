"""A real Shopbell for the tests: `shopbell serve` in a process of its own, and screens that listen to it."""

import os
import queue
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import socketio
from tests.services import TIED, free_port

START_S = 60  # two cores may be shared by many tests
WAIT_S = 8.0  # for one message: longer than a heartbeat may take
COMMAND = [sys.executable, "-c", "from shopbell.cli import main; main()", "serve", "--host", "127.0.0.1"]


@dataclass
class Server:
    """One serving process. Its output goes to ``log``."""

    url: str
    port: int
    log: Path
    environ: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready; TimeoutError with its output if it never is."""
        with self.log.open("ab") as output:
            command = [*TIED, *COMMAND, "--port", str(self.port)]
            self.process = subprocess.Popen(command, env=self.environ, stdout=output, stderr=output)
        until = time.monotonic() + START_S
        while time.monotonic() < until and self.process.poll() is None:
            with suppress(OSError):
                if self.get("/readyz")[0] == 200:
                    return
            time.sleep(0.05)
        raise TimeoutError(self.log.read_text())

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop it; returns its exit code."""
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(START_S)

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Status and body."""
        return self._ask(urllib.request.Request(self.url + path, headers=headers))

    def post(self, path: str, token: str, body: bytes = b"{}") -> tuple[int, bytes]:
        """An API call with a bearer token."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return self._ask(urllib.request.Request(self.url + path, body, headers))

    def sends(self, path: str, cookie: str, **form: str) -> int:
        """A form from an enrolled screen; its status."""
        headers = {"Cookie": f"shopbell_device={cookie}", "Origin": self.url, "Accept": "application/json"}
        body = urllib.parse.urlencode(form).encode()
        return self._ask(urllib.request.Request(self.url + path, body, headers))[0]

    def _ask(self, request: urllib.request.Request) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()


@contextmanager
def serving(database_url: str, folder: Path, **environ: str) -> Iterator[Server]:
    """A server on a database, with further ``SHOPBELL_…`` settings; stopped at the end if it still runs."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    own = {"SHOPBELL_DATABASE_URL": database_url, "SHOPBELL_DATA": str(folder), "SHOPBELL_PUBLIC_URL": url}
    own |= {"SHOPBELL_BALLAST_MB": "0"}  # tests' folders lie in memory
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOPBELL_")}
    server = Server(url, port, folder / f"serve-{port}.log", kept | own | environ)
    try:
        server.start()
        yield server
    finally:
        if server.process and server.process.poll() is None:
            server.stop(signal.SIGKILL)


@pytest.fixture
def running_server(sqlite_url: str, tmp_path: Path) -> Iterator[Server]:
    """A server on an empty SQLite database, with the watch in it."""
    with serving(sqlite_url, tmp_path) as server:
        yield server


@dataclass
class Screen:
    """A Socket.IO client that remembers what it was told."""

    client: socketio.Client
    heard: "queue.Queue[tuple[str, Any]]" = field(default_factory=queue.Queue)

    def hears(
        self, event: str, wanted: Callable[[Any], bool] = lambda data: True, within: float = WAIT_S
    ) -> Any:
        """The next message of this kind; what came before it is passed over. TimeoutError if none comes."""
        until = time.monotonic() + within
        while (left := until - time.monotonic()) > 0:
            with suppress(queue.Empty):
                name, data = self.heard.get(timeout=left)
                if name == event and wanted(data):
                    return data
        raise TimeoutError(f"no {event} within {within} s")

    def silent(self, event: str, seconds: float) -> bool:
        """Whether nothing of this kind comes for so long."""
        with suppress(TimeoutError):
            self.hears(event, within=seconds)
            return False
        return True


@contextmanager
def screen(
    url: str, auth: Any = None, cookie: str | None = None, origin: str | None = None, **headers: str
) -> Iterator[Screen]:
    """A screen connected with ``auth`` or a device's cookie; socketio's ConnectionError if it is refused."""
    client = socketio.Client(reconnection=False, websocket_extra_options={"origin": origin or url})
    found = Screen(client)
    for event in ("change", "heartbeat", "resync", "spread"):
        client.on(event, lambda data, event=event: found.heard.put((event, data)))
    client.on("disconnect", lambda *reason: found.heard.put(("disconnect", reason)))
    told = {"Cookie": f"shopbell_device={cookie}"} if cookie else {}
    client.connect(url, headers=told | headers, auth=auth, transports=["websocket"], wait_timeout=5)
    try:
        yield found
    finally:
        client.disconnect()
