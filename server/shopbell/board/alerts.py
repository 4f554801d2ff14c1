"""Alerts as those who answer them see them, and as programs are told of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from shopbell.board import rows
from shopbell.board.views import Alert, Row
from shopbell.db import engine, meta, places
from shopbell.db.tables import alerts


def read_alert(store_id: int, alert_id: int, now: datetime) -> Alert:
    """One alert.

    Raises:
        NotFound: if the store has no such alert.
    """
    with engine.read() as connection:
        found = _alerts(connection, places.store(connection, store_id), alerts.c.id == alert_id)
    if not found:
        raise places.NotFound("alert")
    return found[0]


def read_alerts(store_id: int, states: tuple[str, ...], now: datetime, limit: int = 200) -> tuple[Alert, ...]:
    """A store's latest alerts in these states, oldest of them first."""
    with engine.read() as connection:
        found = _alerts(connection, places.store(connection, store_id), alerts.c.state.in_(states))
    return tuple(found[-limit:])


def _alerts(connection: Connection, store: places.Store, where: Any) -> list[Alert]:
    chosen = select(alerts.c.id, alerts.c.visit_id).where(alerts.c.store_id == store.id, where)
    wanted: dict[int, int] = dict(iter(connection.execute(chosen)))
    visited = rows.plain(connection, store, rows.SOME, ids=list(set(wanted.values())))
    by_visit = rows.read_alerts(connection, store, visited)
    found = [alert for of_visit in by_visit.values() for alert in of_visit if alert.id in wanted]
    return sorted(found, key=lambda alert: (alert.opened_at, alert.id))


@dataclass(frozen=True)
class Alerted:
    """An alert and its visit as programs are told of them, with the epoch of the database."""

    alert: Alert
    row: Row
    epoch: str


def alerted(connection: Connection, visit_of: Mapping[int, int]) -> dict[int, Alerted]:
    """These alerts, of any stores, by id; ``visit_of`` names the visit of each."""
    if not visit_of:
        return {}
    epoch = meta.kept_or(connection, "epoch")
    return {
        alert.id: Alerted(alert, row, epoch)
        for row, found in rows.read_alerted(connection, set(visit_of.values()))
        for alert in found
        if alert.id in visit_of
    }


def store_of_alert(alert_id: int) -> int | None:
    """The store that an alert belongs to, None if there is no such alert."""
    with engine.read() as connection:
        return connection.scalar(select(alerts.c.store_id).where(alerts.c.id == alert_id))
