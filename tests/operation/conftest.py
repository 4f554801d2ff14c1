"""A served store that customers keep joining, by as many clients as it takes."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.live.conftest import Shop, open_shop
from tests.running import serving

from shopbell import clock
from shopbell.db import engine

CLIENTS = 8
ANSWER_S = 20.0


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Main Street, running on a database of this test's own."""
    url = f"sqlite:///{tmp_path / 'shopbell.db'}"
    with serving(url, tmp_path) as server:
        yield open_shop(server, url)
    engine.current().dispose()
    clock.use(None)


@dataclass
class Stream:
    """What became of a steady stream of joins. Each try is one connection of its own."""

    shop: Shop
    per_s: float
    acknowledged: list[tuple[float, int]] = field(default_factory=list)  # (monotonic s, visit)
    lost: list[str] = field(default_factory=list)
    refused: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def before(self, at: float) -> set[int]:
        """The visits that were acknowledged by then."""
        return {visit for answered, visit in self.acknowledged if answered <= at}

    def reaches(self, count: int) -> None:
        """Waits until so many are acknowledged."""
        until = time.monotonic() + 60
        while len(self.acknowledged) < count:
            assert time.monotonic() < until, f"only {len(self.acknowledged)} joins in a minute"
            time.sleep(0.01)

    def run(self, first: int) -> None:
        """One client: every so many seconds a join, until told to stop."""
        due = time.monotonic() + first / self.per_s
        while not self.stopped.wait(max(0.0, due - time.monotonic())):
            self._join()
            due += CLIENTS / self.per_s

    def _join(self) -> None:
        body = json.dumps({"line": "repairs", "name": "Ida", "story": "It does not start"}).encode()
        headers = {"Authorization": f"Bearer {self.shop.tokens['kiosk']}", "Content-Type": "application/json"}
        url = f"{self.shop.server.url}/api/v1/stores/main/visits"
        try:
            with urllib.request.urlopen(
                urllib.request.Request(url, body, headers), timeout=ANSWER_S
            ) as answer:
                self.acknowledged.append((time.monotonic(), int(json.loads(answer.read())["id"])))
        except (urllib.error.URLError, OSError) as error:
            if isinstance(getattr(error, "reason", None), ConnectionRefusedError):
                self.refused += 1  # nobody took it, and the client knows
            else:
                self.lost.append(repr(error))


@contextmanager
def joining(shop: Shop, per_s: float) -> Iterator[Stream]:
    """Joins at this rate while inside; afterwards all of them are answered."""
    stream = Stream(shop, per_s)
    threads = [threading.Thread(target=stream.run, args=(first,)) for first in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield stream
    finally:
        stream.stopped.set()
        for thread in threads:
            thread.join()
