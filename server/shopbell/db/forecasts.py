"""The wait estimator of each store as this process knows it: begun from the store's journal, kept up with it.

Every process that is asked has its own, and as it hears nothing but the journal they agree. One that must
answer at once begins with the last entries alone, from which ranges are wide; the watch puts the whole one in
its place. Nothing here writes: what customers are told stands in their rows.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, bindparam, select

from shopbell.db import engine, journal, meta, places, roster, visits
from shopbell.db.places import Store
from shopbell.db.tables import events, presence
from shopbell.db.tables import visits as table
from shopbell.domain.estimate import Estimator, Forecast, Journal
from shopbell.domain.event import Entry
from shopbell.domain.outlook import Outlook
from shopbell.domain.proof import NONE

QUICK = 400  # entries that whoever must answer at once begins with
DAYS, JUDGED_DAYS = timedelta(days=28), timedelta(days=7)  # what it hears of, and by what it judges itself
AT_ONCE = 100
HOLDS_S = 10.0  # as long what a line costs in time stays so, if nothing happens


class Known:
    """A store's estimator, up to event ``seq``. Whoever uses it holds ``lock``."""

    def __init__(self, connection: Connection, store: Store, seq: int) -> None:
        self.timezone, self.seq, self.lock = store.timezone, seq, threading.RLock()
        self.is_whole = seq == 0  # it has heard all of the store's past that counts
        self.heard = Journal(store.timezone, roster.skills_of(connection, store.id))
        self.estimator = Estimator()
        self._day: int | None = None
        self._lines: tuple[int, float, dict[int, Forecast]] | None = None

    def catch_up(self, connection: Connection, store: Store, now: datetime) -> None:
        """Hears what has happened since, and once a day looks at who is really there."""
        # Never beyond what is committed: what a change has written so far may yet be rolled back.
        while self.seq < store.seq:
            found = journal.since(connection, store.id, self.seq, AT_ONCE)
            new = [entry for entry in found if entry.seq <= store.seq]
            self.hear(connection, store.id, new)
            if len(new) < AT_ONCE:
                self.seq = store.seq
        if self._day != (day := self.estimator.floor.day):
            self._look(connection, store.id, self.heard.seconds(now))
            self._day = max(day, self.estimator.floor.day)

    def hear(self, connection: Connection, store_id: int, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if entry.type == "clock_stepped":
                self.estimator.shift(entry.detail["by_s"])
            elif entry.type == "settings":
                self._retrain(connection, store_id)
            elif seen := self.heard.seen(entry):
                self.estimator.observe(seen)
            self.seq = entry.seq

    def _retrain(self, connection: Connection, store_id: int) -> None:
        self.heard.train(roster.skills_of(connection, store_id))
        people = (id_ for id_ in self.estimator.floor.servers if isinstance(id_, int))
        self.estimator.train({person: self.heard.skills_of(person) for person in people})

    def _look(self, connection: Connection, store_id: int, at: float) -> None:
        """Who waits, who is helped and who is there now: the journal may begin in the middle of it, and with
        a new day an estimator believes that all have gone."""
        floor, at = self.estimator.floor, max(at, self.estimator.floor.now)
        here = connection.execute(_THERE, {"store_id": store_id}).all()
        for row in here:
            if row.person_id not in floor.servers or not floor.servers[row.person_id].is_there:
                self.estimator.observe(self.heard.there(row.person_id, row.status, row.until, at))
        rows = connection.execute(_OPEN, {"store_id": store_id}).all()
        for id_ in floor.waiting.keys() - {row.id for row in rows if row.state == "waiting"}:
            self.estimator.lets_go(id_)
        for row in rows:
            if row.state == "waiting" and row.id not in floor.waiting and row.proof != NONE:
                self._found("waits", row, at)
            elif row.state != "waiting" and not floor.holds(row.id):
                self._found("starts" if row.state == "serving" else "taken", row, at)

    def _found(self, what: str, row: Any, at: float) -> None:
        self.estimator.observe(
            self.heard.found(what, row.id, row.line_id, row.waiting_since, row.holder_id, at)
        )

    # --- what it says -----------------------------------------------------------------------

    def waiting(self, now: datetime) -> dict[Any, Forecast]:
        """The forecast of everyone who waits, by visit; who is missing has nobody who could help her."""
        with self.lock:
            return self.estimator.forecasts(self._seconds(now))

    def can_help(self, now: datetime) -> bool:
        """Whether anybody there can help, now or later; if not, nobody has a forecast."""
        with self.lock:
            return self.estimator.can_help(self._seconds(now))

    def lines(self, line_ids: Iterable[int], now: datetime) -> Mapping[int, Forecast]:
        """What one would wait who joined now, by line. The same for some seconds, if nothing happens."""
        with self.lock:
            at = self._seconds(now)
            if (held := self._held(at)) is None:
                found = self.estimator.expect_all([str(line_id) for line_id in line_ids], at)
                held = {int(kind): forecast for kind, forecast in found.items() if forecast}
                self._lines = self.seq, at, held
            return held

    def _held(self, at: float) -> dict[int, Forecast] | None:
        fits = self._lines and self._lines[0] == self.seq and 0 <= at - self._lines[1] < HOLDS_S
        return self._lines[2] if self._lines and fits else None

    def joining(self, line_id: int, now: datetime) -> Forecast | None:
        """The same for one line: what whoever joins it now is told is what its card said."""
        with self.lock:
            at = self._seconds(now)
            held = self._held(at)
            return self.estimator.expect(str(line_id), at) if held is None else held.get(line_id)

    def of(self, visit: Outlook, now: datetime) -> Forecast | None:
        """The forecast of one who waits."""
        if visit.id in self.estimator.floor.waiting:
            return self.waiting(now).get(visit.id)
        return self.back(visit.line_id, visit.waiting_since, visit.priority is not None, now)

    def back(self, line_id: int, since: datetime, priority: bool, now: datetime) -> Forecast | None:
        """What is left for one who comes back on the list, having waited since then."""
        with self.lock:
            at, began = self._seconds(now), self.heard.seconds(since)
            return self.estimator.expect(str(line_id), at, began, int(priority))

    def with_one_more(self, line_id: int, now: datetime) -> dict[Any, Forecast]:
        """Everyone's forecast if one more came now who helps with this line."""
        with self.lock:
            return self.estimator.with_one_more(str(line_id), self._seconds(now))

    def asks_after(self, line_id: int) -> timedelta:
        """How long a service goes on before somebody asks whether it still does."""
        return timedelta(seconds=self.estimator.asks_after_s(str(line_id)))

    def usual(self, line_id: int) -> timedelta:
        """How long four services of five take at most."""
        return timedelta(seconds=self.estimator.floor.learned.service(str(line_id)).quantile(0.8))

    def _seconds(self, now: datetime) -> float:
        return max(self.heard.seconds(now), self.estimator.floor.now)


_THERE = select(presence.c.person_id, presence.c.status, presence.c.until).where(
    presence.c.store_id == bindparam("store_id"), presence.c.status != "off"
)
_OPEN = (
    select(*table.c["id", "line_id", "state", "waiting_since", "holder_id", "proof"])
    .where(table.c.store_id == bindparam("store_id"), visits.is_open)
    .order_by(table.c.waiting_since, table.c.id)
)

_known: WeakKeyDictionary[Engine, dict[int, Known]] = WeakKeyDictionary()
_growing: WeakKeyDictionary[Engine, dict[int, "_Growing"]] = WeakKeyDictionary()
_epochs: WeakKeyDictionary[Engine, str] = WeakKeyDictionary()


def of(connection: Connection, store: Store, now: datetime) -> Known:
    """The store's estimator, as of the events that this connection sees (another may have seen more)."""
    stores = _known.setdefault(engine.current(), {})
    known = stores.get(store.id)
    if known is None or known.timezone != store.timezone:
        known = stores[store.id] = Known(connection, store, max(0, store.seq - QUICK))
    with known.lock:
        known.catch_up(connection, store, now)
    return known


def may_tell(store_id: int, seq: int, now: datetime) -> bool:
    """Whether anybody in a store may have a forecast, as of its ``seq``: not if nobody there can help, as far
    as this process knows without a look at the database."""
    known = _known.get(engine.current(), {}).get(store_id)
    try:
        return known is None or known.seq != seq or known.can_help(now)
    except Exception:
        return True  # whoever looks closer finds what is wrong there, and the other stores are not held up


def learn(connection: Connection, now: datetime, seconds: float) -> None:
    """Hears a little of the past of one of the stores that this process has been asked about."""
    found = _known.get(engine.current(), {})
    if unheard := [store_id for store_id, known in found.items() if not known.is_whole]:
        grow(connection, places.store(connection, unheard[0]), now, seconds)


def check_epoch(connection: Connection) -> None:
    """Forgets everything if the database has been restored: its events are others now."""
    epoch = meta.kept_or(connection, "epoch")
    if _epochs.setdefault(engine.current(), epoch) != epoch:
        _epochs[engine.current()] = epoch
        forget()


def forget() -> None:
    """Begins anew with every store, as a process does that starts."""
    _known.pop(engine.current(), None)
    _growing.pop(engine.current(), None)


class _Growing:
    """The whole estimator of a store, while it hears its past, bit by bit."""

    def __init__(self, connection: Connection, store: Store, now: datetime) -> None:
        self.judged_from = now - JUDGED_DAYS
        self.known = Known(connection, store, _first(connection, store, now - DAYS))
        self.known.estimator.calibrates = False

    def grow(self, connection: Connection, store: Store) -> bool:
        """Hears a little more; whether that was all."""
        entries = journal.since(connection, store.id, self.known.seq, AT_ONCE)
        if entries and entries[-1].at >= self.judged_from:
            self.known.estimator.calibrates = True
        self.known.hear(connection, store.id, entries)
        return len(entries) < AT_ONCE


def _first(connection: Connection, store: Store, since: datetime) -> int:
    """The last seq before a time: events are ordered by both, so halving finds it."""
    low, high = 0, store.seq
    while low < high:
        middle = (low + high + 1) // 2
        at = connection.scalar(_AT, {"store_id": store.id, "seq": middle})
        low, high = (middle, high) if at is None or at < since else (low, middle - 1)
    return low


_AT = select(events.c.at).where(events.c.store_id == bindparam("store_id"), events.c.seq == bindparam("seq"))


def grow(connection: Connection, store: Store, now: datetime, seconds: float) -> bool:
    """Hears a store's past for so long; once all of it, it takes the place of what was begun at once.

    Returns:
        Whether there is no more to hear.
    """
    if of(connection, store, now).is_whole:
        return True
    growing = _growing.setdefault(engine.current(), {})
    if store.id not in growing:
        growing[store.id] = _Growing(connection, store, now)
    end = time.monotonic() + seconds
    while not (done := growing[store.id].grow(connection, store)) and time.monotonic() < end:
        pass
    if done:
        known = growing.pop(store.id).known
        known.catch_up(connection, store, now)
        known.is_whole = True
        _known[engine.current()][store.id] = known
    return done
