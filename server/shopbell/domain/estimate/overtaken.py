"""The queue let run forward where some who come later go before who waits now: by the clock."""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from math import inf

from shopbell.domain.estimate.draws import PATHS, Times
from shopbell.domain.estimate.paths import Helper, Turn


@dataclass(slots=True)
class Comer:
    """Somebody who may come: on each path, in how many seconds (inf: not at all), and what then.

    ``head_s`` is the head start that her priority gives her.
    """

    helpers: frozenset[int]
    comes: Times
    head_s: float
    service: Times
    stays: Times


def waits_with(turns: Sequence[Turn], helpers: Sequence[Helper], comers: Sequence[Comer]) -> list[Times]:
    """As `paths.waits`, with those who may come."""
    found = [[inf] * PATHS for _ in turns]
    able = [frozenset(turn.helpers) for turn in turns] + [comer.helpers for comer in comers]
    listed = [(turn.place, n) for n, turn in enumerate(turns)]
    for path in range(PATHS):
        _Path(path, turns, helpers, comers, able, listed).run(found)
    return found


class _Path:
    """One path. Customers are numbered: who waits now first, then who may come."""

    def __init__(
        self,
        path: int,
        turns: Sequence[Turn],
        helpers: Sequence[Helper],
        comers: Sequence[Comer],
        able: Sequence[frozenset[int]],
        listed: Sequence[tuple[float, int]],
    ) -> None:
        self._path, self._turns, self._helpers, self._comers = path, turns, helpers, comers
        self._able, self._queue = able, list(listed)
        self._coming = sorted(
            ((comer.comes[path], n) for n, comer in enumerate(comers) if comer.comes[path] < inf),
            reverse=True,
        )
        self._free = [(helper.free[path], n) for n, helper in enumerate(helpers) if helper.free[path] < inf]
        self._goes = [helper.goes[path] for helper in helpers]
        heapify(self._free)

    def run(self, found: list[Times]) -> None:
        """Until everyone who waits now has had her turn, or nobody is left to help."""
        left = len(self._turns)
        while left and self._free:
            at, helper = self._free[0]
            self._come(at)
            held_s = None
            while held_s is None and (n := self._next(helper)) is not None:
                if n < len(self._turns):
                    found[n][self._path] = at
                    left -= 1
                held_s = self._holds(n, at)
            self._goes_on(at, helper, held_s)

    def _come(self, at: float) -> None:
        while self._coming and self._coming[-1][0] <= at:
            came, n = self._coming.pop()
            insort(self._queue, (came - self._comers[n].head_s, len(self._turns) + n))

    def _next(self, helper: int) -> int | None:
        """The first whom he can help, no longer on the list."""
        for i, (_, n) in enumerate(self._queue):
            if helper in self._able[n]:
                del self._queue[i]
                return n
        return None

    def _holds(self, n: int, at: float) -> float | None:
        """How long she holds whom she gets, None if she has given up by now."""
        if n < len(self._turns):
            turn = self._turns[n]
            stays = turn.stays[self._path] >= at and not turn.is_supposed
            return turn.service[self._path] if stays else None
        comer = self._comers[n - len(self._turns)]
        stays_until = comer.comes[self._path] + comer.stays[self._path]
        return comer.service[self._path] if stays_until >= at else None

    def _goes_on(self, at: float, helper: int, held_s: float | None) -> None:
        if held_s is not None:
            at += held_s + self._helpers[helper].turns[self._path]
            if at >= self._goes[helper]:
                at, self._goes[helper] = max(at, self._helpers[helper].back[self._path]), inf
        else:
            at = self._coming[-1][0] if self._coming else inf
        if at < inf:
            heapreplace(self._free, (at, helper))
        else:
            heappop(self._free)
