"""Plays day after day through the door: each morning at once, from its telling moment on as it happens."""

import threading
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import IO

import structlog
from sqlalchemy import func, select

from shopbell import clock
from shopbell.db import engine
from shopbell.db.tables import events, stores
from shopbell.demo import mark, night
from shopbell.demo.door import Door
from shopbell.demo.furnish import Store, furnish, sign_in, with_you
from shopbell.demo.pace import Pace, until
from shopbell.simulation import MAIN_STREET, Day, telling
from shopbell.simulation.shop import HOUR
from shopbell.watch import Watch, next_due

log = structlog.get_logger()

SEED = 705
OPENS = time(7)  # before anybody comes
LONGEST_SLEEP = timedelta(seconds=0.5)  # of life, until what others did is looked for
YIELDS_S = 0.001  # between two steps played at once, so that requests get their turn
ONE_DAY = timedelta(days=1)


class Player:
    """The demo as it goes on. It plays in a store that bears the demo's mark and nowhere else.

    Raises:
        NotTheDemo: if the process's database is not the demo's.
    """

    def __init__(self, store: Store, pace: Pace, day: int = 0) -> None:
        with engine.read() as conn:
            mark.check(conn)
        self.store, self.pace, self.number = store, pace, day
        self.lock: IO[bytes] | None = None
        self._seq = 0
        self._begin_day(datetime.combine(pace.now().date(), time(), UTC))

    def _begin_day(self, midnight: datetime) -> None:
        seed = SEED + self.number
        self.telling_at = telling(MAIN_STREET, seed, midnight)
        shop = with_you((self.telling_at - midnight).total_seconds() / HOUR)
        self.day = Day(shop, seed, midnight, Door(self.store, self.number))

    def play_morning(self, stop: threading.Event | None = None) -> None:
        """To the moment from which it is shown; then the newcomer is there too."""
        self.play_until(self.telling_at, stop)
        sign_in(self.store, self.pace.now())

    def play_until(self, at: datetime, stop: threading.Event | None = None) -> None:
        """Everything up to then at once, and what falls due on the way as the watch would have made it.

        The time then stands there: it goes on with `run`, so that a slow start costs the newcomer nothing.
        """
        watch = Watch()
        while self._plays_next(watch, at) and not (stop and stop.wait(YIELDS_S)):
            pass
        self.pace.stand(at)
        watch.step(at)

    def _plays_next(self, watch: Watch, until: datetime) -> bool:
        """The step or the move of the clock that comes first; False if none comes before ``until``."""
        step_at, due_at = self.day.next_at or until, next_due() or until
        if due_at <= self.pace.now():
            due_at = until  # it was tried just now and failed; the watch will try again
        if min(step_at, due_at) >= until:
            return False
        self.pace.stand(min(step_at, due_at))
        if due_at <= step_at:
            watch.step(self.pace.now())
        else:
            self.day.step(self.pace.now())
        return True

    def run(self, stop: threading.Event) -> None:
        """Goes on until told to stop. No fault ends it, nor whatever a visitor does."""
        self.resume()
        while not stop.wait(until(self.day.next_at or clock.now(), LONGEST_SLEEP)):
            try:
                self.live(stop)
            except Exception:
                log.exception("demo_failed")
            self.pace.go()  # it stands after a morning that was played at once

    def resume(self) -> None:
        """The time goes on from the last event: a worker that took over from another one may know less."""
        with engine.read() as conn:
            self.pace.stand(conn.scalar(select(func.max(events.c.at))) or self.pace.now())
        self.pace.go()

    def live(self, stop: threading.Event) -> None:
        """What is to come by now, what others have changed, and in the evening the next day."""
        now = clock.now()
        while self.day.next_at and self.day.next_at <= now:
            self.day.step(now)
        if self.day.is_over(now):
            self._next_day(now, stop)
        elif (seq := self._seq_now()) != self._seq:
            self.day.tend(now)
            self._seq = seq

    def _seq_now(self) -> int:
        with engine.read() as conn:
            return int(conn.scalar(select(stores.c.seq).where(stores.c.id == self.store.id)) or 0)

    def _next_day(self, now: datetime, stop: threading.Event) -> None:
        """The night is skipped; of the day before nothing is kept but the last hours."""
        self.number += 1
        self._begin_day(self.day.midnight + ONE_DAY)
        night.clear(self.store.id, now)
        self.play_morning(stop)


def begin(folder: Path, speed: int, today: datetime) -> Player:
    """A fresh demo in this folder, its first morning played; the process's clock is the demo's from now on.

    Args:
        today: any moment of the day that it plays, aware UTC.

    Raises:
        NotTheDemo: if another demo runs there, or a real store's database lies there.
    """
    lock = mark.fresh(folder)
    opens = datetime.combine(today.astimezone(UTC).date(), OPENS, UTC)
    pace = Pace(opens, speed)
    player = Player(furnish(opens), pace)
    player.lock = lock
    player.play_morning()
    return player
