"""Wrong guesses, counted in the database so that every process knows of them, and answered ever more slowly.

A guess is counted before it is looked at: of twenty at the same time no more are looked at than are free.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from shopbell.db import engine
from shopbell.db.tables import tries

FORGOTTEN = timedelta(days=1)  # after the last wait
NOBODY = 0  # whose guess it is, where it names nobody


class TooSoon(Exception):
    """Too many wrong guesses at this place; the text is a sentence."""

    def __init__(self, until: datetime, now: datetime) -> None:
        self.retry_after_s = max(1, round((until - now).total_seconds()))
        super().__init__(f"That was wrong several times. Try again in {self.retry_after_s} seconds.")


@dataclass(frozen=True)
class Patience:
    """How many guesses are free, and the wait after them: the first, each next twice as long, the longest."""

    free: int = 5
    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=15)

    def until(self, wrong: int, now: datetime) -> datetime:
        """When the next guess may be made, after so many wrong ones."""
        if wrong < self.free:
            return now
        doublings = min(wrong - self.free, 10)
        return now + min(self.longest, self.first * 2.0**doublings)


PATIENCE = Patience()


def count(place: str, person_id: int, now: datetime, patience: Patience = PATIENCE) -> None:
    """Counts a guess at a place (a device, or wherever guesses are counted together) for a person.

    Raises:
        TooSoon: if its time has not come yet; then it is not counted.
    """
    mine = (tries.c.place == place, tries.c.person_id == person_id)
    with engine.read() as conn:  # a flood of guesses waits for no writer and writes nothing
        known = _in_time(conn.execute(select(tries).where(*mine)).one_or_none(), now)
    if known is None:
        _begin(place, person_id, now)
    with engine.begin() as conn:
        row = _in_time(conn.execute(select(tries).where(*mine).with_for_update()).one(), now)
        wrong = 1 if row.until < now - FORGOTTEN else row.wrong + 1
        values = {"wrong": wrong, "until": patience.until(wrong, now)}
        conn.execute(update(tries).where(*mine).values(values))


def _in_time(row: Any, now: datetime) -> Any:
    if row and row.until > now:
        raise TooSoon(row.until, now)
    return row


def _begin(place: str, person_id: int, now: datetime) -> None:
    # Of several first guesses at the same moment one makes the row; all of them are then counted on it.
    with suppress(IntegrityError), engine.begin() as conn:
        conn.execute(tries.insert().values(place=place, person_id=person_id, wrong=0, until=now))


def forget(place: str, person_id: int, now: datetime) -> None:
    """It was right: what was wrong before counts no more. The row stays, as others may be waiting for it."""
    mine = (tries.c.place == place, tries.c.person_id == person_id)
    with engine.begin() as conn:
        conn.execute(update(tries).where(*mine).values(wrong=0, until=now))
