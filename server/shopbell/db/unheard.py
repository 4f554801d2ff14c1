"""Messages of an alert that do not get through: then its ladder goes on without them, and does not wait.

When that is due stands with each message; it goes once the message is delivered or has been looked at.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from shopbell.db.alerts import ASKING, CLIMBING, HANDS_OVER, UNSTAFFED, AlertRow
from shopbell.db.tables import alerts, notices

UNSENT = ("pending", "sending")
REFUSED = 4  # so often in a row a channel that works does not fail one message by chance

_is_unsent = notices.c.state.in_(UNSENT)
_is_due = notices.c.hands_over_at <= bindparam("now")
_STORES = select(alerts.c.store_id).join_from(notices, alerts).where(_is_due).distinct()
NEXT_AT = select(func.min(notices.c.hands_over_at)).where(notices.c.hands_over_at.is_not(None))
_other = notices.alias("other")
_works = (
    select(_other.c.id)
    .where(_other.c.channel_id == notices.c.channel_id, _other.c.sent_at > bindparam("lately"))
    .correlate(notices)
    .exists()
)
# Whoever waits for company, or for a first attempt, has not failed; nor has a channel over which others got
# through meanwhile. What failed goes on being tried.
_has_failed = or_(
    notices.c.state == "failed",
    and_(_is_unsent, notices.c.last_error.is_not(None), or_(notices.c.failures >= REFUSED, ~_works)),
)
_MINE: Any = (
    select(notices.c.id, notices.c.alert_id, _is_unsent.label("is_unsent"), _has_failed.label("failed"))
    .join_from(notices, alerts)
    .where(_is_due, alerts.c.store_id == bindparam("store_id"))
)
_LATER = update(notices).where(notices.c.id.in_(bindparam("ids", expanding=True)))
_is_looked_at = or_(notices.c.state == "failed", notices.c.hands_over_at.is_(None), _is_due)
_gets_through = (
    select(notices.c.id)
    .where(notices.c.alert_id == alerts.c.id, notices.c.step == alerts.c.step)
    .where(notices.c.type.in_(ASKING), notices.c.state != "cancelled", ~and_(_has_failed, _is_looked_at))
    .exists()
)
_UNHEARD: Any = select(alerts).where(
    alerts.c.id.in_(bindparam("ids", expanding=True)),
    alerts.c.state == "open",
    alerts.c.reason.in_((*CLIMBING, UNSTAFFED)),
    ~_gets_through,
)


def stores(connection: Connection, now: datetime) -> list[int]:
    """Where a message should have got through by now and has not."""
    return list(connection.scalars(_STORES, {"now": now}))


def settle(connection: Connection, store_id: int, now: datetime) -> list[AlertRow]:
    """Looks at each of a store's messages that should have got through by now, once.

    One that nobody has tried yet, or that failed where others get through, is looked at again later: that is
    no fault of its channel.

    Returns the open alerts of which nobody heard: no channel of their last step works.
    """
    times = {"now": now, "lately": now - HANDS_OVER}
    due = connection.execute(_MINE, {"store_id": store_id, **times}).all()
    failed = sorted({row.alert_id for row in due if row.failed})
    unheard = connection.execute(_UNHEARD, {"ids": failed, **times}) if failed else ()
    found = [AlertRow(**row._mapping) for row in unheard]
    under_way = [row.id for row in due if row.is_unsent and not row.failed]
    _look_again(connection, under_way, now + HANDS_OVER)
    _look_again(connection, [row.id for row in due if row.id not in under_way], None)
    return found


def _look_again(connection: Connection, ids: list[int], at: datetime | None) -> None:
    if ids:
        connection.execute(_LATER.values(hands_over_at=at), {"ids": ids})
