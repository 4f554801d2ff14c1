"""Alerts, whom they told, and the notices that carry them to channels."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, false, func, not_, or_, select, update

from shopbell.db import channels as channel_rows
from shopbell.db.places import NotFound
from shopbell.db.tables import IS_UNSTAFFED, alerts, channels, notices, told
from shopbell.db.writes import Writes
from shopbell.domain import rules
from shopbell.domain.lateness import Rung

# Reasons that climb the ladder; others are told once and end with the visit.
CLIMBING = ("threshold", "kiosk_call")
ONE = ("alert.opened", "alert.step")
# For people, where many are late: all of them in one message, and that nobody is any more.
FLOOR, CALM = "alert.floor", "alert.calm"
ASKING = (*ONE, FLOOR)  # that want somebody to come
HANDS_OVER = timedelta(seconds=30)  # by when one of them gets through, or the ladder goes on without it
# Those that ring associates themselves, before anyone above is troubled: no card, no channel.
FREE, CLAIMED, PROMISED = NUDGES = ("free_and_waiting", "claimed_and_waiting", "promise_passed")
PREDICTED = "predicted"  # a warning to supervisors before it is too late; then the climbing one takes over
OVERDUE = timedelta(days=1)  # further back than any step of a ladder is from the next
UNSTAFFED = "unstaffed"  # one at a time in a store, for whoever waits longest
# What an alert is that has just rung, whatever it was before.
STANDING: dict[str, Any] = {
    "state": "open",
    **dict.fromkeys(("acknowledged_at", "acknowledged_by", "resolved_at", "resolved_seq")),
}


@dataclass(frozen=True)
class AlertRow:
    """An alert as the database keeps it. Times are aware UTC."""

    id: int
    store_id: int
    visit_id: int
    leg: int
    reason: str
    step: int
    state: str
    due_at: datetime
    step_at: datetime
    opened_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: int | None
    resolved_at: datetime | None
    resolved_seq: int | None
    steps: list[Any] | None

    @property
    def rung(self) -> Rung:
        return rung_of(self)


def rung_of(row: Any) -> Rung:
    """Where an alert stands, by its row."""
    steps = rules.unpacked(row.steps) if row.steps else None
    return Rung(row.step, row.state, row.step_at, row.acknowledged_at, steps)


_CLIMBING = select(alerts).where(
    alerts.c.visit_id == bindparam("visit_id"),
    alerts.c.leg == bindparam("leg"),
    alerts.c.reason.in_(CLIMBING),
)
_CLIMBING_EACH: Any = select(alerts).where(
    alerts.c.visit_id.in_(bindparam("ids", expanding=True)), alerts.c.reason.in_(CLIMBING)
)
_STORES: Any = bindparam("store_ids", expanding=True)
_FORESEEN = select(alerts.c.store_id, alerts.c.visit_id).where(
    alerts.c.store_id.in_(_STORES),
    alerts.c.state.in_(("open", "acknowledged")),
    alerts.c.reason == PREDICTED,
)
_UNSTAFFED = select(alerts).where(IS_UNSTAFFED)
_UNSTAFFED_IN = _UNSTAFFED.where(alerts.c.store_id == bindparam("store_id"))
_climbs = (alerts.c.state.in_(("open", "acknowledged")), alerts.c.reason.in_(CLIMBING))
_CLIMBS = select(alerts.c.id).where(alerts.c.store_id == bindparam("store_id"), *_climbs)
_BEHIND = select(alerts.c.store_id).where(alerts.c.store_id.in_(_STORES), *_climbs).distinct()
_OF_REASON = select(alerts).where(
    alerts.c.visit_id == bindparam("visit_id"),
    alerts.c.leg == bindparam("leg"),
    alerts.c.reason == bindparam("reason"),
)
_NUDGED = select(told.c.person_id).where(told.c.alert_id == bindparam("alert_id"))
_UNRESOLVED = select(alerts).where(alerts.c.visit_id == bindparam("visit_id"), alerts.c.state != "resolved")


def alert(connection: Connection, store_id: int, alert_id: int) -> AlertRow:
    """The alert, if it belongs to the store.

    Raises:
        NotFound: if it does not.
    """
    query = select(alerts).where(alerts.c.id == alert_id, alerts.c.store_id == store_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("alert")
    return _alert(row)


def climbing(connection: Connection, visit_id: int, leg: int) -> AlertRow | None:
    """The alert that climbs the ladder for this leg of a visit's wait."""
    row = connection.execute(_CLIMBING, {"visit_id": visit_id, "leg": leg}).one_or_none()
    return _alert(row) if row else None


