"""Faults around it: the database is away for a minute; a channel hangs, drips or floods."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from tests.chaos import chain
from tests.chaos.nasty import nasty
from tests.chaos.receiver import Receiver, receiving
from tests.chaos.running import watching
from tests.chaos.scale import of
from tests.conftest import FIGURE
from tests.services import new_database, running_postgresql
from tests.world import KIOSK

from shopbell import clock, floor, settings
from shopbell.db import engine
from shopbell.notify.outbox import FEW
from shopbell.settings import CONSOLE

AWAY_S = of(60.0, 6.0)
LATE_S = of(10.0, 30.0)  # the small run may share its cores with many others
MANY = 12


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def family(pid: int) -> list[int]:
    """A process and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def tell(pids: list[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def test_while_postgresql_is_away_nothing_is_lost(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """First it stands still; then it drops everyone's connection, as a restart does."""
    with (
        running_postgresql() as folder,
        new_database(folder) as url,
        receiving(Receiver()) as receiver,
    ):
        stores = chain.open_chain(url, receiver, 4, clock.now())
        with watching(url, tmp_path, 1):
            expected = chain.fall_due(stores, 30, clock.now(), AWAY_S + 4)
            assert chain.until(lambda: receiver.count() > 2, 60)
            pids = family(postmaster(folder))
            tell(pids, signal.SIGSTOP)
            time.sleep(AWAY_S)
            back = time.monotonic()
            tell(pids, signal.SIGCONT)
            with engine.begin() as connection:
                connection.execute(text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                ))  # fmt: skip
            assert chain.until(lambda: receiver.since(back), LATE_S)
            again_s = receiver.since(back)[0].at - back
            assert chain.until(lambda: receiver.opened() >= expected, 60)
            assert receiver.opened() == expected
            assert len({got.id for got in receiver.got}) == len(expected)
            assert receiver.copies().total() <= FEW * 4  # only what was under way
        engine.current().dispose()
    record_property(
        FIGURE,
        f"PostgreSQL away for {AWAY_S:.0f} s: {len(expected)} alerts, 0 lost, "
        f"{receiver.copies().total()} copies, work again after {again_s:.1f} s",
    )


def test_a_channel_that_hangs_drips_or_floods_delays_no_other_store(
    sqlite_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with receiving(Receiver()) as receiver, nasty() as bad:
        stores = chain.open_chain(sqlite_url, receiver, 4, clock.now())
        for store, path in zip(stores[1:], ("hang", "drip", "flood"), strict=True):
            settings.add_channel(store, bad.url(path), clock.now(), CONSOLE, allow_private=True)
        with watching(sqlite_url, tmp_path, 1) as watches:
            now = clock.now()
            for store in stores[1:]:
                for _ in range(MANY):
                    floor.join(store, "repairs", KIOSK, now - timedelta(minutes=10), source="kiosk")
            assert chain.until(lambda: bad.came["hang"] and bad.came["drip"] and bad.came["flood"], 60)
            # While it holds what it can, another store's customers cross their threshold one by one.
            count = of(60, 8)
            begin = clock.now() + timedelta(seconds=1)
            due = time.monotonic() + 1
            expected = chain.fall_due(stores[:1], count, begin, of(60.0, 6.0))
            assert chain.until(lambda: receiver.opened() >= expected, of(60.0, 6.0) + LATE_S)
            at = [got.at for got in receiver.got if (got.visit, got.path) in expected]
            late = [got - due - n * of(60.0, 6.0) / count for n, got in enumerate(sorted(at))]
            assert max(late) < of(3.0, 8.0) and min(late) > -0.1
            assert bad.most["hang"] <= FEW and bad.most["drip"] <= FEW
            rss_mb = _rss_mb(watches.processes[0].pid)
            assert rss_mb < 300
        engine.current().dispose()
    record_property(
        FIGURE,
        f"one channel hangs, one drips, one answers with 1 GB: another store's {count} alerts at most "
        f"{max(late):.1f} s late; the hanging ones hold {bad.most['hang']} and {bad.most['drip']} senders "
        f"at once; {rss_mb:.0f} MB",
    )


def _rss_mb(pid: int) -> float:
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in line]
    return int(line.split()[1]) / 1024
