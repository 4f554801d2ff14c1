"""Stopping and starting again, what monitors see, and what the output holds."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.live.conftest import Shop
from tests.running import screen

from shopbell.db import engine


def test_it_stops_cleanly_and_comes_back_where_it_was(shop: Shop) -> None:
    server = shop.server
    ann = shop.joins()
    token = {"token": shop.tokens["associate"]}
    with screen(server.url, token) as bo, screen(server.url, {"visit": shop.token_of(ann)}) as page:
        before = bo.hears("heartbeat")
        assert server.stop() == 0
        bo.hears("disconnect")
        page.hears("disconnect")
    said = server.log.read_text()
    assert "Traceback" not in said
    assert "graceful timeout" not in said  # open sockets were closed, not waited for
    server.start()
    with screen(server.url, token) as bo:
        after = bo.hears("heartbeat")
    assert after["epoch"] == before["epoch"]
    # Nothing is lost and nothing happened, but that the watch may have looked at the forecasts meanwhile.
    _, answer = server.get(
        f"/api/v1/stores/main/events?since={before['seq']}",
        Authorization=f"Bearer {shop.tokens['associate']}",
    )
    assert {event["type"] for event in json.loads(answer)["events"]} <= {"estimated", "delayed", "predicted"}


def test_a_screen_that_cannot_be_let_in_is_cut_off_and_not_left_waiting(shop: Shop) -> None:
    """Or it would wait for an answer for ever, connected to nothing."""
    token = {"token": shop.tokens["associate"]}
    with screen(shop.server.url, token) as bystander:
        with away("tokens"):
            assert shop.asks_to_come_in(shop.tokens["associate"]) == "cut off"
        assert shop.asks_to_come_in("guessed") == "refused"
        assert shop.asks_to_come_in(shop.tokens["associate"]) == "let in"
        assert bystander.silent("disconnect", 0.2)


@contextmanager
def away(table: str) -> Iterator[None]:
    """A database of which a part cannot be read for a while."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {table}_away RENAME TO {table}")


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
    until = time.monotonic() + 10
    while shop.server.get("/healthz") != (200, b"ok\n"):
        assert time.monotonic() < until
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
