"""Chance without luck: the same levels for everyone, dealt in another order to each.

A forecast lets the queue run forward on `PATHS` paths at once, so every uncertain time is a list of so many
seconds, from the shortest to the longest, dealt out by a row of the table. Each customer and each associate
keeps his row: two forecasts a few seconds apart differ by what happened between them, not by chance. As each
row has every level once, a few dozen paths do the work of hundreds (Latin hypercube sampling: McKay, Beckman,
Conover 1979, Technometrics 21(2)).
"""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable, Sequence
from functools import cache
from math import log
from random import Random

PATHS = 64
LEVELS = tuple((n + 0.5) / PATHS for n in range(PATHS))
EXPONENTIAL = tuple(-log(1.0 - level) for level in LEVELS)
ROWS = 997  # more than people and customers that meet in one forecast
SEED = 7
KEPT = 200
FEW = 4  # with fewer longer times than this the rest of one is reckoned and not looked up

Times = list[float]


@cache
def _table() -> list[list[int]]:
    chance = Random(SEED)
    return [chance.sample(range(PATHS), PATHS) for _ in range(ROWS)]


def dealt(times: Sequence[float], row: int) -> Times:
    """Times for the paths, from times in rising order."""
    return [times[level] for level in _table()[row % ROWS]]


def levels(row: int) -> Times:
    """A number from 0 to 1 for each path."""
    return dealt(LEVELS, row)


class Recent:
    """The last so many times of one kind, in seconds. The prior it begins with leaves as real ones come."""

    def __init__(self, prior: Iterable[float], kept: int = KEPT) -> None:
        self._sorted = sorted(prior)
        self._order = deque(self._sorted)
        self._prior, self._kept = len(self._sorted), kept
        self._sum = sum(self._sorted)
        self._drawn: Times | None = None

    def add(self, seconds: float) -> None:
        self._order.append(seconds)
        insort(self._sorted, seconds)
        self._sum += seconds
        self._drawn = None
        if len(self._order) > self._kept or len(self._order) > 6 * self._prior > 0:
            self._drop()

    def remove(self, seconds: float) -> None:
        """Takes one of them back."""
        if seconds in self._order:
            self._order.remove(seconds)
            del self._sorted[bisect_left(self._sorted, seconds)]
            self._sum -= seconds
            self._drawn = None

    def _drop(self) -> None:
        gone = self._order.popleft()
        self._prior = max(0, self._prior - 1)
        self._sum -= gone
        del self._sorted[bisect_right(self._sorted, gone) - 1]

    @property
    def mean_s(self) -> float:
        return self._sum / len(self._sorted)

    def quantile(self, share: float) -> float:
        """The time that so large a share of them did not pass."""
        return self._sorted[min(len(self._sorted) - 1, int(share * len(self._sorted)))]

    def drawn(self) -> Times:
        """A time for each level, in rising order."""
        if self._drawn is None:
            n = len(self._sorted)
            self._drawn = [self._sorted[int(level * n)] for level in LEVELS]
        return self._drawn

    def left(self, elapsed_s: float) -> Times:
        """What is left of a time that has lasted so long (Whitt 1999, Management Science 45(6))."""
        first = bisect_right(self._sorted, elapsed_s)
        n = len(self._sorted) - first
        if n < FEW:
            # Hardly anything took longer: the longer it has lasted, the longer it may still.
            scale = max(30.0, 0.5 * elapsed_s, 0.3 * self.mean_s)
            return [scale * each for each in EXPONENTIAL]
        return [self._sorted[first + int(level * n)] - elapsed_s for level in LEVELS]
