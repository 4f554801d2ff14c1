"""`shopbell serve --demo` in a process of its own, as people start it."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import COMMAND, Server
from tests.services import TIED, free_port


@contextmanager
def serving_demo(folder: Path, *words: str) -> Iterator[tuple[Server, float]]:
    """A demo in this folder, and the seconds from the command until a board answers; stopped at the end."""
    port = free_port()
    url, kept = f"http://127.0.0.1:{port}", {k: v for k, v in os.environ.items() if "SHOPBELL" not in k}
    server = Server(url, port, folder / "demo.log", kept | {"SHOPBELL_PUBLIC_URL": url})
    command = [*TIED, *COMMAND, "--demo", "--port", str(port), "--data", str(folder), *words]
    began = time.monotonic()
    with server.log.open("wb") as output:
        server.process = subprocess.Popen(command, env=server.environ, stdout=output, stderr=output)
    try:
        _wait(server, began)
        yield server, time.monotonic() - began
    finally:
        if server.process.poll() is None:
            server.stop()


def _wait(server: Server, began: float) -> None:
    while time.monotonic() - began < 60:
        try:
            if server.get("/readyz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
        if server.process and server.process.poll() is not None:
            break
    raise TimeoutError(server.log.read_text())
