"""How late a store's floor is, and what each channel was last told of it as a whole."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, or_, select, update

from shopbell.db.alerts import CALM, CLIMBING, stop_unsent_floor
from shopbell.db.tables import alerts, channels, lines, notices, rings, stores, visits
from shopbell.domain import noise
from shopbell.domain.noise import Late, Ring

LONGEST = timedelta(days=1)  # that anybody is late: whoever is longer is not looked for

_LATE = (
    select(
        visits.c.waiting_since,
        func.coalesce(lines.c.threshold_s, stores.c.threshold_s).label("threshold_s"),
    )
    .join_from(alerts, visits, visits.c.id == alerts.c.visit_id)
    .join(lines, lines.c.id == visits.c.line_id)
    .join(stores, stores.c.id == alerts.c.store_id)
    .where(
        alerts.c.store_id == bindparam("store_id"),
        alerts.c.state.in_(("open", "acknowledged")),
        alerts.c.reason.in_(CLIMBING),
    )
)
_RINGS = select(rings).where(rings.c.store_id == bindparam("store_id"))
# The end of the last of them: since then nobody is late.
_CALM_AT = select(func.max(alerts.c.resolved_at)).where(
    alerts.c.store_id == bindparam("store_id"),
    alerts.c.state == "resolved",
    alerts.c.opened_at >= bindparam("since"),
    alerts.c.reason.in_(CLIMBING),
)
_ANSWERS = select(alerts.c.id).where(
    alerts.c.store_id == bindparam("store_id"), alerts.c.acknowledged_at >= bindparam("since")
)


def late(connection: Connection, store_id: int, now: datetime) -> Late:
    """How many wait there with an alert that is not resolved, and the worst of these waits."""
    rows = connection.execute(_LATE, {"store_id": store_id}).all()
    waits = [(now - row.waiting_since).total_seconds() / row.threshold_s for row in rows]
    return Late(len(waits), max(waits, default=0.0))


def of_store(connection: Connection, store_id: int) -> dict[int, Ring]:
    """What each channel was last told in this rush, by its id."""
    rows = connection.execute(_RINGS, {"store_id": store_id})
    return {row.channel_id: Ring(row.at, row.count_band, row.wait_band, row.calm_at) for row in rows}


def keep(connection: Connection, store_id: int, told: Mapping[int, Ring]) -> None:
    """These channels are told now."""
    mine = (rings.c.store_id == store_id, rings.c.channel_id.in_(told))
    connection.execute(delete(rings).where(*mine))
    rows = [{"store_id": store_id, "channel_id": id_, **vars(ring)} for id_, ring in told.items()]
    connection.execute(rings.insert(), rows)


def heard(connection: Connection, store_id: int, alert_id: int) -> list[tuple[int, bool]]:
    """(channel, whether it is a device) of each that heard of the floor and has not heard yet that it keeps
    up again; ``alert_id`` ended as the last one."""
    since = (notices.c.created_at >= rings.c.at, notices.c.state != "cancelled")
    knows = exists(
        select(notices.c.id)
        .join(alerts, alerts.c.id == notices.c.alert_id)
        .where(alerts.c.store_id == rings.c.store_id, notices.c.channel_id == rings.c.channel_id)
        .where(notices.c.type == CALM, or_(and_(*since), alerts.c.id == alert_id))
        .correlate(rings)
    )
    query = select(channels.c.id, channels.c.device_id.is_not(None)).join_from(rings, channels)
    of_floor = (rings.c.store_id == store_id, rings.c.count_band > noise.TWO_TOLD)
    return [(id_, is_device) for id_, is_device in connection.execute(query.where(*of_floor, ~knows))]


def forget(connection: Connection, store_id: int, channel_ids: Collection[int]) -> None:
    """What these channels were to be told was taken back before they heard it."""
    mine = (rings.c.store_id == store_id, rings.c.channel_id.in_(channel_ids))
    connection.execute(delete(rings).where(*mine))


def fall_behind(connection: Connection, store_id: int, now: datetime) -> None:
    """Somebody is about to be late while nobody is: a new story, or the same rush after a breath or more."""
    if not of_store(connection, store_id):
        return
    stop_unsent_floor(connection, store_id, CALM)
    calm_at = connection.scalar(_CALM_AT, {"store_id": store_id, "since": now - LONGEST})
    mine = rings.c.store_id == store_id
    if calm_at is None or noise.is_over(now - calm_at):
        connection.execute(delete(rings).where(mine))
    elif not noise.is_breath(now - calm_at):
        connection.execute(update(rings).where(mine).values(calm_at=calm_at))


def is_answered(connection: Connection, store_id: int, since: datetime, person_id: int | None) -> bool:
    """Whether an alert of the store was acknowledged since: by him, or by anyone if nobody is named."""
    query = _ANSWERS if person_id is None else _ANSWERS.where(alerts.c.acknowledged_by == person_id)
    return connection.scalar(query.limit(1), {"store_id": store_id, "since": since}) is not None
