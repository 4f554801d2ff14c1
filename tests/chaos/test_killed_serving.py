"""kill -9 of `serve`, master and worker, on its own SQLite: no alert is lost, and none comes without need."""

import random
from collections.abc import Callable
from pathlib import Path

from tests.chaos import chain
from tests.chaos.receiver import Receiver, receiving
from tests.chaos.running import Serve
from tests.chaos.scale import of
from tests.chaos.storm import Storm
from tests.conftest import FIGURE
from tests.running import serving

from shopbell import clock
from shopbell.db import engine

# Where a kill and what follows takes EACH_S all fall due while it rages; on a fast machine two thirds do.
ALERTS, KILLS, EACH_S = of(1000, 60), of(200, 3), 2.0


def test_serve_killed_at_any_moment_loses_no_alert(
    sqlite_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with receiving(Receiver(slow_s=of(2.0, 0.5), refused=0.2, reset=0.05)) as receiver:
        stores = chain.open_chain(sqlite_url, receiver, 8, clock.now())
        storm = Storm.over(receiver, stores, ALERTS, KILLS * EACH_S)
        with serving(sqlite_url, tmp_path, SHOPBELL_ALLOW_PRIVATE_WEBHOOKS="1") as server:
            storm.rages(Serve(server).kill, KILLS, random.Random(19))
            storm.ends()
    record_property(FIGURE, storm.told("serve on SQLite"))
    engine.current().dispose()
