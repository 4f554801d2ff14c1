"""What the clock forgets: numbers after a day, what customers told after the store's own time, and in team
mode who did what. That somebody waited, and how long, stays.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from shopbell.db import engine, links, personal, places
from shopbell.db.tables import stores
from shopbell.domain.event import Event
from shopbell.domain.people import CLOCK
from shopbell.floor.door import change

# Within a day even if nobody watches for a while: the watch looks every hour.
PHONE_KEPT = timedelta(hours=20)
# A team's day: after 24 h at the latest nothing says any more who did what.
TEAM_KEPT = timedelta(hours=23)


def forget_phones(now: datetime) -> int:
    """Erases the numbers of visits that ended long enough ago, in all stores; returns how many."""
    with engine.begin() as connection:
        return personal.forget_phones(connection, now - PHONE_KEPT)


def forget_told(store_id: int, now: datetime) -> int:
    """Erases name, story and notes of visits that ended longer ago than the store keeps them.

    Returns how many visits these were.
    """
    count = 0
    while (erased := _forget_a_day(store_id, now)) is not None:
        count += erased
    return count


def _forget_a_day(store_id: int, now: datetime) -> int | None:
    with engine.read() as connection:
        row = connection.execute(select(stores).where(stores.c.id == store_id)).one()
        until = personal.a_day_from(connection, store_id, row.forgotten_until)
    oldest = now - timedelta(days=row.kept_days)
    if until is None or until - timedelta(days=1) > oldest:
        return None
    until = min(until, oldest)
    with change(store_id, now) as floor:
        ids = personal.ended_between(floor.connection, store_id, row.forgotten_until, until)
        personal.forget(floor.connection, ids)
        floor.connection.execute(update(stores).where(stores.c.id == store_id).values(forgotten_until=until))
        floor.journal(Event("forgotten", {"visits": len(ids), "until": until.isoformat()}), CLOCK)
    return len(ids)


def forget_who(store_id: int, now: datetime) -> None:
    """In team mode, cuts the links from what happened a day ago to who did it."""
    with engine.read() as connection:
        if not places.store(connection, store_id).is_team:
            return
    seq: int | None = 0
    while seq is not None:
        with change(store_id, now) as floor:
            after = floor.connection.scalars(select(stores.c.cut_seq).where(stores.c.id == store_id)).one()
            seq = links.cut(floor.connection, store_id, after, now - TEAM_KEPT)
