"""The small world behind a real server, with a token and a device for each kind of screen."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests import world as small
from tests.running import Server, serving

from shopbell import clock, floor, settings
from shopbell.auth import devices
from shopbell.db import engine
from shopbell.settings import CONSOLE


@dataclass
class Shop:
    """Main Street, running. Real time, as two processes share it."""

    server: Server
    world: small.World
    tokens: dict[str, str] = field(default_factory=dict)

    def joins(self, **said: Any) -> dict[str, Any]:
        """A customer, through the server."""
        body = json.dumps({"line": "repairs", "name": "Ann", "story": "My phone is dead"} | said).encode()
        status, answer = self.server.post("/api/v1/stores/main/visits", self.tokens["associate"], body)
        assert status == 201, answer
        return dict(json.loads(answer))

    def moves(self, visit: dict[str, Any], move: str, role: str = "associate") -> dict[str, Any]:
        """A move of the person behind a token, through the server."""
        status, answer = self.server.post(f"/api/v1/visits/{visit['id']}/{move}", self.tokens[role])
        assert status == 200, answer
        return dict(json.loads(answer))

    def asks_to_come_in(self, token: str) -> str:
        """What becomes of a socket, as who sends its bytes sees it; TimeoutError if nothing does."""
        lines = ["GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", f"Host: 127.0.0.1:{self.server.port}",
                 "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]  # fmt: skip
        said = b"40" + json.dumps({"token": token}).encode()
        with socket.create_connection(("127.0.0.1", self.server.port), 5) as raw:
            raw.sendall("\r\n".join(lines).encode())
            assert b" 101 " in raw.recv(4096)
            raw.sendall(bytes([0x81, 0x80 | len(said)]) + bytes(4) + said)
            heard = b""
            while (part := raw.recv(4096)) and not (b'40{"sid"' in heard + part or b"44{" in part):
                heard += part
            return "cut off" if not part else "refused" if b"44{" in part else "let in"

    def token_of(self, visit: dict[str, Any]) -> str:
        """What the customer's own link holds."""
        return str(visit["status_url"].rpartition("/")[2])

    def enrols(self, kind: str, *people: str, owner: str | None = None) -> tuple[int, str]:
        """A device, its id and cookie; ``people`` are signed in on it."""
        now = clock.now()
        with engine.begin() as connection:
            whose = self.world.ids[owner] if owner else None
            code = devices.invite(connection, self.world.store, kind, kind, whose, now)
            enrolled = devices.enrol(connection, code, now)
        assert enrolled
        device, cookie = enrolled
        for name in people:
            floor.sign_in(self.world.store, device.id, self.world.ids[name], now)
        return device.id, cookie


def open_shop(server: Server, url: str) -> Shop:
    """Fill a served database with the small world."""
    shop = Shop(server, small.make(url))
    clock.use(None)
    shop.world.now = clock.now()
    shop.world.comes("Bo")
    for role, name in (("associate", "Bo"), ("supervisor", "Dee"), ("kiosk", "Door")):
        shop.tokens[role] = settings.create_token(shop.world.store, role, name, clock.now(), CONSOLE)
    return shop


@pytest.fixture(scope="session")
def _open(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, str]]:
    folder = tmp_path_factory.mktemp("shop")
    url = f"sqlite:///{folder / 'shopbell.db'}"
    with serving(url, folder) as server:
        yield open_shop(server, url), url


@pytest.fixture
def shop(_open: tuple[Shop, str]) -> Iterator[Shop]:
    """One server for all tests, as starting one takes seconds; here it is this process's database too."""
    found, url = _open
    engine.use(url)
    clock.use(None)
    yield found
    engine.current().dispose()
