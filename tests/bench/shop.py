"""The shops of the bench: each with ten people, twenty tablets and a kiosk, and the one server of all."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe

from tests.bench.tablets import Tablets, tablets
from tests.bench.taps import Answer, Clients, request
from tests.services import TIED, free_port, new_database, running_postgresql, running_valkey

from shopbell import clock, floor, settings
from shopbell.auth import devices
from shopbell.db import engine, migrate
from shopbell.settings import CONSOLE

PEOPLE, TABLETS = 10, 20
START_S = 60.0
STORY = "My phone does not charge any more, the plug is loose"


@dataclass
class Shop:
    """A running shop and the ways in which it is asked."""

    slug: str
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
        form = f"line=repairs&key={token_urlsafe(16)}"  # as its page makes one for each
        return request("POST", "/kiosk/join", form, **self._form(), Cookie=f"shopbell_device={self.kiosk}")

    def join_by_api(self) -> bytes:
        body = f'{{"line": "repairs", "name": "Ida", "story": "{STORY}"}}'
        return self._api("POST", f"/stores/{self.slug}/visits", 0, body)

    def claim_on_tablet(self, visit: int, person: int) -> bytes:
        cookie = f"shopbell_device={self.cookies[person]}"
        path = f"/board/visits/{visit}/claim"
        return request("POST", path, "", **self._form(), Cookie=cookie, Accept="application/json")

    def claim_by_api(self, visit: int, person: int) -> bytes:
        return self._api("POST", f"/visits/{visit}/claim", person, "{}")

    def waiting(self) -> list[int]:
        """The ids of everyone on the list."""
        listed = self.clients.one(self._api("GET", f"/stores/{self.slug}/visits", 0)).json()
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
        upgrade(url := f"sqlite:///{data}/shopbell.db")
        shop = _furnish("main", free_port())
        with _serving(Path(data), url, [shop]), tablets(shop.port, shop.cookies) as shop.screens:
            yield shop


@contextmanager
def open_chain(stores: int) -> Iterator[list[Shop]]:
    """So many shops behind one worker on PostgreSQL, which really writes, and Valkey; the watch in it too."""
    with (
        tempfile.TemporaryDirectory(prefix="shopbell-bench-") as data,
        running_postgresql("fsync=on") as postgresql,
        running_valkey(free_port()) as bus_url,
        new_database(postgresql) as url,
    ):
        upgrade(url)
        port = free_port()
        shops = [_furnish(f"store-{number}", port) for number in range(stores)]
        cookies = [cookie for shop in shops for cookie in shop.cookies]
        more = {"SHOPBELL_BUS_URL": bus_url}
        with _serving(Path(data), url, shops, **more), tablets(port, cookies) as screens:
            for shop in shops:
                shop.screens = screens
            yield shops


def upgrade(url: str) -> None:
    """An empty database, and the process's own from now on."""
    engine.use(url)
    migrate.upgrade(url)


def _furnish(slug: str, port: int) -> Shop:
    now = clock.now()
    shop = Shop(slug, port, Clients(port))
    store = settings.add_store(slug, slug, now, CONSOLE, line_names=["Repairs"])
    people = {}
    for number in range(PEOPLE):
        name = f"Person {number} of {slug}"
        people[number] = settings.add_person(store, name, now, CONSOLE, role="associate")
        shop.tokens.append(settings.create_token(store, "associate", name, now, CONSOLE))
    for number in range(TABLETS):
        shop.cookies.append(_enrol(store, "tablet", people[number % PEOPLE]))
    shop.kiosk = _enrol(store, "kiosk")
    return shop


def _enrol(store: int, kind: str, *people: int) -> str:
    now = clock.now()
    with engine.begin() as connection:
        code = devices.invite(connection, store, kind, kind, None, now)
        enrolled = devices.enrol(connection, code, now)
    assert enrolled
    device, cookie = enrolled
    for person in people:
        floor.sign_in(store, device.id, person, now)
    return cookie


@contextmanager
def _serving(data: Path, url: str, shops: list[Shop], **more: str) -> Iterator[None]:
    engine.current().dispose()
    port = shops[0].port
    own = {"SHOPBELL_DATA": str(data), "SHOPBELL_PUBLIC_URL": f"http://127.0.0.1:{port}", "PORT": str(port)}
    own |= {"SHOPBELL_DATABASE_URL": url, **more}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOPBELL_")}
    command, log = [*TIED, sys.executable, "-m", "tests.bench.serve"], data / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=kept | own, stdout=output, stderr=output)
    try:
        worker = _worker(shops[0], log)
        for shop in shops:
            shop.worker = worker
        yield
    finally:
        process.terminate()
        process.wait()


def _worker(shop: Shop, log: Path) -> int:
    """The process that answers, once it does."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with suppress(OSError):
            return int(shop.ask("/bare/pid").body)
        time.sleep(0.05)
    raise TimeoutError(f"the server did not start: {log.read_text()}")
