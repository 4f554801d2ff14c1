"""The watch: makes the moves of the clock. It keeps no timers: what is due stands in the database.

Any number may run. Each looks for what is due and goes through the door, which looks again under the lock.
"""

import random
import signal
import threading
import time
from collections.abc import Callable, Collection, Hashable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import structlog
from sqlalchemy import func, select

from shopbell import bus, clock, floor, logs, notify, pulse
from shopbell.config import Config
from shopbell.db import (
    alone,
    ballast,
    bells,
    copies,
    engine,
    forecasts,
    meta,
    places,
    roster,
    steps,
    unheard,
    visits,
)
from shopbell.db.tables import visits as visit_rows
from shopbell.notify import bells as ringing
from shopbell.notify import leases, outbox, outside

log = structlog.get_logger()
Late = tuple[int, int]  # a store and a visit of it that is due

LONGEST_SLEEP_S, SHORTEST_SLEEP_S = 1.0, 0.01
SENDER_SLEEPS_S = 5.0  # at most: while it sleeps the other loop looks for it, too
TOGETHER_S = 0.025  # after messages were taken: a look costs as much for one as for those that come meanwhile
BELL_EVERY = timedelta(seconds=20)
ALONE_EVERY = timedelta(seconds=5)
REFRESH_EVERY = timedelta(seconds=20)
REFRESH_S, LOOKED_AT = 0.1, 10  # at once: so long; and so many stores by one query, as taps wait meanwhile
BEHIND = timedelta(seconds=0.5)  # with what is due: then nothing else that takes long is begun
LEARN_EVERY, LEARN_S = timedelta(seconds=0.5), 0.05  # a tenth of a core, until all past is heard
FORGET_EVERY = timedelta(hours=1)
UNSENT_EVERY = timedelta(seconds=1)
MAKE_S = 0.25  # then the next look: others may have done the rest
AUDIT_EVERY = timedelta(seconds=5)
AUDIT_GRACE = timedelta(seconds=5)  # a due step may be in the making while the audit looks
NOTICE_GRACE = timedelta(seconds=10)  # that long others' attempts may take up all hands
PAUSE = timedelta(seconds=15)  # before a visit or store that failed is tried again
AT_ONCE = 200
IN_ONE = 24  # due visits in a transaction: the stores of all of them are locked for its some 80 ms
STOP_S = 11.0  # longer than one attempt takes, so that no message in flight is sent twice


def run(config: Config) -> None:
    """Watch in a process of its own, until it is told to stop (SIGTERM or SIGINT)."""
    logs.set_up()
    engine.use(config.database_url)
    bus.use(config.bus_url)
    notify.use(config)
    ballast.use(copies.file_of(config.database_url), config.ballast_mb)
    steps.look_back()
    watch = Watch()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: watch.stop())
    watch.run()


