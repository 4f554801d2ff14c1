"""Several joins that came very fast at one kiosk, perhaps in play: the board can take them off together."""

from collections.abc import Callable
from datetime import datetime

from shopbell.db import visits
from shopbell.domain.event import Event
from shopbell.domain.people import Actor
from shopbell.domain.visit import PLAYING, Visit
from shopbell.floor.door import Floor, change

Move = Callable[[Floor, Visit], Event | None]


def suspect(store_id: int, visit_ids: list[int], by: Actor, now: datetime) -> None:
    """Makes them a group, named by the first of them. Whoever says or does more later leaves it again."""
    with change(store_id, now) as floor:
        for visit in [floor.visit(visit_id) for visit_id in visit_ids]:
            floor.record(visit, visit.suspect(by, visit_ids[0]), by)


def leave_group(store_id: int, first: int, by: Actor, now: datetime) -> int:
    """Takes everyone of a group off the list who still waits; returns how many.

    Raises:
        NotAllowed: if this person may not.
    """
    return _all(store_id, first, "waiting", by, now, lambda floor, visit: visit.leave(by, now, PLAYING))


def undo_group(store_id: int, first: int, by: Actor, now: datetime) -> int:
    """Brings them back within 30 s, by who took them off; returns how many.

    Raises:
        NotAllowed: if it is too late, or was somebody else.
    """
    return _all(
        store_id, first, "left", by, now, lambda floor, visit: visit.undo(by, now, floor.last_move(visit))
    )


def _all(store_id: int, first: int, state: str, by: Actor, now: datetime, move: Move) -> int:
    with change(store_id, now) as floor:
        floor.visit(first)  # a group is named by one of its own: of another store it is not found
        found = visits.of_burst(floor.connection, store_id, first, state)
        for visit in found:
            floor.record(floor.take(visit), move(floor, visit), by)
        return len(found)
