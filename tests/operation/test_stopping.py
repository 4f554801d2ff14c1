"""Stopping loses nobody: whoever was let in is answered, and who was answered is on the list."""

import json
import signal
import threading
import time

from sqlalchemy import select
from tests.live.conftest import Shop
from tests.operation.conftest import joining

from shopbell.db import engine
from shopbell.db.tables import visits


def test_a_restart_under_load_loses_no_join(shop: Shop) -> None:
    per_s = 100.0
    with joining(shop, per_s) as stream:
        for _ in range(2):
            stream.reaches(len(stream.acknowledged) + per_s)
            assert shop.server.stop(signal.SIGTERM) == 0
            shop.server.start()  # on the same port
        stream.reaches(len(stream.acknowledged) + per_s)
    assert stream.lost == []  # neither a 5xx nor a connection that was cut
    assert stream.refused > 0  # the clients did knock while nobody was there
    with engine.read() as connection:
        kept = set(connection.scalars(select(visits.c.id)))
    acknowledged = [visit for _, visit in stream.acknowledged]
    assert set(acknowledged) == kept and len(acknowledged) == len(kept)
    said = shop.server.log.read_text()
    assert "Traceback" not in said and "graceful timeout" not in said


def test_who_waits_for_news_is_answered_at_once(shop: Shop) -> None:
    answers: list[tuple[int, bytes]] = []
    _, said = shop.server.get("/api/v1/stores/main", Authorization=f"Bearer {shop.tokens['associate']}")
    path = f"/api/v1/stores/main/events?since={json.loads(said)['seq']}&wait=7"

    def wait() -> None:
        answers.append(shop.server.get(path, Authorization=f"Bearer {shop.tokens['associate']}"))

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(1)
    began = time.monotonic()
    assert shop.server.stop(signal.SIGTERM) == 0
    waiting.join()
    assert [status for status, _ in answers] == [200] and time.monotonic() - began < 5
