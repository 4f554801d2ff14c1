"""The provider as a process of its own, and people's browsers at it."""

import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from tests.auth.provider import CLIENT, PASSWORD, SECRET
from tests.services import TIED, free_port

START_S = 60  # two cores may be shared by many tests


@dataclass
class Provider:
    """The running process."""

    issuer: str
    process: subprocess.Popen[bytes]

    def order(self, **state: str) -> None:
        """From now on it misbehaves so: ``fault`` is a name from FAULTS, DOCUMENTS or ANSWERS."""
        self._posts(f"{self.issuer}/order", state)

    def signs_in(self, address: str, who: str = "max@chain.example", password: str = PASSWORD) -> str:
        """Someone signs in at the address that Shopbell has sent his browser to; where he is sent back to."""
        with urllib.request.urlopen(address, timeout=START_S) as page:
            assert "Chain accounts" in page.read().decode()
        return self._posts(address, {"name": who, "password": password})

    def _posts(self, address: str, form: dict[str, str]) -> str:
        opener = urllib.request.build_opener(_Stay)
        try:
            with opener.open(address, urllib.parse.urlencode(form).encode(), timeout=START_S) as answer:
                return str(answer.headers.get("Location", ""))
        except urllib.error.HTTPError as answer:
            with answer:
                return str(answer.headers.get("Location", ""))

    @property
    def environ(self) -> dict[str, str]:
        """The settings by which a Shopbell knows it."""
        known = {"ISSUER": self.issuer, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET}
        return {f"SHOPBELL_OIDC_{name}": value for name, value in known.items()}


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *asked: Any) -> None:
        return None


@contextmanager
def provider(host: str = "127.0.0.1") -> Iterator[Provider]:
    """A provider on loopback; it ends with the tests."""
    port = free_port()
    command = [*TIED, sys.executable, "-m", "tests.auth.provider", host, str(port)]
    found = Provider(f"http://{host}:{port}", subprocess.Popen(command, stderr=subprocess.DEVNULL))
    try:
        _wait(found)
        yield found
    finally:
        found.process.kill()
        found.process.wait()


def _wait(found: Provider) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and found.process.poll() is None:
        with suppress(OSError):
            urllib.request.urlopen(f"{found.issuer}/keys", timeout=1).close()
            return
        time.sleep(0.05)
    raise TimeoutError("the provider does not start")
