"""The shop of the bench: one store, ten people, twenty tablets, a kiosk, and the server in front of it."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests import world as small
from tests.bench.tablets import Tablets, tablets
from tests.bench.taps import Answer, Clients, request
from tests.services import TIED, free_port

from shopbell import clock, floor, settings
from shopbell.auth import devices
from shopbell.db import engine
from shopbell.settings import CONSOLE

PEOPLE, TABLETS = 10, 20
START_S = 60.0
STORY = "My phone does not charge any more, the plug is loose"


@dataclass
class Shop:
    """A running shop and the ways in which it is asked."""

    port: int
    clients: Clients
    cookies: list[str] = field(default_factory=list)  # of the tablets; two for each person
    tokens: list[str] = field(default_factory=list)  # one for each person
    kiosk: str = ""
    screens: Tablets | None = None
    worker: int = 0

    def cpu_s(self) -> float:
        """CPU seconds that the server's worker has used, to the nanosecond."""
        return time.clock_gettime(~self.worker << 3 | 2)  # as clock_getcpuclockid(3) makes it for a process

    def join_at_kiosk(self) -> bytes:
        form = "line=repairs&language=en"
        return request("POST", "/kiosk/join", form, **self._form(), Cookie=f"shopbell_device={self.kiosk}")

    def join_by_api(self) -> bytes:
        body = f'{{"line": "repairs", "name": "Ida", "story": "{STORY}"}}'
        return self._api("POST", "/stores/main/visits", 0, body)

    def claim_on_tablet(self, visit: int, person: int) -> bytes:
        cookie = f"shopbell_device={self.cookies[person]}"
        path = f"/board/visits/{visit}/claim"
        return request("POST", path, "", **self._form(), Cookie=cookie, Accept="application/json")

    def claim_by_api(self, visit: int, person: int) -> bytes:
        return self._api("POST", f"/visits/{visit}/claim", person, "{}")

    def waiting(self) -> list[int]:
        """The ids of everyone on the list."""
        listed = self.clients.one(self._api("GET", "/stores/main/visits", 0)).json()
        return [int(visit["id"]) for visit in listed["visits"]]

    def clear(self) -> None:
        """Everyone leaves the list."""
        self.clients.all([self._api("POST", f"/visits/{visit}/leave", 0, "{}") for visit in self.waiting()])

    def ask(self, path: str) -> Answer:
        return self.clients.one(request("GET", path))

    def _api(self, method: str, path: str, person: int, body: str = "") -> bytes:
        headers = {"Authorization": f"Bearer {self.tokens[person]}", "Content-Type": "application/json"}
        return request(method, f"/api/v1{path}", body, **headers)

    def _form(self) -> dict[str, str]:
        return {"Content_Type": "application/x-www-form-urlencoded", "Origin": "http://bench"}


@contextmanager
def open_shop(folder: str) -> Iterator[Shop]:
    """The shop on a database in a new folder under ``folder``, closed and gone at the end."""
    with tempfile.TemporaryDirectory(prefix="shopbell-bench-", dir=folder) as data:
        shop = _furnish(f"sqlite:///{data}/shopbell.db")
        with _serving(Path(data), shop), tablets(shop.port, shop.cookies) as shop.screens:
            yield shop


def _furnish(url: str) -> Shop:
    world, port = small.make(url), free_port()
    shop, now = Shop(port, Clients(port)), clock.now()
    for number in range(PEOPLE):
        name = f"Person {number}"
        world.ids[name] = settings.add_person(world.store, name, now, CONSOLE, role="associate")
        shop.tokens.append(settings.create_token(world.store, "associate", name, now, CONSOLE))
    for number in range(TABLETS):
        shop.cookies.append(_enrol(world, "tablet", f"Person {number % PEOPLE}"))
    shop.kiosk = _enrol(world, "kiosk")
    engine.current().dispose()
    return shop


def _enrol(world: small.World, kind: str, *people: str) -> str:
    now = clock.now()
    with engine.begin() as connection:
        code = devices.invite(connection, world.store, kind, kind, None, now)
        enrolled = devices.enrol(connection, code, now)
    assert enrolled
    device, cookie = enrolled
    for name in people:
        floor.sign_in(world.store, device.id, world.ids[name], now)
    return cookie


@contextmanager
def _serving(data: Path, shop: Shop) -> Iterator[None]:
    url = f"http://127.0.0.1:{shop.port}"
    own = {"SHOPBELL_DATA": str(data), "SHOPBELL_PUBLIC_URL": url, "PORT": str(shop.port)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOPBELL_")}
    command, log = [*TIED, sys.executable, "-m", "tests.bench.serve"], data / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=kept | own, stdout=output, stderr=output)
    try:
        _wait(shop, log)
        yield
    finally:
        process.terminate()
        process.wait()


def _wait(shop: Shop, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with suppress(OSError):
            shop.worker = int(shop.ask("/bare/pid").body)
            return
        time.sleep(0.05)
    raise TimeoutError(f"the server did not start: {log.read_text()}")
