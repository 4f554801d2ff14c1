"""A telling moment of a day: several wait, one for too long; some are on the way, some help, some rest."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from shopbell.simulation.day import Day
from shopbell.simulation.paper import Paper
from shopbell.simulation.shop import HOUR, Shop
from shopbell.simulation.stage import Seen, Sight
from shopbell.simulation.team import ANSWERS_S

FROM, UNTIL = 10.0, 12.5  # hours of the day in which it is looked for
EVERY = timedelta(seconds=20)
LATE_S, LASTS_S = 30.0, 120.0  # how long too late someone is by then, and goes on being without an answer
SETTLED_S = 75.0  # by then a customer has said what it is about
WAITING, CLAIMED, SERVING, MOST = 4, 1, 3, 6


def telling(shop: Shop, seed: int, midnight: datetime) -> datetime:
    """The moment of the late morning at which that day's floor has most to show; found on paper."""
    seen = dict(_seen(shop, seed, midnight))
    return max(seen, key=lambda at: worth(shop, at, seen))


def _seen(shop: Shop, seed: int, midnight: datetime) -> Iterator[tuple[datetime, Sight]]:
    day = Day(shop, seed, midnight, Paper(shop))
    at = day.at(FROM * HOUR)
    while at < day.at(UNTIL * HOUR):
        while day.next_at and day.next_at <= at:
            day.step()
        sight = day.stage.look()
        yield at, Sight(sight.visits, dict(sight.statuses))
        at += EVERY


def worth(shop: Shop, at: datetime, seen: Mapping[datetime, Sight]) -> int:
    """How much there is to show at a moment, and for long enough that a newcomer sees it."""
    sight, soon = seen[at], seen.get(at + EVERY)
    settled = [visit for visit in sight.visits if (at - visit.waiting_since).total_seconds() > SETTLED_S]
    shows = (
        min(_count(settled, "waiting"), WAITING)
        + min(_count(sight.visits, "claimed", soon), CLAIMED)
        + min(_count(sight.visits, "serving"), SERVING)
        + ("break" in sight.statuses.values())
    )
    listed = len(sight.visits) - _count(sight.visits, "serving")
    late = _has_late(shop, at, sight, seen.get(at + timedelta(seconds=LASTS_S)))
    return shows + 5 * late - max(0, listed - MOST)


def _count(visits: Sequence[Seen], state: str, soon: Sight | None = None) -> int:
    """How many are in this state; with ``soon``, and will be a moment later."""
    found = [visit for visit in visits if visit.state == state]
    return sum(soon is None or _stays(visit, soon) for visit in found)


def _stays(visit: Seen, later: Sight) -> bool:
    after = later.visit(visit.id)
    return after is not None and after.state == visit.state


def _has_late(shop: Shop, at: datetime, sight: Sight, later: Sight | None) -> bool:
    """Whether someone has waited too long for a moment, and nobody comes in the next two minutes."""
    for visit in sight.visits:
        late_s = (at - visit.waiting_since).total_seconds() - shop.threshold_s
        if LATE_S <= late_s <= ANSWERS_S - LASTS_S and visit.state == "waiting":
            return later is not None and _stays(visit, later)
    return False
