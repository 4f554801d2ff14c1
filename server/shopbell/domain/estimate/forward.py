"""From the floor as it stands to the queue that is let run forward."""

from collections.abc import Iterator, Sequence
from itertools import tee
from math import inf

from shopbell.domain.estimate.draws import EXPONENTIAL, PATHS, Times, dealt, levels
from shopbell.domain.estimate.habits import DAY_S, NEVER
from shopbell.domain.estimate.overtaken import Comer, waits_with
from shopbell.domain.estimate.paths import Helper, Turn, waits
from shopbell.domain.estimate.state import Customer, FloorState, Server

NOBODY = [inf] * PATHS
GONE_S = 3600.0  # of whom nothing was said, who has not helped for so long has gone
LIKELY_BACK_S = 2700.0
MOST_COMERS = 12
FEW = 0.02  # fewer than this are expected: not worth a path
UNSEEN_S = 180.0  # where presence is guessed from services, who has not helped for so long counts as away


def forward(
    floor: FloorState, now: float, comers: Sequence[Customer] = (), one_more: Server | None = None
) -> Iterator[tuple[Customer, Times, Times]]:
    """Everyone on the list, with the waits from now on and how much longer she stays, on each path.

    Args:
        comers: who is only supposed to come: they are told like the others, and nobody waits for them.
        one_more: somebody of the staff who is only supposed to be there.
    """
    waiting = [*floor.waiting.values(), *comers]
    there = who_can_help(floor, now, one_more) if waiting else []
    if not there:
        return
    listed = sorted(waiting, key=lambda customer: (floor.order.place(customer), customer.row))
    servers, turns_s = [server for server, _ in there], floor.learned.turns.left(0.0)
    helpers = [_helper(floor, server, times, now, turns_s) for server, times in there]
    supposed = {customer.id for customer in comers}
    turns, hers = tee(_turn(floor, customer, servers, now, customer.id in supposed) for customer in listed)
    overtakers = _comers(floor, servers, now, floor.order.place(listed[-1]))
    found = waits_with(list(turns), helpers, overtakers) if overtakers else waits(turns, helpers)
    for customer, turn, times in zip(listed, hers, found, strict=False):
        yield customer, _walked(floor, customer, times), turn.stays


def who_can_help(floor: FloorState, now: float, one_more: Server | None = None) -> list[tuple[Server, Times]]:
    """Those of the staff who can take somebody some time, and when."""
    staff = [*floor.servers.values(), *([one_more] if one_more else [])]
    free = [(server, _free(floor, server, now)) for server in staff]
    return [(server, times) for server, times in free if min(times) < inf] or _unseen(floor)


def _unseen(floor: FloorState) -> list[tuple[Server, Times]]:
    """Where presence is only guessed, nobody seen is not nobody there: whoever was known may turn up."""
    if floor.presence_known:
        return []
    times = floor.learned.notices.left(UNSEEN_S)
    return [(server, dealt(times, server.row)) for server in floor.servers.values()]


def _walked(floor: FloorState, customer: Customer, times: Times) -> Times:
    """Until she is helped: whoever takes her still has to reach her, where that is told apart."""
    if floor.learned.walks is None:
        return times
    walk = dealt(floor.learned.walks.drawn(), 13 * customer.row + 5)
    return [at + walks for at, walks in zip(times, walk, strict=True)]


def _turn(
    floor: FloorState, customer: Customer, servers: Sequence[Server], now: float, is_supposed: bool
) -> Turn:
    able = [n for n, server in enumerate(servers) if server.helps(customer.kind)]
    if not able and not floor.presence_known:
        able = list(range(len(servers)))  # their skills were guessed as well, and too narrowly
    return Turn(
        able,
        dealt(floor.learned.service(customer.kind).drawn(), customer.row),
        dealt(floor.learned.stays.left(now - customer.since), 7 * customer.row + 3),
        floor.order.place(customer) - now,
        is_supposed,
    )


# --- staff ------------------------------------------------------------------------------------------


