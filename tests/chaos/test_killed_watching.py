"""Three `watch` processes on one PostgreSQL: each message once; and under kill -9 none is lost."""

import random
from collections.abc import Callable
from pathlib import Path

from tests.chaos import chain
from tests.chaos.receiver import Receiver, receiving
from tests.chaos.running import watching
from tests.chaos.scale import of
from tests.chaos.storm import Storm
from tests.conftest import FIGURE

from shopbell import clock
from shopbell.db import engine

CALM = of(500, 50)
ALERTS, KILLS, EACH_S = of(1000, 60), of(200, 3), 1.5


def test_three_watches_send_each_message_once_and_lose_none_when_killed(
    postgresql_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Both on the same processes, as starting them takes the longest."""
    with receiving(Receiver()) as receiver:
        stores = chain.open_chain(postgresql_url, receiver, 10, clock.now())
        with watching(postgresql_url, tmp_path, 3) as watches:
            calm = chain.fall_due(stores, CALM, clock.now(), of(20.0, 2.0))
            assert chain.until(lambda: receiver.opened() >= calm, 100)
            assert chain.until(lambda: chain.states() == {"delivered": CALM}, 15)
            assert receiver.opened() == calm and receiver.count() == CALM
            record_property(FIGURE, f"3 watches on PostgreSQL: {CALM} alerts, {receiver.count()} requests")

            receiver.got.clear()
            receiver.slow_s, receiver.refused, receiver.reset = of(2.0, 0.5), 0.2, 0.05
            storm = Storm.over(receiver, stores, ALERTS, KILLS * EACH_S)
            storm.rages(watches.kill, KILLS, random.Random(0))
            storm.ends()
    record_property(FIGURE, storm.told("3 watches on PostgreSQL"))
    engine.current().dispose()
