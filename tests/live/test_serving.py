"""Stopping and starting again, what monitors see, and what the output holds."""

import time
from pathlib import Path

from tests.live.conftest import Shop, open_shop
from tests.running import screen, serving


def test_it_stops_at_once_and_comes_back_where_it_was(sqlite_url: str, tmp_path: Path) -> None:
    with serving(sqlite_url, tmp_path) as server:
        shop = open_shop(server, sqlite_url)
        ann = shop.joins()
        token = {"token": shop.tokens["associate"]}
        with screen(server.url, token) as bo, screen(server.url, {"visit": shop.token_of(ann)}) as page:
            before = bo.hears("heartbeat")
            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < 4
            bo.hears("disconnect")
            page.hears("disconnect")
        assert "Traceback" not in server.log.read_text()
        server.start()
        with screen(server.url, token) as bo:
            after = bo.hears("heartbeat")
        assert (after["epoch"], after["seq"]) == (before["epoch"], before["seq"])
        assert server.get("/healthz")[0] == 200


def test_its_output_names_nobody(shop: Shop) -> None:
    ann = shop.joins(name="Planted Name", story="Planted Story", phone="+15550100")
    token = shop.token_of(ann)
    shop.server.get(f"/v/{token}?q=Planted+Query")
    shop.server.get("/v/planted-token")
    with screen(shop.server.url, {"visit": token}):
        shop.moves(ann, "claim")
    said = shop.server.log.read_text()
    for secret in ("Planted", "5550100", token, "planted-token", shop.tokens["associate"]):
        assert secret not in said


def test_monitors_are_answered_without_a_token(shop: Shop) -> None:
    shop.joins()
    assert shop.server.get("/healthz") == (200, b"ok\n")
    assert shop.server.get("/readyz") == (200, b"ok\n")
    status, said = shop.server.get("/metrics")
    assert status == 200
    for line in (
        'shopbell_waiting{line="repairs",store="main"}',
        'shopbell_longest_wait_seconds{store="main"}',
        'shopbell_events_total{store="main"}',
        "shopbell_watch_age_seconds",
    ):
        assert line in said.decode()
    assert "Ann" not in said.decode()
