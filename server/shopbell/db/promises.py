"""What customers were shown, each range with what became of it."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, case, update

from shopbell.db.tables import promises
from shopbell.domain.visit import Visit

_ADD = promises.insert()
_MINE = (promises.c.visit_id == bindparam("visit"), promises.c.leg == bindparam("its_leg"))
_REACHED = (
    update(promises)
    .where(*_MINE, promises.c.ended_at.is_(None))
    .values(
        ended_at=bindparam("at"),
        outcome=case((promises.c.by_at >= bindparam("at"), bindparam("in_time")), else_="late"),
    )
)
_OPEN_AGAIN = update(promises).where(*_MINE).values(ended_at=None, outcome=None)


def add(connection: Connection, visit: Visit, moved: str) -> None:
    """A range that she is shown from now on: told for the first time, or moved to earlier or later."""
    shown = {"told_at": visit.range_at, "low_s": visit.low_s, "high_s": visit.high_s, "by_at": visit.by_at}
    of = {"store_id": visit.store_id, "visit_id": visit.id, "line_id": visit.line_id, "leg": visit.leg}
    connection.execute(_ADD, {**of, **shown, "moved": moved})


def settle(connection: Connection, visit: Visit, at: datetime, is_reached: bool) -> None:
    """Somebody is with her, or she has gone: each range held if that was by the time it named.

    Who left before that time says nothing about it; who left after it was told wrong.
    """
    values = {"visit": visit.id, "its_leg": visit.leg, "at": at, "in_time": "kept" if is_reached else "left"}
    connection.execute(_REACHED, values)


def unsettle(connection: Connection, visit: Visit) -> None:
    """She waits on: what seemed to be the end of her wait was none."""
    connection.execute(_OPEN_AGAIN, {"visit": visit.id, "its_leg": visit.leg})