def climbing_each(connection: Connection, visit_ids: Collection[int]) -> dict[tuple[int, int], AlertRow]:
    """The alerts that climb for any of these visits, by (visit, leg)."""
    found = [_alert(row) for row in connection.execute(_CLIMBING_EACH, {"ids": list(visit_ids)})]
    return {(alert.visit_id, alert.leg): alert for alert in found}


def foreseen(connection: Connection, store_ids: Collection[int]) -> dict[int, set[int]]:
    """The visits of each store of which those above were warned, and not more yet."""
    found: dict[int, set[int]] = {store_id: set() for store_id in store_ids}
    for row in connection.execute(_FORESEEN, {"store_ids": list(store_ids)}):
        found[row.store_id].add(row.visit_id)
    return found


def of_reason(connection: Connection, visit_id: int, leg: int, reason: str) -> AlertRow | None:
    """The alert of this reason for this leg of a visit's wait; there is one at most."""
    values = {"visit_id": visit_id, "leg": leg, "reason": reason}
    row = connection.execute(_OF_REASON, values).one_or_none()
    return _alert(row) if row else None


def unstaffed(connection: Connection) -> list[AlertRow]:
    """The alerts of all stores that say that nobody is there, as far as they are not over."""
    return [_alert(row) for row in connection.execute(_UNSTAFFED)]


def unstaffed_in(connection: Connection, store_id: int) -> AlertRow | None:
    """The one of this store."""
    row = connection.execute(_UNSTAFFED_IN, {"store_id": store_id}).one_or_none()
    return _alert(row) if row else None


def any_climbs(connection: Connection, store_id: int) -> bool:
    """Whether an alert for a long wait climbs in the store."""
    return connection.scalars(_CLIMBS.limit(1), {"store_id": store_id}).first() is not None


def behind(connection: Connection, store_ids: Collection[int]) -> dict[int, bool]:
    """The same of each of these stores."""
    found = set(connection.scalars(_BEHIND, {"store_ids": list(store_ids)}))
    return {store_id: store_id in found for store_id in store_ids}


def people_told(connection: Connection, alert_id: int) -> set[int]:
    """Everyone to whom an alert has spoken."""
    return set(connection.scalars(_NUDGED, {"alert_id": alert_id}))


def unresolved(connection: Connection, visit_id: int) -> list[AlertRow]:
    """A visit's alerts that still want an answer or an end."""
    return [_alert(row) for row in connection.execute(_UNRESOLVED, {"visit_id": visit_id})]


def unresolved_by_store(connection: Connection) -> dict[int, int]:
    """How many alerts of each store still want an answer or an end; stores without are left out, and so are
    those that ring associates only."""
    wanting = (alerts.c.state != "resolved", alerts.c.reason.not_in(NUDGES))
    counted = select(alerts.c.store_id, func.count()).where(*wanting)
    found = connection.execute(counted.group_by(alerts.c.store_id))
    return {row.store_id: row[1] for row in found}


def _alert(row: Row[Any]) -> AlertRow:
    return AlertRow(**row._mapping)


_ADD = alerts.insert().returning(alerts, sort_by_parameter_order=True)


def add(connection: Connection, **values: Any) -> AlertRow:
    """Opens an alert."""
    return add_all(connection, [values])[0]


def add_all(connection: Connection, rows: Sequence[dict[str, Any]]) -> list[AlertRow]:
    """Opens several alerts, of any stores, in this order."""
    found = connection.execute(_ADD, [{"state": "open", **values} for values in rows])
    return [_alert(row) for row in found]


