"""Steps of the clock: how far it has been set in all, and moving along whatever is under way.

Who waits since ten minutes has waited ten minutes still when somebody sets the clock by an hour. So all times
of what is open move with it; what is over keeps the times at which it happened then.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, and_, bindparam, func, select, update

from shopbell import clock
from shopbell.db import engine, meta
from shopbell.db.tables import (
    IS_UNSENT,
    Utc,
    alerts,
    events,
    notices,
    presence,
    promises,
    rings,
    stores,
    told,
    visits,
)
from shopbell.db.tables import meta as meta_rows
from shopbell.domain.people import CLOCK

KEY = "clock_steps_ms"
PULSE = "watch_passed_at"
_MS = timedelta(milliseconds=1)

COLUMNS = (select(meta_rows.c.value).where(meta_rows.c.key == KEY).scalar_subquery(), engine.SERVERS_TIME)
_KEPT = select(*COLUMNS)


class Kept(NamedTuple):
    """All steps that were found so far, in milliseconds, and the true time at some moment since it was asked
    for."""

    total: int
    true: datetime
    asked_at: datetime


def kept(connection: Connection) -> Kept:
    """What stands in the database now."""
    asked_at = clock.now()
    return read(asked_at, *connection.execute(_KEPT).one())


def read(asked_at: datetime, steps: str | None, servers: datetime | None) -> Kept:
    """What `COLUMNS` say that were asked for at that time."""
    return Kept(int(steps or 0), engine.true_time(servers), asked_at)


def look() -> timedelta:
    """Follows the clock if it was stepped since the last look; returns how far `now` jumped."""
    with engine.singly() as connection:
        found = kept(connection)
    return see(found)


def see(found: Kept) -> timedelta:
    """The same, where what is kept has been read.

    Of several processes that see a step the first one writes it down; it counts once.
    """
    total, *true = found  # whoever counts in between is found by `_count`
    if clock.steps_ms() is None:
        clock.follow(total, *true)
        return timedelta()
    if total == clock.steps_ms() and (drift := clock.drift(*true)):
        total = _count(total, drift)
    return clock.follow(total, *true) if total != clock.steps_ms() else timedelta()


def look_back() -> timedelta:
    """At the start: a clock that is behind what has happened already was set back meanwhile.

    Set forward meanwhile it cannot be told from a time in which nothing ran: then everyone has waited on.
    """
    with engine.read() as connection:
        (total, *true), last = kept(connection), _last(connection)
    clock.follow(total, *true)
    behind = clock.drift(last) if last else timedelta()
    if behind <= timedelta():
        return timedelta()
    clock.follow(_count(total, -behind), *true)
    return -behind


def _last(connection: Connection) -> datetime | None:
    """The latest time that anything here is known to have happened."""
    latest = select(func.max(events.c.at)).join(
        stores, and_(stores.c.id == events.c.store_id, stores.c.seq == events.c.seq)
    )
    pulse = meta.kept_or(connection, PULSE)
    known = (connection.scalar(latest), datetime.fromisoformat(pulse) if pulse else None)
    return max((at for at in known if at), default=None)


def _count(before: int, drift: timedelta) -> int:
    """One more step on top of those before, unless another process has been faster; returns all of them."""
    with engine.begin() as connection:
        meta.lock(connection, KEY, "0")
        found = kept(connection).total
        if found != before:
            return found
        if pulse := meta.kept_or(connection, PULSE):
            meta.keep(connection, PULSE, (datetime.fromisoformat(pulse) + drift).isoformat())
        meta.keep(connection, KEY, str(found := found + drift // _MS))
        return found


_BEHIND = select(stores.c.id).where(stores.c.steps_ms != bindparam("steps_ms"))
IS_BEHIND = _BEHIND.exists()  # any store, of the steps of which this process knows


def behind(connection: Connection) -> list[int]:
    """The stores that have not followed all steps yet, of which this process knows since its last look."""
    return list(connection.scalars(_BEHIND, {"steps_ms": clock.steps_ms()}))


def move(connection: Connection, store_id: int, by_ms: int, to_ms: int) -> None:
    """Moves all times of what is open in a store; call it under the store's lock."""
    by = by_ms * _MS
    open_visits = and_(visits.c.store_id == store_id, visits.c.ended_at.is_(None))
    of_store = and_(alerts.c.store_id == store_id, alerts.c.state != "resolved")
    mine = select(alerts.c.id).where(alerts.c.store_id == store_id)
    unsolved = select(alerts.c.id).where(of_store)
    _shift(connection, visits, open_visits, by)
    # What was before the step is not put back after it: an undo would bring back its times.
    connection.execute(update(visits).where(open_visits).values(last_by=CLOCK.key))
    _shift(connection, alerts, of_store, by)
    _shift(connection, told, told.c.alert_id.in_(unsolved), by)
    _shift(connection, notices, and_(IS_UNSENT, notices.c.alert_id.in_(mine)), by)
    _shift(connection, presence, presence.c.store_id == store_id, by)
    _shift(connection, promises, and_(promises.c.store_id == store_id, promises.c.ended_at.is_(None)), by)
    _shift(connection, rings, rings.c.store_id == store_id, by)
    _shift(connection, stores, stores.c.id == store_id, by, [stores.c.muted_until])
    connection.execute(update(stores).where(stores.c.id == store_id).values(steps_ms=to_ms))


def _shift(
    connection: Connection, table: Table, where: Any, by: timedelta, times: list[Any] | None = None
) -> None:
    # Row by row, as the two kinds of database count with times in ways of their own.
    times = times or [column for column in table.c if isinstance(column.type, Utc)]
    keys = list(table.primary_key.columns)
    rows = connection.execute(select(*keys, *times).where(where)).all()
    if rows:
        at = update(table).where(*(key == bindparam(f"its_{key.name}") for key in keys))
        connection.execute(at, [dict(_moved(row, keys, times, by)) for row in rows])


def _moved(row: Any, keys: list[Any], times: list[Any], by: timedelta) -> Iterable[tuple[str, Any]]:
    yield from ((f"its_{key.name}", getattr(row, key.name)) for key in keys)
    for column in times:
        at = getattr(row, column.name)
        yield column.name, at + by if at else None
