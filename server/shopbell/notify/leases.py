"""Notices as senders share them: taken by lease, marked after sending, each mark a transaction of its own.

While a notice is being sent, `next_at` is the end of its lease: one column says when to look at it again.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select, true, update

from shopbell.db import engine
from shopbell.db.tables import IS_UNSENT, alerts, channels, notices

LEASE_S = 15  # longer than one attempt may take


class Taken(NamedTuple):
    """A notice this process may send; `attempts`, this one included, tells its lease from later ones."""

    id: int
    attempts: int


_NEXT_AT = select(func.min(notices.c.next_at)).where(IS_UNSENT)
_NOTICE = (
    select(
        *notices.c["id", "type", "step", "created_at", "alert_id"],
        *alerts.c["store_id", "visit_id"],
        alerts.c.state.label("alert_state"),
        channels.c.id.label("channel_id"),
        *channels.c["name", "url", "secret", "removed_at", "person_id"],
    )
    .join_from(notices, alerts)
    .join(channels, channels.c.id == notices.c.channel_id)
)


def next_at() -> datetime | None:
    """When a notice is due or a lease ends; None if all is sent."""
    with engine.read() as connection:
        found: datetime | None = connection.scalar(_NEXT_AT)
        return found


def take(now: datetime, room: int) -> list[Taken]:
    """Leases up to `room` notices that are due, longest due first, those of dead senders too."""
    # Selected first and updated by id: as one statement, UPDATE … IN (SELECT … SKIP LOCKED) may run the
    # subquery again and take more than its limit. SQLite has no row locks and needs none: BEGIN IMMEDIATE.
    due = select(notices.c.id, notices.c.attempts).where(IS_UNSENT, notices.c.next_at <= now)
    oldest = due.order_by(notices.c.next_at, notices.c.id).limit(room).with_for_update(skip_locked=True)
    lease = now + timedelta(seconds=LEASE_S)
    with engine.begin() as connection:
        taken = [Taken(row.id, row.attempts + 1) for row in connection.execute(oldest)]
        connection.execute(
            update(notices)
            .where(notices.c.id.in_([each.id for each in taken]))
            .values(state="sending", attempts=notices.c.attempts + 1, next_at=lease)
        )
    return taken


def read(notice_id: int) -> Any:
    """A notice with what its alert and channel say of it now."""
    with engine.read() as connection:
        return connection.execute(_NOTICE.where(notices.c.id == notice_id)).one()


def mark(taken: Taken, **values: Any) -> None:
    """Writes how an attempt ended: delivered is true whoever says it, all else only under the lease."""
    held = and_(notices.c.attempts == taken.attempts, notices.c.state == "sending")
    said = true() if values["state"] == "delivered" else held
    with engine.begin() as connection:
        connection.execute(update(notices).where(notices.c.id == taken.id, said).values(**values))
