"""Whoever is free while a customer waits: whom it concerns, and for whom the clock must look."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from shopbell.db import alerts, roster, visits
from shopbell.db.roster import Staffing
from shopbell.db.tables import visits as table
from shopbell.domain.proof import NONE

# Those whom the clock has looked at once: their two minutes are over, and nobody was free who was not told.
_LOOKED_AT = (
    select(table.c.id, table.c.leg, table.c.line_id)
    .where(table.c.store_id == bindparam("store_id"), visits.is_open, table.c.state == "waiting")
    .where(table.c.nudge_at.is_(None), table.c.proof != NONE)
    .where(or_(table.c.passed_until.is_(None), table.c.passed_until <= bindparam("now")))
    .order_by(table.c.waiting_since, table.c.id)
)


def whom(
    connection: Connection, floor: Staffing, store_id: int, visit_id: int, leg: int, line_id: int
) -> list[int]:
    """Who is free for a customer and was not rung for her yet: nobody is rung for the same one twice.

    Those above are rung where no associate is helping on the floor: what others may do does not trouble them.
    """
    eligible = _sparing(connection, store_id, floor, floor.eligible(line_id))
    raised = alerts.of_reason(connection, visit_id, leg, alerts.FREE) if eligible else None
    told = alerts.people_told(connection, raised.id) if raised else set()
    return [person for person in eligible if person not in told]


def who_helps(
    connection: Connection, floor: Staffing, store_id: int, line_id: int, told: set[int]
) -> list[int]:
    """Whoever is there and could help with a line, free or not, but for those who were told already."""
    helps = [person for person in sorted(floor.present) if floor.helps(person, line_id)]
    return [person for person in _sparing(connection, store_id, floor, helps) if person not in told]


def _sparing(connection: Connection, store_id: int, floor: Staffing, people: list[int]) -> list[int]:
    """These without those above, where any associate is helping on the floor."""
    if not people or not floor.present - (above := roster.above(connection, store_id)):
        return people
    return [person for person in people if person not in above]


def to_look_at(connection: Connection, store_id: int, now: datetime) -> list[int]:
    """Whom someone who has become free may be rung for: for each who is free the one who waits longest.

    He can go to one only, so whoever comes back from a break hears once and not once for each who waits.
    """
    floor = roster.staffing(connection, store_id)
    if not floor.free:
        return []
    looked_at = connection.execute(_LOOKED_AT, {"store_id": store_id, "now": now}).all()
    firsts = dict.fromkeys(_firsts(floor, looked_at))
    return [row.id for row in firsts if whom(connection, floor, store_id, row.id, row.leg, row.line_id)]


def _firsts(floor: Staffing, waits: Sequence[Any]) -> Iterator[Any]:
    for person in floor.free:
        first = next((row for row in waits if floor.helps(person, row.line_id)), None)
        if first is not None:
            yield first
