"""The queue let run forward, on many paths at once: who is free when, and whose turn it is.

A first-come queue needs no clock: in the order of the list each takes the earliest of those who can help her
(the recursion of Kiefer and Wolfowitz 1955, with several pools). Only where somebody who comes later may go
before who waits now, the clock has to run: see `overtaken`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from shopbell.domain.estimate.draws import PATHS, Times

MOST_S = 7200.0  # nobody is told of a longer wait


@dataclass(slots=True)
class Turn:
    """Somebody on the list: who can help her; on each path, how long that holds him and how long she stays.

    ``place`` orders the list: seconds from now at which she came, or would have come without priority.
    Who is only supposed to be on it holds nobody.
    """

    helpers: Sequence[int]
    service: Times
    stays: Times
    place: float = 0.0
    is_supposed: bool = False


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


def waits(turns: Iterable[Turn], helpers: Sequence[Helper]) -> Iterator[Times]:
    """Seconds until each, in the order of the list, is taken if she stays, on each path; inf for never.

    Ends once nobody can take one more within `MOST_S`: of a longer wait nothing is told.
    """
    queues = [
        ([helper.free[path] for helper in helpers], [helper.goes[path] for helper in helpers], path)
        for path in range(PATHS)
    ]
    for turn in turns:
        times: Times = []
        service, stays = turn.service, turn.stays
        for free, goes, path in queues:
            at, first = inf, -1
            for helper in turn.helpers:
                if free[helper] < at:
                    at, first = free[helper], helper
            times.append(at)
            if stays[path] >= at < inf and not turn.is_supposed:
                ends = at + service[path] + helpers[first].turns[path]
                if ends >= goes[first]:
                    ends, goes[first] = max(ends, helpers[first].back[path]), inf
                free[first] = ends
        yield times
        if min(times) >= MOST_S and all(min(free) >= MOST_S for free, _, _ in queues):
            return