def _helper(floor: FloorState, server: Server, free: Times, now: float, turns_s: Times) -> Helper:
    turns = dealt(turns_s, 5 * server.row + 11)
    if server.kind is not None:
        free = [at + turn for at, turn in zip(free, turns, strict=True)]
    goes, back = _absence(floor, server, now % DAY_S)
    if goes is NOBODY:
        return Helper(free, goes, back, turns)
    # Who is to go before he can take the next one takes her when he is back.
    for path, (at, from_, until) in enumerate(zip(free, goes, back, strict=True)):
        if at >= from_:
            free[path], goes[path] = max(at, until), inf
    return Helper(free, goes, back, turns)


def _free(floor: FloorState, server: Server, now: float) -> Times:
    """When he can take the next one, or has helped the one he is with."""
    row = server.row if server.kind is None else server.row + int(server.since)
    return dealt(_free_at_levels(floor, server, now), row)


def _free_at_levels(floor: FloorState, server: Server, now: float) -> Times:
    if server.kind is not None:
        if server.here == "off" and floor.presence_known:
            return NOBODY  # he goes after this one
        return floor.learned.service(server.kind).left(max(0.0, now - server.since))
    if server.here == "on":
        return floor.turns(server).left(floor.ignored_s(server, now))
    if server.until is not None:
        return [max(0.0, server.until - now)] * PATHS
    if floor.presence_known:
        return _returns(floor, server, now % DAY_S)
    lately = now - server.idle_since < GONE_S
    return floor.turns(server).left(max(UNSEEN_S, floor.ignored_s(server, now))) if lately else NOBODY


def _returns(floor: FloorState, server: Server, clock: float) -> Times:
    """Somebody is away: back as on other days, else after a break like others; or not today."""
    if known := sorted(floor.habits.returns(server.id, clock)):
        return [known[level * len(known) // PATHS] - clock for level in range(PATHS)]
    away_s = clock - floor.habits.gone(server.id)
    may_return = server.here == "away" or (server.here == "out" and not floor.habits.knows(server.id))
    if away_s < LIKELY_BACK_S and may_return:
        return floor.habits.breaks.left(max(0.0, away_s))
    return NOBODY


def _absence(floor: FloorState, server: Server, clock: float) -> tuple[Times, Times]:
    """When he goes next and is back then, seconds from now."""
    known = floor.habits.next_absences(server.id, clock) if server.is_there and floor.presence_known else []
    if not known:
        return NOBODY, NOBODY
    parts = zip(levels(3 * server.row + 17), levels(5 * server.row + 13), strict=True)
    drawn = [(known[int(which * len(known))], part) for which, part in parts]
    goes = [
        each.wanted + (each.gone - each.wanted) * part - clock if each is not NEVER else inf
        for each, part in drawn
    ]
    return goes, [each.back - clock for each, _ in drawn]


# --- who may come and go before others --------------------------------------------------------------


def _comers(floor: FloorState, servers: Sequence[Server], now: float, last: float) -> list[Comer]:
    """Those with priority who may come in time to go before the last on the list.

    They come as they came of late (a Poisson process). Where priority gives no head start there are none.
    """
    found: list[Comer] = []
    if not floor.order.head_s:
        return found
    for n, (kind, priority) in enumerate(sorted(floor.overtakers)):
        rate, head_s = floor.rate(kind, priority, now), floor.order.head_s * priority
        in_time_s = last + head_s - now
        if rate * in_time_s < FEW:
            continue
        helpers = frozenset(i for i, server in enumerate(servers) if server.helps(kind))
        comes = [0.0] * PATHS
        for k in range(min(MOST_COMERS, 2 + int(2 * rate * in_time_s))):
            row = 31 * n + 3 * k + 101
            comes = [at + gap / rate for at, gap in zip(comes, dealt(EXPONENTIAL, row), strict=True)]
            service = dealt(floor.learned.service(kind).drawn(), row + 1)
            stays = dealt(floor.learned.stays.left(0.0), row + 2)
            in_time = [at if at < in_time_s else inf for at in comes]
            found.append(Comer(helpers, in_time, head_s, service, stays))
    return found
