"""A new version comes to a chain, process by process, while customers join: each of them is answered."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.live.conftest import open_shop
from tests.operation.conftest import joining
from tests.operation.proxying import proxy
from tests.running import Server, screen, serving
from tests.services import free_port

from shopbell.db import engine
from shopbell.db.tables import visits

RATE = 6


def test_no_join_is_lost_while_two_web_processes_start_anew(
    postgresql_url: str, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        port = free_port()
        told = {"SHOPBELL_BUS_URL": valkey_url, "SHOPBELL_PROXIES": "127.0.0.1", "SHOPBELL_WATCH": "0"}
        told |= {"SHOPBELL_PUBLIC_URL": f"https://localhost:{port}"}
        webs = [stack.enter_context(serving(postgresql_url, tmp_path, **told)) for _ in range(2)]
        shop = open_shop(webs[0], postgresql_url)
        behind = " ".join(f"127.0.0.1:{web.port}" for web in webs)
        shop.server = Server(
            stack.enter_context(proxy(tmp_path, port, behind, monkeypatch)), port, tmp_path, {}
        )
        with joining(shop, RATE) as stream:
            stream.reaches(8)
            for web in webs:
                assert web.stop() == 0
                stream.reaches(len(stream.acknowledged) + 8)
                web.start()
                stream.reaches(len(stream.acknowledged) + 8)
        assert (stream.lost, stream.refused) == ([], 0)
        with engine.read() as connection:
            there = set(connection.scalars(select(visits.c.id)))
        assert there == {visit for _, visit in stream.acknowledged}
        with screen(shop.server.url, {"token": shop.tokens["associate"]}) as bo:
            assert bo.hears("heartbeat")["store"] == "main"
        assert shop.server.get("/metrics")[0] == 404 and webs[0].get("/metrics")[0] == 200
    engine.current().dispose()
