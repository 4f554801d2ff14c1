"""A believable morning through the door: what a store's real mix of moves costs, the clock's own included."""

import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from shopbell import clock, demo
from shopbell.db import engine
from shopbell.db.tables import events
from shopbell.simulation import MAIN_STREET, played

TODAY = datetime(2026, 11, 20, tzinfo=UTC)
DAYS = 5


def morning(folder: str) -> None:
    """The demo's first morning on a database in this folder, and whole days on paper beside it."""
    begin = time.perf_counter()
    for seed in range(DAYS):
        played(MAIN_STREET, seed, TODAY)
    paper_s = (time.perf_counter() - begin) / DAYS
    with tempfile.TemporaryDirectory(prefix="shopbell-bench-", dir=folder) as data:
        begin = time.perf_counter()
        player = demo.begin(Path(data), 1, TODAY)
        took_s = time.perf_counter() - begin
        with engine.read() as connection:
            counts = Counter(connection.scalars(select(events.c.type)))
        engine.current().dispose()
        if player.lock:
            player.lock.close()
    clock.use(None)
    moves = sum(counts.values())
    print(f"\n(e) a simulated morning of {counts['joined']} customers through the door; goal ≤ 10 s")
    print(f"{took_s:.1f} s with the store made, {moves} events, {took_s / moves * 1e3:.1f} ms each;", end=" ")
    print(f"a whole day on paper {paper_s * 1e3:.0f} ms")
