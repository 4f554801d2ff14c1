"""A real Caddy with the file that we ship, on ports of its own and with its own authority."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.services import TIED, free_port

CADDY = Path(sys.executable).with_name("caddy")
CADDYFILE = Path(__file__).parents[2] / "deploy/proxy/Caddyfile"
PATIENCE_S = 30


@contextmanager
def proxy(folder: Path, port: int, web: str, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """In front of these web processes; yields its address, which this process believes from then on."""
    told = {"SHOPBELL_SITE": "localhost", "SHOPBELL_WEB": web, "SHOPBELL_HTTPS_PORT": str(port)}
    own = {name: str(folder / name) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME")}
    # Its door for administrators must not be the one of a Caddy that runs on this machine.
    told |= {"SHOPBELL_HTTP_PORT": str(free_port()), "CADDY_ADMIN": f"127.0.0.1:{free_port()}"} | own
    with (folder / "caddy.log").open("wb") as log:
        command = [*TIED, CADDY, "run", "--config", CADDYFILE, "--adapter", "caddyfile"]
        child = subprocess.Popen(command, env={**os.environ, **told}, stdout=log, stderr=log)
    try:
        authority = folder / "XDG_DATA_HOME/caddy/pki/authorities/local/root.crt"
        for name in ("SSL_CERT_FILE", "WEBSOCKET_CLIENT_CA_BUNDLE"):
            patch.setenv(name, str(authority))
        url = f"https://localhost:{port}"
        end = time.monotonic() + PATIENCE_S
        while not _answers(f"{url}/readyz"):
            assert time.monotonic() < end and child.poll() is None, (folder / "caddy.log").read_text()
            time.sleep(0.05)
        yield url
    finally:
        child.terminate()
        child.wait(PATIENCE_S)


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(url, timeout=5) as answer:
        return bool(answer.status == 200)
    return False
