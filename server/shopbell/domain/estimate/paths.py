"""The queue let run forward, on many paths at once: who is free when, and whose turn it is.

A first-come queue needs no clock: in the order of the list each takes the earliest of those who can help her
(the recursion of Kiefer and Wolfowitz 1955, with several pools). Only where somebody who comes later may go
before who waits now, the clock has to run: see `overtaken`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from shopbell.domain.estimate.draws import PATHS, Times


@dataclass(slots=True)
class Turn:
    """Somebody on the list: who can help her; on each path, how long that holds him and how long she stays.

    ``place`` orders the list: seconds from now at which she came, or would have come without priority.
    """

    helpers: Sequence[int]
    service: Times
    stays: Times
    place: float = 0.0


@dataclass(slots=True)
class Helper:
    """Somebody of the staff, in seconds from now on each path.

    Attributes:
        free: when he can take the next one; inf for never.
        goes, back: his next absence: who ends a service after ``goes`` is away until ``back``.
        turns: from one customer to the next.
    """

    free: Times
    goes: Times
    back: Times
    turns: Times


def waits(turns: Sequence[Turn], helpers: Sequence[Helper]) -> list[Times]:
    """Seconds until each, in the order of the list, is taken if she stays, on each path; inf for never."""
    found: list[Times] = [[] for _ in turns]
    for path in range(PATHS):
        free = [helper.free[path] for helper in helpers]
        goes = [helper.goes[path] for helper in helpers]
        for turn, times in zip(turns, found, strict=True):
            at, first = inf, -1
            for helper in turn.helpers:
                if free[helper] < at:
                    at, first = free[helper], helper
            times.append(at)
            if turn.stays[path] >= at < inf:
                ends = at + turn.service[path] + helpers[first].turns[path]
                if ends >= goes[first]:
                    ends, goes[first] = max(ends, helpers[first].back[path]), inf
                free[first] = ends
    return found
