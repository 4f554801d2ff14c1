"""A new version comes to a chain, process by process, while customers join: each of them is answered."""

from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from socketio.exceptions import ConnectionError
from sqlalchemy import select
from tests.live.conftest import Shop, open_shop
from tests.operation.conftest import joining
from tests.operation.proxying import proxy
from tests.running import Server, screen, serving
from tests.services import free_port

from shopbell.db import engine
from shopbell.db.tables import visits

RATE = 6

pytestmark = pytest.mark.timeout(300)  # three servers start, one after the other


def test_no_join_is_lost_while_two_web_processes_start_anew(
    postgresql_url: str, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        port = free_port()
        told = {"SHOPBELL_BUS_URL": valkey_url, "SHOPBELL_PROXIES": "127.0.0.1", "SHOPBELL_WATCH": "0"}
        told |= {"SHOPBELL_PUBLIC_URL": f"https://localhost:{port}"}
        former = stack.enter_context(serving(postgresql_url, tmp_path, **told))
        shop = open_shop(former, postgresql_url)
        latter = replace(former, port=free_port(), log=tmp_path / "latter.log", process=None)
        latter.url = f"http://127.0.0.1:{latter.port}"
        stack.callback(lambda: latter.stop() if latter.process and latter.process.poll() is None else None)
        behind = f"127.0.0.1:{former.port} 127.0.0.1:{latter.port}"
        address = stack.enter_context(proxy(tmp_path, port, behind, monkeypatch))
        shop.server = Server(address, port, tmp_path, {})
        with joining(shop, RATE) as stream:
            for comes, goes in ((latter, former), (former, latter)):
                stream.reaches(len(stream.acknowledged) + 8)
                comes.start()
                stream.reaches(len(stream.acknowledged) + 8)  # both of them serve
                assert goes.stop() == 0
            stream.reaches(len(stream.acknowledged) + 8)
        assert (stream.lost, stream.refused) == ([], 0)
        with engine.read() as connection:
            there = set(connection.scalars(select(visits.c.id)))
        assert there == {visit for _, visit in stream.acknowledged}
        assert heard(shop) == "main"
        assert shop.server.get("/metrics")[0] == 404 and former.get("/metrics")[0] == 200
    engine.current().dispose()


def heard(shop: Shop) -> str | None:
    """Which store a board hears of, through the proxy; like a board it may try again."""
    for _ in range(6):
        with suppress(ConnectionError), screen(shop.server.url, {"token": shop.tokens["associate"]}) as bo:
            return str(bo.hears("heartbeat")["store"])
    return None
