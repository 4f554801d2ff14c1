"""The time, read at the edges only and handed down from there.

It never steps by itself. When the wall clock is stepped (somebody set it, or a network did), the database
keeps by how much in all, and with it whatever is under way is moved; each process then follows.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

# Counts on while a laptop sleeps, which plain monotonic time does not: a wait must not shrink by a night.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
STEP = timedelta(seconds=2)  # by so much wall clocks are slewed at most; more is a step
OFFSET = "SHOPBELL_TEST_WALL_OFFSET"  # names a file with the seconds by which a test moves the wall clock


def wall() -> datetime:
    """The machine's own clock, which anyone may set at any time."""
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    """By how much a test has moved the wall; nothing outside of tests."""
    name = os.environ.get(OFFSET)
    with suppress(OSError, ValueError):
        return timedelta(seconds=float(Path(name).read_text())) if name else timedelta()
    return timedelta()


class _Real:
    """The wall clock as it was when this was made plus what has passed since."""

    def __init__(self) -> None:
        self.base, self._start = wall(), time.clock_gettime(_STEADY)

    def __call__(self) -> datetime:
        return self.base + timedelta(seconds=time.clock_gettime(_STEADY) - self._start)


def steady() -> Callable[[], datetime]:
    """Real time that never steps: the wall clock as it is now plus what passes from now on."""
    return _Real()


_read: Callable[[], datetime] = _Real()
_pace = 1.0
_steps_ms: int | None = None


def now() -> datetime:
    """Aware UTC: the wall clock when the process started plus what has passed since, so it never steps."""
    return _read()


def pace() -> float:
    """Seconds of `now` in one of life: 1 but in a demo that is told to hurry."""
    return _pace


def use(read: Callable[[], datetime] | None, pace: float = 1.0) -> None:
    """Let tests move the time by hand and the demo have its own; None goes back to the real one."""
    global _read, _pace, _steps_ms
    _read, _pace, _steps_ms = read or _Real(), pace, None


def drift(true: datetime, asked_at: datetime | None = None) -> timedelta:
    """How far the true time is ahead of `now`, if it was stepped; of slewing and of a test's time nothing.

    Args:
        asked_at: `now` when the true time was asked for. It is of a moment since then: a process that stood
            still before it read the answer has not seen a step.
    """
    if not isinstance(_read, _Real):
        return timedelta()
    now = _read()
    gap = true - min(max(true, asked_at or now), now)
    return gap if abs(gap) > STEP else timedelta()


def steps_ms() -> int | None:
    """All the steps that this process has followed, in milliseconds; None before it has asked."""
    return _steps_ms


def follow(steps_ms: int, true: datetime, asked_at: datetime) -> timedelta:
    """The database knows of so many steps: `now` goes where the true time is. Returns how far it jumped."""
    global _steps_ms
    _steps_ms = steps_ms
    jump = drift(true, asked_at)
    if isinstance(_read, _Real):
        _read.base += jump
    return jump
