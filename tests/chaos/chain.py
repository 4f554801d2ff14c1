"""Several stores with a channel each, and customers whose alerts fall due one after another."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from tests.chaos.receiver import Receiver
from tests.world import KIOSK

from shopbell import floor, settings
from shopbell.db import engine, meta, migrate
from shopbell.db.tables import notices
from shopbell.domain import people
from shopbell.domain.rules import THRESHOLD_S
from shopbell.settings import CONSOLE

LADDER = ["10m:supervisors", "10h:managers"]  # one message each: a long run makes no second step


def open_chain(url: str, receiver: Receiver, stores: int, now: datetime) -> list[int]:
    """An empty database becomes a chain: each store has a supervisor and one channel, named by its number."""
    migrate.upgrade(url)
    return [_store(number, receiver.url(str(number)), now) for number in range(stores)]


def _store(number: int, hook: str, now: datetime) -> int:
    store_id = settings.add_store(f"store-{number}", f"Store {number}", now, CONSOLE)
    settings.add_line(store_id, "Repairs", now, CONSOLE)
    # Somebody is there, with other work: or those above would hear that nobody is, too.
    bo = settings.add_person(store_id, "Bo", now, CONSOLE, role="associate")
    floor.set_presence(store_id, bo, "task", None, now, people.staff(bo, "Bo", "associate"))
    settings.add_person(store_id, "Dee", now, CONSOLE, role="supervisor")
    settings.set_ladder(store_id, LADDER, now, CONSOLE)
    settings.add_channel(store_id, hook, now, CONSOLE, allow_private=True)
    return store_id


def fall_due(stores: list[int], count: int, begin: datetime, within_s: float) -> set[tuple[str, str]]:
    """So many customers whose alerts fall due evenly from ``begin`` on; returns (visit, path) of each."""
    expected = set()
    for n in range(count):
        number = n % len(stores)
        joined_at = begin + timedelta(seconds=n * within_s / count - THRESHOLD_S)
        visit = floor.join(stores[number], "repairs", KIOSK, joined_at, source="kiosk").visit
        expected.add((str(visit.id), str(number)))
    return expected


def under_way() -> set[str]:
    """The messages that some sender has taken and not marked, by their ids."""
    with engine.read() as connection:
        epoch = meta.kept_or(connection, "epoch")
        found = connection.scalars(select(notices.c.id).where(notices.c.state == "sending"))
        return {f"ntc_{epoch}_{id_}" for id_ in found}


def states() -> dict[str, int]:
    """How many notices are in each state."""
    with engine.read() as connection:
        found = connection.execute(select(notices.c.state, func.count()).group_by(notices.c.state))
        return {row.state: row[1] for row in found}


def until(is_so: Callable[[], object], within: float) -> bool:
    """Waits until it is so; False if it is not within so many seconds."""
    end = time.monotonic() + within
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
