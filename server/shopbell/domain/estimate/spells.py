"""Times of which many are cut short before their end is seen."""

from bisect import bisect_right
from collections.abc import Sequence
from math import inf

from shopbell.domain.estimate.draws import EXPONENTIAL, Times

KEPT = 50  # answers: the same are asked for again and again at one moment, and never later
FADES = 0.9995  # what a spell has taught weighs this much when the next one ends


class Spells:
    """How long something lasts that is often cut short: who is helped never shows how long she had stayed.

    Ends per second at risk, by how long a spell has lasted so far (occurrence over exposure, the piecewise
    exponential form of Kaplan and Meier 1958). Old spells fade.

    Args:
        edges: where one pace gives way to the next, in seconds, from 0 on.
        means_s: what is believed between them before anything was seen: a mean time to the end.
        weight: for how many ends that belief counts.
    """

    def __init__(self, edges: Sequence[float], means_s: Sequence[float], weight: float) -> None:
        self._edges = (*edges, inf)
        self._ends = [weight] * len(edges)
        self._spent = [weight * mean for mean in means_s]
        self._found: dict[float, Times] = {}  # by how long it has lasted

    def learn(self, lasted_s: float, ended: bool) -> None:
        """A spell is over: it came to its end, or something else cut it short."""
        last = self._at(lasted_s)
        self._found.clear()
        for n in range(last + 1):
            self._ends[n] *= FADES
            passed = min(max(0.0, lasted_s), self._edges[n + 1]) - self._edges[n]
            self._spent[n] = self._spent[n] * FADES + passed
        if ended:
            self._ends[last] += 1.0

    def left(self, lasted_s: float) -> Times:
        """How much longer one goes on that has lasted so long, for each level in rising order."""
        if (found := self._found.get(lasted_s)) is None:
            if len(self._found) >= KEPT:
                self._found.clear()
            found = self._found[lasted_s] = self._left(max(0.0, lasted_s))
        return found

    def _left(self, lasted_s: float) -> Times:
        n, found = self._at(lasted_s), []
        used = passed = 0.0  # of the level, and of the time, up to where the present pace begins
        lasts, rate = self._edges[n + 1] - lasted_s, self._rate(n)
        until = rate * lasts
        for much in EXPONENTIAL:
            while much > until:
                used, passed, n = until, passed + lasts, n + 1
                lasts, rate = self._edges[n + 1] - self._edges[n], self._rate(n)
                until = used + rate * lasts
            found.append(passed + (much - used) / rate)
        return found

    def _at(self, lasted_s: float) -> int:
        return bisect_right(self._edges, max(0.0, lasted_s)) - 1

    def _rate(self, n: int) -> float:
        return max(1e-9, self._ends[n]) / max(1e-6, self._spent[n])