class Watch:
    """Two loops: one makes due moves, the other hands notices to senders and so never holds up the first."""

    def __init__(self) -> None:
        self._stopped, self._woken, self._unsent = (threading.Event() for _ in range(3))
        self._paused: dict[Hashable, datetime] = {}
        self._next: dict[str, datetime] = {}
        self._ranges: list[int] = []  # stores in which they are still to be looked at
        self._unknown: list[int] | None = None  # stores whose past is still to be heard; None: all

    def run(self) -> None:
        """Watch until stopped. No fault of one visit, store or channel ends it, nor an absent database."""
        bus.on_wake(self._wake)
        sends = (self._unsent, self._send, SENDER_SLEEPS_S)
        sender = threading.Thread(target=self._loop, args=sends, daemon=True)
        sender.start()
        self._loop(self._woken, self._look, LONGEST_SLEEP_S)
        sender.join(STOP_S)
        outbox.stop(STOP_S)

    def stop(self) -> None:
        """Let both loops end after what they are at."""
        self._stopped.set()
        self._wake()

    def _wake(self) -> None:
        self._woken.set()
        self._unsent.set()

    def _loop(self, woken: threading.Event, work: Callable[[], datetime | None], longest_s: float) -> None:
        while not self._stopped.is_set():
            woken.clear()
            next_at = None
            try:
                next_at = work()
            except Exception:
                log.exception("watch_failed")
            woken.wait(_sleep_s(next_at, longest_s))

    def _send(self) -> datetime | None:
        due, now = outbox.next_at(), clock.now()
        if due is None or due > now:
            return due
        outbox.deliver_due(now)
        self._stopped.wait(TOGETHER_S)
        return now

    def _look(self) -> datetime | None:
        ahead = _ahead()
        if steps.see(ahead.kept):
            self._next.clear()  # they were times of the old clock
            self._paused.clear()
            ahead = _ahead()
        due = self._step(ahead, clock.now())
        if self._ranges:
            return clock.now()
        # What is paused may be due all the time: until it is mended the longest sleep must do.
        is_due = due is not None and due <= clock.now()
        return None if self._paused and is_due else due

    def step(self, now: datetime) -> datetime | None:
        """Do everything that is due by now; returns when there is more to do."""
        return self._step(_ahead(), now)

    def _step(self, ahead: "Ahead", now: datetime) -> datetime | None:
        due = ahead.due
        if ahead.is_stepped:
            self._follow_clock()
            due = next_due()
        if ahead.unsent and ahead.unsent <= now and self._is_time("unsent", UNSENT_EVERY, now):
            self._unsent.set()
        # What is paused is due all the time, and keeps nobody from the rest.
        is_behind = due is not None and due < now - BEHIND and not self._paused
        if due is not None and due <= now:
            while not self._make(now):
                pass
            due = next_due()
        if self._is_time("alone", ALONE_EVERY, now):
            self._look_around(now)
        if self._is_time("bell", BELL_EVERY, now):
            self._tend_bells(now)
        if self._is_time("refresh", REFRESH_EVERY, now) and _is_our_turn("refreshed_at", REFRESH_EVERY, now):
            self._ranges = floor.where_told(now)
        if not is_behind:  # alerts go before ranges
            self._refresh(now)
        if self._unknown != [] and not is_behind and self._is_time("learn", LEARN_EVERY, now):
            self._learn(now)
        if self._is_time("forget", FORGET_EVERY, now):
            self._forget(now)
        if self._is_time("audit", AUDIT_EVERY, now):
            ballast.keep()
            audit(now)
        return due

    def _follow_clock(self) -> None:
        """The stores whose times have to follow a step of the clock, whoever saw it first."""
        with engine.singly() as connection:
            behind = steps.behind(connection)
        for store_id in behind:
            self._try("follow_clock", floor.follow_clock, store_id, clock.now())

    def _make(self, now: datetime) -> bool:
        """What is due by now, for a moment; whether that was all of what was seen."""
        with engine.singly() as connection:
            limit = AT_ONCE + len(self._paused)
            late, lapsing = visits.due(connection, now, limit), roster.due_presence(connection, now, limit)
            unheard_in = unheard.stores(connection, now)
        for store_id in unheard_in:
            self._try("hand_over", floor.hand_over, store_id, now)
        end = time.monotonic() + MAKE_S
        for group in _groups(late):
            self._escalate(group, now)
            if time.monotonic() > end:
                return False
        for store_id, person_id in lapsing:
            self._try("lapse", floor.lapse, store_id, person_id, now)
        return True

    def _look_around(self, now: datetime) -> None:
        with engine.singly() as connection:
            store_ids = alone.to_look_at(connection, now)
        for store_id in store_ids:
            self._try("look_around", floor.look_around, store_id, now)

    def _tend_bells(self, now: datetime) -> None:
        with engine.singly() as connection:
            store_ids = bells.due(connection, now)
        for store_id in store_ids:
            self._try("bell", _tend_bell, store_id, now)

    def _escalate(self, late: list[Late], now: datetime) -> None:
        """All in one transaction; if that fails, each by itself, as it may be one alone that cannot.

        What another watch or a tap is at is left out: the next look comes at once.
        """
        fresh = [each for each in late if not self._is_paused(("escalate", *each), now)]
        try:
            if fresh:
                floor.escalate_all(_by_store(fresh), now)
        except Exception:
            for store_id, visit_id in fresh:
                self._try("escalate", floor.escalate, store_id, visit_id, now)

    def _learn(self, now: datetime) -> None:
        """A little of what happened before this process was there, in one store after the other."""
        if self._unknown is None:
            with engine.singly() as connection:
                self._unknown = places.store_ids(connection)
        end = time.monotonic() + LEARN_S
        for store_id in reversed(self._unknown.copy()):
            if (left_s := end - time.monotonic()) <= 0:
                break
            self._try("learn", partial(self._hear, left_s), store_id, now)

    def _hear(self, seconds: float, store_id: int, now: datetime) -> None:
        assert self._unknown is not None
        with engine.read() as connection:
            if forecasts.grow(connection, places.store(connection, store_id), now, seconds):
                self._unknown.remove(store_id)

    def _refresh(self, now: datetime) -> None:
        """Some of them, for a moment: what is due must not wait until all are done."""
        end = time.monotonic() + REFRESH_S
        while self._ranges and time.monotonic() < end:
            self._ranges, some = self._ranges[:-LOOKED_AT], self._ranges[-LOOKED_AT:]
            for store_id in _stale(some, now):
                self._try("refresh", floor.refresh, store_id, now)

    def _forget(self, now: datetime) -> None:
        self._try("forget_keys", floor.forget_keys, now)
        self._try("forget_phones", floor.forget_phones, now)
        with engine.read() as connection:
            store_ids = places.store_ids(connection)
        for store_id in store_ids:
            self._try("forget_told", floor.forget_told, store_id, now)
            self._try("forget_who", floor.forget_who, store_id, now)
        engine.empty_log(patient=False)  # whoever reads there now keeps it for an hour

    def _is_time(self, what: str, every: timedelta, now: datetime) -> bool:
        if now < self._next.get(what, now):
            return False
        self._next[what] = now + every
        return True

    def _try(self, what: str, move: Callable[..., Any], *args: Any) -> None:
        """Make one move; if it fails, log it, go on with the others and try again after a pause."""
        *ids, now = args
        key = (what, *ids)
        if self._is_paused(key, now):
            return
        try:
            move(*args)
        except floor.Busy:
            pass
        except Exception:
            log.exception("clock_move_failed", move=what, ids=ids)
            self._paused[key] = now + PAUSE

    def _is_paused(self, key: Hashable, now: datetime) -> bool:
        if self._paused.get(key, now) > now:
            return True
        self._paused.pop(key, None)
        return False


