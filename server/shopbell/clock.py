"""The time, read at the edges only and handed down from there."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# Counts on while a laptop sleeps, which plain monotonic time does not: a wait must not shrink by a night.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _steady() -> Callable[[], datetime]:
    wall, start = datetime.now(UTC), time.clock_gettime(_STEADY)
    return lambda: wall + timedelta(seconds=time.clock_gettime(_STEADY) - start)


_read = _steady()


def now() -> datetime:
    """Aware UTC: the wall clock when the process started plus what has passed since, so it never steps."""
    return _read()


def use(read: Callable[[], datetime] | None) -> None:
    """Let tests move the time by hand; None goes back to the real one."""
    global _read
    _read = read or _steady()
