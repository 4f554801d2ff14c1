"""What is new in a store, told to its screens here: the journal from where we stand, rows as they are now."""

import contextvars
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import bindparam, func, select

from shopbell import bus, clock
from shopbell.db import engine, journal, places
from shopbell.db.tables import meta as meta_rows
from shopbell.db.tables import stores
from shopbell.domain.event import Entry
from shopbell.live import outlet, screens
from shopbell.live.envelopes import Batch
from shopbell.live.screens import room

log = structlog.get_logger()

MOST = 100  # events told one by one; a screen that is further behind reads everything anew
AT_ONCE = 5  # events told before requests get their turn again: some 20 ms
CUSTOMERS_S = 1.0
ALL_OVER = ("settings", "clock_stepped")


@dataclass
class Told:
    """How far this process has told a store. The lock keeps two tellers from mixing their order; ``more``
    has the one who tells now read on, so that nobody waits for him."""

    slug: str
    epoch: str
    seq: int
    lock: Any = field(default_factory=threading.Lock)
    more: bool = False
    soon: bool = False
    team: str = ""
    customers_at: float = 0.0
    customers_soon: bool = False


_told: dict[int, Told] = {}


def tell(store_id: int) -> None:
    """After a commit: tell the screens of this store what is new, here and in every other process."""
    bus.publish(store_id, {})
    told = _told.get(store_id)
    if told is not None and not told.soon:
        told.soon = True
        outlet.current().soon(_tell, store_id, told)


def _tell(store_id: int, told: Told) -> None:
    # After the answer of the one who made the news; what others have changed meanwhile is told with it.
    told.soon = False
    catch_up(store_id)


def begin(store_id: int) -> Told:
    """Tell this store from now on, as it has a screen here. What was before, the screen has read itself."""
    if store_id not in _told:
        bus.subscribe(store_id)
        _told.setdefault(store_id, Told(*_where(store_id)))
    return _told[store_id]


def end(store_id: int) -> None:
    """Stop telling a store whose last screen here has gone."""
    if _told.pop(store_id, None):
        bus.unsubscribe(store_id)


def told_up_to() -> dict[int, int]:
    """The last event told to the screens here, by store."""
    return {store_id: told.seq for store_id, told in list(_told.items())}


def catch_up(store_id: int) -> None:
    """Tell what is new since the last time. A fault here never reaches the one who made the news."""
    told = _told.get(store_id)
    if told is None:
        return
    told.more = True
    while told.more and told.lock.acquire(blocking=False):
        try:
            told.more = False
            # A context of its own: a Turkish customer's request must not render the row in Turkish for staff.
            contextvars.Context().run(_catch_up, store_id, told)
        except Exception:
            log.exception("tell_failed", store=store_id)
            resync(store_id, told)
        finally:
            told.lock.release()


def resync(store_id: int, told: Told) -> None:
    """Have every screen of the store read anew, and go on from here."""
    told.slug, told.epoch, told.seq = _where(store_id)
    for audience in screens.AUDIENCES[:-1]:
        outlet.emit("resync", {"store": told.slug}, room(store_id, audience))
    _tell_customers(store_id, told)


def look(store_ids: Collection[int]) -> None:
    """Find out by one query for all these stores which of them have gone on unheard, and tell that.

    A restored database begins another epoch: the screens see it in the heartbeat and read anew.
    """
    known = {store_id: begin(store_id) for store_id in store_ids}
    before = {store_id: told.seq for store_id, told in known.items()}
    for store_id, slug, seq, epoch in _found(known):
        told = known[store_id]
        if epoch != told.epoch or seq < before[store_id]:
            told.slug, told.epoch, told.seq = slug, epoch, seq
        elif seq > told.seq:
            catch_up(store_id)


_EPOCH = select(meta_rows.c.value).where(meta_rows.c.key == "epoch").scalar_subquery()
_STORES = select(stores.c.id, stores.c.slug, stores.c.seq, func.coalesce(_EPOCH, "")).where(
    stores.c.id.in_(bindparam("ids", expanding=True))
)


def _found(store_ids: Collection[int]) -> Sequence[Any]:
    with engine.singly() as connection:
        return connection.execute(_STORES, {"ids": list(store_ids)}).all() if store_ids else []


def _where(store_id: int) -> tuple[str, str, int]:
    [(_, slug, seq, epoch)] = _found([store_id])
    return slug, epoch, seq


def _catch_up(store_id: int, told: Told) -> None:
    entries = _send_some(store_id, told)
    if len(entries) > MOST or any(entry.type in ALL_OVER for entry in entries):
        resync(store_id, told)  # after settings too: lines, names and thresholds are all over the page
    elif len(entries) > AT_ONCE:
        told.more = True
        outlet.current().socketio.sleep(0)
    if entries:
        _tell_customers(store_id, told)


def _send_some(store_id: int, told: Told) -> list[Entry]:
    """Tell the first of what is new, in one snapshot; returns all that is new, even if too much to tell."""
    with engine.read() as connection:
        entries = journal.since(connection, store_id, told.seq, MOST + 1)
        if 0 < len(entries) <= MOST:
            store = places.store(connection, store_id)
            batch = Batch(connection, store, told.epoch, entries[:AT_ONCE], clock.now())
            with outlet.current().around():
                told.team = batch.send(told.team)
            told.seq = batch.entries[-1].seq
    return entries


def _tell_customers(store_id: int, told: Told) -> None:
    """Status pages get a bare number, at most once a second; whatever comes in between is in the next one."""
    if told.customers_soon or not screens.of_store(store_id, "customers"):
        return
    told.customers_soon = True
    outlet.current().socketio.start_background_task(_customers, store_id, told)


def _customers(store_id: int, told: Told) -> None:
    outlet.current().socketio.sleep(max(0.0, told.customers_at + CUSTOMERS_S - time.monotonic()))
    told.customers_at, told.customers_soon = time.monotonic(), False
    outlet.emit("change", {"seq": told.seq}, room(store_id, "customers"))
