"""The pulse of the alert loop: written by the watch after each passed audit, read where its silence shows.

It lies in the database, as the watch may run in another process than the screens and monitors that ask.
"""

from datetime import datetime, timedelta

from shopbell import clock
from shopbell.db import engine, meta, steps

KEY = steps.PULSE
SILENT = timedelta(seconds=20)
AHEAD = timedelta(seconds=10)  # clocks of several machines differ a little


def beat(now: datetime) -> None:
    """Write that the audit has passed at this time."""
    with engine.begin() as connection:
        meta.keep(connection, KEY, now.isoformat())


def last() -> datetime | None:
    """When the audit last passed, None if it never did."""
    with engine.read() as connection:
        found = meta.kept_or(connection, KEY)
    return datetime.fromisoformat(found) if found else None


def alerting(now: datetime) -> bool:
    """Whether someone can rely on alerts: the audit passed within the last 20 s of life."""
    passed = last()
    # One from the future is of a clock that was set since: nobody knows how old it is.
    return passed is not None and -AHEAD <= (now - passed) / clock.pace() <= SILENT
