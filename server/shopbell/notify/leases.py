"""Notices as senders share them: taken by lease, marked after sending, each mark a transaction of its own.

While a notice is being sent, `next_at` is the end of its lease: one column says when to look at it again.
"""

import sys
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from shopbell.db import engine
from shopbell.db.tables import IS_UNSENT, alerts, channels, notices

LEASE_S = 15  # longer than one attempt may take


class Taken(NamedTuple):
    """A notice this process may send; `attempts`, this one included, tells its lease from later ones."""

    id: int
    attempts: int
    channel_id: int


_IDS: Any = bindparam("ids", expanding=True)
_is_open = notices.c.channel_id.not_in(bindparam("full", expanding=True))
NEXT_AT = select(func.min(notices.c.next_at)).where(IS_UNSENT)  # of any channel
_NEXT_AT = NEXT_AT.where(_is_open)
# Selected first and updated by id: as one statement, UPDATE … IN (SELECT … SKIP LOCKED) may run the
# subquery again and take more than its limit. SQLite has no row locks and needs none: BEGIN IMMEDIATE.
_DUE = (
    select(*notices.c["id", "attempts", "channel_id"])
    .where(IS_UNSENT, notices.c.next_at <= bindparam("now"), _is_open)
    .order_by(notices.c.next_at, notices.c.id)
    .limit(bindparam("room"))
    .with_for_update(skip_locked=True)
)
_LEASE = (
    update(notices)
    .where(notices.c.id.in_(_IDS))
    .values(state="sending", attempts=notices.c.attempts + 1, next_at=bindparam("lease"))
)
_NOTICES = (
    select(
        *notices.c["id", "type", "step", "created_at", "failures", "alert_id"],
        *alerts.c["store_id", "visit_id"],
        alerts.c.state.label("alert_state"),
        channels.c.id.label("channel_id"),
        *channels.c["name", "url", "secret", "removed_at", "person_id", "rotated_at"],
    )
    .join_from(notices, alerts)
    .join(channels, channels.c.id == notices.c.channel_id)
    .where(notices.c.id.in_(_IDS))
)
_MARK = update(notices).where(notices.c.id == bindparam("notice"))
_MARK_HELD = _MARK.where(notices.c.attempts == bindparam("held"), notices.c.state == "sending")


_sent = notices.alias("sent")
_is_under_way = (
    select(_sent.c.id)
    .where(_sent.c.channel_id == notices.c.channel_id, _sent.c.state == "sending")
    .where(_sent.c.next_at > bindparam("now"))
    .exists()
)
_OVERDUE = select(func.count()).where(IS_UNSENT, notices.c.next_at < bindparam("due"), ~_is_under_way)


def overdue(connection: Connection, due: datetime, now: datetime) -> int:
    """How many notices were due by then and nobody has begun to send.

    Where a channel hangs, its messages wait for each other: while one of them is under way, they are in hand.
    """
    return connection.scalar(_OVERDUE, {"due": due, "now": now}) or 0


def next_at(full: Collection[int] = ()) -> datetime | None:
    """When a notice is due or a lease ends, but for these channels; None if all is sent."""
    with engine.singly() as connection:
        found: datetime | None = connection.scalar(_NEXT_AT, {"full": list(full)})
        return found


def take(
    now: datetime,
    room: int,
    full: Collection[int] = (),
    most: Callable[[int], int] = lambda channel: sys.maxsize,
) -> list[Taken]:
    """Leases up to `room` notices that are due, longest due first, those of dead senders too.

    Args:
        full: channels of which none is taken now.
        most: how many more of a channel may be taken.
    """
    taken: list[Taken] = []
    passed = set(full)
    held = Counter[int]()
    with engine.begin() as connection:
        while room > len(taken) and (found := _due(connection, now, room - len(taken), passed)):
            picked = _picked(found, held, most)
            taken += _lease(connection, picked, now)
            if len(picked) == len(found):
                break  # nobody was passed over, so nobody behind them can have been
            passed |= _passed_over(found, picked)
    return taken


def _due(connection: Connection, now: datetime, room: int, full: set[int]) -> Sequence[Any]:
    return connection.execute(_DUE, {"now": now, "room": room, "full": sorted(full)}).all()


def _picked(found: Sequence[Any], held: Counter[int], most: Callable[[int], int]) -> list[Any]:
    picked = []
    for row in found:
        if held[row.channel_id] < most(row.channel_id):
            held[row.channel_id] += 1
            picked.append(row)
    return picked


def _passed_over(found: Sequence[Any], picked: Sequence[Any]) -> set[int]:
    ids = {row.id for row in picked}
    return {row.channel_id for row in found if row.id not in ids}


def _lease(connection: Connection, rows: Sequence[Any], now: datetime) -> list[Taken]:
    if rows:
        values = {"ids": [row.id for row in rows], "lease": now + timedelta(seconds=LEASE_S)}
        connection.execute(_LEASE, values)
    return [Taken(row.id, row.attempts + 1, row.channel_id) for row in rows]


def read(notice_id: int) -> Any:
    """A notice with what its alert and channel say of it now."""
    with engine.read() as connection:
        return connection.execute(_NOTICES, {"ids": [notice_id]}).one()


def read_all(connection: Connection, taken: Sequence[Taken]) -> dict[int, Any]:
    """The same of several, by id."""
    rows = connection.execute(_NOTICES, {"ids": [each.id for each in taken]})
    return {row.id: row for row in rows}


def mark(taken: Taken, **values: Any) -> None:
    """Writes how an attempt ended: delivered is true whoever says it, all else only under the lease."""
    with engine.singly() as connection:
        if values["state"] == "delivered":
            connection.execute(_MARK, {"notice": taken.id, **values})
        else:
            connection.execute(_MARK_HELD, {"notice": taken.id, "held": taken.attempts, **values})