def _stale(store_ids: list[int], now: datetime) -> Collection[int]:
    try:
        return floor.stale(store_ids, now)
    except Exception:
        log.exception("ranges_not_seen", ids=store_ids)
        return store_ids  # one of them may be at fault: each by itself


def _is_our_turn(what: str, every: timedelta, now: datetime) -> bool:
    with engine.begin() as connection:
        return meta.turn(connection, what, now, every)


def _groups(late: list[Late]) -> Iterator[list[Late]]:
    """What is changed in one transaction: whole stores, until there are enough.

    Several watches see the same: each goes through it in an order of its own, and soon looks again.
    """
    stores = list(_by_store(late).items())
    random.shuffle(stores)
    group: list[Late] = []
    for store_id, visit_ids in stores:
        group += [(store_id, visit_id) for visit_id in visit_ids]
        if len(group) >= IN_ONE:
            yield group
            group = []
    if group:
        yield group


def _by_store(late: list[Late]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for store_id, visit_id in late:
        found.setdefault(store_id, []).append(visit_id)
    return found


def _tend_bell(store_id: int, now: datetime) -> None:
    if bell_id := floor.tend_bell(store_id, now):
        ringing.ring(store_id, bell_id, now)


_OVERDUE = select(func.count()).select_from(visit_rows)
_DUE_AT = (visits.NEXT_AT, roster.PRESENCE_NEXT_AT, unheard.NEXT_AT)
_TIMES = tuple(each.scalar_subquery() for each in (leases.NEXT_AT, *_DUE_AT))
_AHEAD = select(*steps.COLUMNS, steps.IS_BEHIND, *_TIMES)


def audit(now: datetime) -> bool:
    """Whether nothing is over due: no visit that has not been escalated, no message that nobody has begun.

    Only then the loop's pulse beats, and whoever watches from outside is told.
    """
    with engine.singly() as connection:
        overdue = connection.scalar(_OVERDUE.where(visit_rows.c.due_at < now - AUDIT_GRACE * clock.pace()))
        unsent = leases.overdue(connection, now - NOTICE_GRACE * clock.pace(), now)
    if overdue or unsent:
        log.error("audit_failed", overdue=overdue, unsent=unsent)
        return False
    pulse.beat(now)
    outside.passed(now)
    return True


class Ahead(NamedTuple):
    """What is to be done, and when.

    Attributes:
        due: something with a visit, someone's presence, or what nobody heard.
        unsent: a message.
        is_stepped: whether there are stores that have yet to follow a step of the clock.
        kept: which steps there were, for `steps.see`.
    """

    due: datetime | None
    unsent: datetime | None
    is_stepped: bool
    kept: steps.Kept


def _ahead() -> Ahead:
    asked_at = clock.now()
    with engine.singly() as connection:
        row = connection.execute(_AHEAD, {"steps_ms": clock.steps_ms()}).one()
    total, servers, is_stepped, unsent, *due = row
    kept = steps.read(asked_at, total, servers)
    return Ahead(min((at for at in due if at), default=None), unsent, bool(is_stepped), kept)


def next_due() -> datetime | None:
    """When the clock has something to do next."""
    return _ahead().due


def _sleep_s(until: datetime | None, longest_s: float) -> float:
    """Seconds of life to sleep: to the next due time, but not too long, as others may add an earlier one."""
    if until is None:
        return longest_s
    return min(max((until - clock.now()).total_seconds() / clock.pace(), SHORTEST_SLEEP_S), longest_s)