def change(connection: Connection, alert_id: int, **values: Any) -> None:
    """Writes an alert's changed fields; the caller holds the store's lock."""
    connection.execute(update(alerts).where(alerts.c.id == alert_id).values(**values))


def changed(connection: Connection, alert: AlertRow, **values: Any) -> AlertRow:
    """The same; returns the alert with them."""
    change(connection, alert.id, **values)
    return replace(alert, **values)


def tell(to: Writes | Connection, alert_id: int, step: int, people: list[int], at: datetime) -> None:
    """Keeps whom a step speaks to."""
    rows = [{"alert_id": alert_id, "step": step, "person_id": person_id, "at": at} for person_id in people]
    if rows:
        to.execute(_TELL, rows)


_TELL = told.insert()


def opened_since(connection: Connection, store_id: int, reason: str, since: datetime) -> bool:
    """Whether the store had an alert of this reason since then."""
    query = select(alerts.c.id).where(
        alerts.c.store_id == store_id, alerts.c.reason == reason, alerts.c.opened_at >= since
    )
    return connection.scalars(query.limit(1)).first() is not None


def unresolve(connection: Connection, visit_id: int, seq: int) -> list[int]:
    """Undo: the alerts that event ``seq`` resolved stand again where they stood, without a new notice."""
    found = list(
        connection.execute(select(alerts).where(alerts.c.visit_id == visit_id, alerts.c.resolved_seq == seq))
    )
    for row in found:
        state = "acknowledged" if row.acknowledged_at else "open"
        change(connection, row.id, state=state, resolved_at=None, resolved_seq=None)
        _cancel(connection, notices.c.alert_id == row.id, notices.c.type == "alert.resolved")
    return [row.id for row in found]


def unresolve_since(connection: Connection, visit_id: int, leg: int, since: datetime) -> list[AlertRow]:
    """Alerts of those above that a serve resolved which was none: each stands again where it stood.

    Whoever was told meanwhile that it is settled hears the next step at once.
    """
    query = select(alerts).where(
        alerts.c.visit_id == visit_id,
        alerts.c.leg == leg,
        alerts.c.resolved_at >= since,
        alerts.c.reason.not_in(NUDGES),
    )
    found = [_alert(row) for row in connection.execute(query)]
    for alert in found:
        state = "acknowledged" if alert.acknowledged_at else "open"
        values: dict[str, Any] = {"state": state, "resolved_at": None, "resolved_seq": None}
        ended = (notices.c.alert_id == alert.id, notices.c.type == "alert.resolved")
        _cancel(connection, *ended)
        if connection.scalars(select(notices.c.id).where(*ended, notices.c.state != "cancelled")).first():
            values |= STANDING | {"step_at": alert.step_at - OVERDUE}
        change(connection, alert.id, **values)
    return found


def open_of(connection: Connection, store_id: int) -> list[AlertRow]:
    """The store's alerts for those above that nobody has answered, oldest first."""
    wanting = (alerts.c.store_id == store_id, alerts.c.state == "open", alerts.c.reason.not_in(NUDGES))
    return [_alert(row) for row in connection.execute(select(alerts).where(*wanting).order_by(alerts.c.id))]


# --- notices ------------------------------------------------------------------------------------


def add_notices(
    to: Writes | Connection,
    alert_id: int,
    type_: str,
    step: int,
    ids: Collection[int],
    now: datetime,
    at: datetime | None = None,
) -> None:
    """One notice for each of these channels, to be sent now or later."""
    at = at or now
    rows = [
        {"alert_id": alert_id, "type": type_, "step": step, "channel_id": channel_id, "state": "pending",
         "next_at": at, "hands_over_at": at + HANDS_OVER if type_ in ASKING else None, "created_at": now}
        for channel_id in ids
    ]  # fmt: skip
    if rows:
        to.execute(_ADD_NOTICES, rows)


_ADD_NOTICES = notices.insert()


