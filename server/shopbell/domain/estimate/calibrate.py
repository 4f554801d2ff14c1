"""What forecasts were worth so far: a range ends where the truth fell in the last few hundred like this one.

The scores are log ratios of true to predicted remaining waits, so a range widens with what it speaks of. The
level that is read off a window drifts against the window's own misses, so that a floor that has changed is
caught up with: adaptive conformal inference (Gibbs and Candès 2021, NeurIPS 34).
"""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from math import exp, log

KEPT = 300
SIZES_S = (180.0, 480.0)  # where one window gives way to the next, by predicted wait
SOFT_S = 20.0  # added before the logarithm: ten seconds more or less are nothing to anyone
PRIOR = (-2.2, -1.3, -0.8, -0.45, -0.2, 0.0, 0.2, 0.45, 0.75, 1.1, 1.35)  # before a store has taught its own
ENOUGH = 40  # scores of its own, and it goes
STEP = 0.004
# The lower and the upper ends, asked a little wider than they are called: what is shown has to hold.
ASKED = {0.1: 0.105, 0.5: 0.5, 0.8: 0.803, 0.9: 0.908}
LEAST, MOST = 0.005, 0.995

Key = tuple[bool, int]  # has she just joined; which size


class Window:
    """The last scores of one kind of forecast."""

    def __init__(self) -> None:
        self._order = deque(PRIOR)
        self._sorted = sorted(PRIOR)
        self._levels = dict(ASKED)
        self._learned = 0

    def learn(self, score: float) -> None:
        for level, asked in ASKED.items():
            missed = score > self.at(level)
            drifted = self._levels[level] + STEP * (missed - (1.0 - asked))
            self._levels[level] = min(MOST, max(LEAST, drifted))
        self._learned += 1
        self._order.append(score)
        insort(self._sorted, score)
        own = self._learned + (len(PRIOR) if self._learned < ENOUGH else 0)
        while len(self._order) > min(KEPT, own):
            del self._sorted[bisect_left(self._sorted, self._order.popleft())]

    def at(self, level: float) -> float:
        """The score that the truth has passed in ``1 - level`` of all cases."""
        place = min(len(self._sorted) - 1.0, max(0.0, self._levels[level] * (len(self._sorted) + 1) - 1))
        low = int(place)
        high = min(low + 1, len(self._sorted) - 1)
        return self._sorted[low] + (self._sorted[high] - self._sorted[low]) * (place - low)

    def above(self, score: float) -> float:
        """The share of truths that passed a score."""
        passed = len(self._sorted) - bisect_right(self._sorted, score)
        return (passed + 0.5) / (len(self._sorted) + 1)


class Windows:
    """One window for each kind of forecast."""

    def __init__(self) -> None:
        self._windows: dict[Key, Window] = {}

    def of(self, key: Key) -> Window:
        return self._windows.setdefault(key, Window())


def key(joins: bool, predicted_s: float) -> Key:
    return joins, bisect_right(SIZES_S, predicted_s)


def score(true_s: float, predicted_s: float) -> float:
    """The log ratio of the truth to what was predicted; neither is negative."""
    return log((true_s + SOFT_S) / (predicted_s + SOFT_S))


def scored(predicted_s: float, score: float) -> float:
    """The time whose score against the prediction is this one, in seconds."""
    return max(0.0, (predicted_s + SOFT_S) * exp(score) - SOFT_S)
