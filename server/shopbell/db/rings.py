"""How late a store's floor is, and what each channel was last told of it as a whole."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select, update

from shopbell.db.alerts import CLIMBING
from shopbell.db.tables import alerts, lines, rings, stores, visits
from shopbell.domain.noise import Late, Ring

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
_ANSWERS = select(alerts.c.id).where(
    alerts.c.store_id == bindparam("store_id"), alerts.c.acknowledged_at >= bindparam("since")
)


def late(connection: Connection, store_id: int, now: datetime) -> Late:
    """How many wait there with an alert that is not resolved, and the worst of these waits."""
    rows = connection.execute(_LATE, {"store_id": store_id}).all()
    waits = [(now - row.waiting_since).total_seconds() / row.threshold_s for row in rows]
    return Late(len(waits), max(waits, default=0.0))


def of_store(connection: Connection, store_id: int, now: datetime) -> dict[int, Ring]:
    """What each channel was last told in this rush, by its id."""
    rows = connection.execute(_RINGS, {"store_id": store_id})
    found = {row.channel_id: Ring(row.at, row.count_band, row.wait_band, row.calm_at) for row in rows}
    return {id_: ring for id_, ring in found.items() if not ring.is_over(now)}


def keep(connection: Connection, store_id: int, told: Mapping[int, Ring]) -> None:
    """These channels are told now."""
    mine = (rings.c.store_id == store_id, rings.c.channel_id.in_(told))
    connection.execute(delete(rings).where(*mine))
    rows = [{"store_id": store_id, "channel_id": id_, **vars(ring)} for id_, ring in told.items()]
    connection.execute(rings.insert(), rows)


def calm(connection: Connection, store_id: int, now: datetime) -> list[int]:
    """Nobody is late any more; returns the channels that were told of someone since it was last so."""
    told = update(rings).where(rings.c.store_id == store_id, rings.c.calm_at.is_(None)).values(calm_at=now)
    return sorted(connection.scalars(told.returning(rings.c.channel_id)))


def is_answered(connection: Connection, store_id: int, since: datetime, person_id: int | None) -> bool:
    """Whether an alert of the store was acknowledged since: by him, or by anyone if nobody is named."""
    query = _ANSWERS if person_id is None else _ANSWERS.where(alerts.c.acknowledged_by == person_id)
    return connection.scalar(query.limit(1), {"store_id": store_id, "since": since}) is not None