def follow_up(connection: Connection, alert: AlertRow, type_: str, step: int, now: datetime) -> int:
    """Tells everyone who was told of the alert what became of it, and returns how many.

    Spared are who was not told yet, a device whose person is not on shift any more, whose own answer it is,
    but for his devices (there the question goes away), and who heard of it with all others of the floor.
    """
    sent = or_(notices.c.attempts > 0, notices.c.state.in_(("sending", "delivered")))
    told_on = select(notices.c.channel_id).join(channels, channels.c.id == notices.c.channel_id)
    who = select(alerts.c.acknowledged_by).where(alerts.c.id == alert.id).scalar_subquery()
    his = func.coalesce(channels.c.person_id == who, false()) if type_ == "alert.acknowledged" else false()
    hears = or_(and_(channels.c.device_id.is_(None), not_(his)), channel_rows.rings(alert.store_id, now))
    query = told_on.where(notices.c.alert_id == alert.id, notices.c.type.in_(ONE), sent, hears)
    known = select(notices.c.channel_id).where(
        notices.c.alert_id == alert.id, notices.c.type == type_, notices.c.step == step
    )
    receivers = set(connection.scalars(query)) - set(connection.scalars(known))
    add_notices(connection, alert.id, type_, step, sorted(receivers), now)
    return len(receivers)


@dataclass(frozen=True)
class Asked:
    """An alert as it was told over a channel: in which store, to whom if it is his own, and when last; by
    itself, or with all others of a floor that is late as a whole (``is_floor``)."""

    store_id: int
    visit_id: int
    person_id: int | None
    is_over: bool
    is_floor: bool
    at: datetime


def asked(connection: Connection, alert_id: int, channel_id: int) -> Asked | None:
    """What was last told of an alert over a channel that is still in use, None if nothing was."""
    query = (
        select(
            *alerts.c["store_id", "visit_id", "state"],
            channels.c.person_id,
            notices.c.created_at,
            (notices.c.type == FLOOR).label("is_floor"),
        )
        .join_from(notices, alerts)
        .join(channels, channels.c.id == notices.c.channel_id)
        .where(notices.c.alert_id == alert_id, notices.c.channel_id == channel_id)
        .where(channels.c.removed_at.is_(None))
        .order_by(notices.c.id.desc())
    )
    row = connection.execute(query.limit(1)).one_or_none()
    if row is None:
        return None
    is_over = not any_climbs(connection, row.store_id) if row.is_floor else row.state == "resolved"
    return Asked(row.store_id, row.visit_id, row.person_id, is_over, row.is_floor, row.created_at)


def stop_unsent(connection: Connection, alert_id: int) -> None:
    """A resolved alert asks nobody any more."""
    _cancel(connection, notices.c.alert_id == alert_id, notices.c.type.in_(ONE))


def stop_unsent_floor(connection: Connection, store_id: int, type_: str = FLOOR) -> list[int]:
    """Nobody is late any more, or again (``CALM``); returns the channels that had not been told of it yet."""
    found = connection.execute(
        _cancelling(store_id, notices.c.type == type_).returning(notices.c.channel_id, notices.c.attempts)
    )
    return [row.channel_id for row in found if row.attempts == 0]


def stop_waiting_ones(
    connection: Connection, store_id: int, channel_ids: Collection[int], now: datetime
) -> None:
    """The floor speaks for all over these channels: what was to be said later of one alone is not said."""
    mine = (notices.c.type.in_(ONE), notices.c.channel_id.in_(channel_ids), notices.c.next_at > now)
    connection.execute(_cancelling(store_id, *mine, alerts.c.reason.in_(CLIMBING)))


def _cancelling(store_id: int, *where: Any) -> Any:
    ids = select(notices.c.id).join(alerts, alerts.c.id == notices.c.alert_id)
    mine = ids.where(alerts.c.store_id == store_id, notices.c.state == "pending", *where)
    return update(notices).where(notices.c.id.in_(mine)).values(state="cancelled")


def _cancel(connection: Connection, *where: Any) -> None:
    connection.execute(update(notices).where(notices.c.state == "pending", *where).values(state="cancelled"))
