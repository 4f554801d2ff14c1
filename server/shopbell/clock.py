"""The time, read at the edges only and handed down from there."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# Counts on while a laptop sleeps, which plain monotonic time does not: a wait must not shrink by a night.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady() -> Callable[[], datetime]:
    """Real time that never steps: the wall clock as it is now plus what passes from now on."""
    wall, start = datetime.now(UTC), time.clock_gettime(_STEADY)
    return lambda: wall + timedelta(seconds=time.clock_gettime(_STEADY) - start)


_read = steady()
_pace = 1.0


def now() -> datetime:
    """Aware UTC: the wall clock when the process started plus what has passed since, so it never steps."""
    return _read()


def pace() -> float:
    """Seconds of `now` in one of life: 1 but in a demo that is told to hurry."""
    return _pace


def use(read: Callable[[], datetime] | None, pace: float = 1.0) -> None:
    """Let tests move the time by hand and the demo have its own; None goes back to the real one."""
    global _read, _pace
    _read, _pace = read or steady(), pace
