"""Every screen as set-up shows it: what state it is in, when it was seen, how full its battery is."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from shopbell.auth import devices
from shopbell.db import engine
from shopbell.db.tables import devices as rows
from shopbell.db.tables import people, stores
from shopbell.domain.people import Actor
from shopbell.settings.checks import changing, invalid

ALIVE = timedelta(minutes=3)  # a sign of life is written once a minute
BATTERY_TOLD = timedelta(minutes=30)  # an older figure says nothing any more
CONFIRM_AFTER_H = (8, 24, 72, 168, 0)  # opening hours; 0 is never
LOCK_AFTER_S = (30, 60, 120, 300, 600)


def list_devices(store_id: int | None = None) -> list[dict[str, Any]]:
    """Every screen that works or still may, of a store or of all."""
    return [_listed(row) for row in _rows(store_id, rows.c.revoked_at.is_(None))]


def list_screens(store_id: int, now: datetime, ended: timedelta = timedelta(days=7)) -> list[dict[str, Any]]:
    """The same with state and battery, and those that were ended lately.

    ``state`` is invited (waits for its code), lapsed (nobody used the code), live, asleep, confirm (must be
    confirmed) or revoked; ``battery`` is in percent, None where it is not known.
    """
    lately = or_(rows.c.revoked_at.is_(None), rows.c.revoked_at > now - ended)
    with engine.read() as conn:
        return [
            {**_listed(row), "state": _state(conn, row, now), **_battery(row, now)}
            for row in _rows(store_id, lately)
        ]


def _rows(store_id: int | None, *which: Any) -> list[Row[Any]]:
    mine = [rows.c.store_id == store_id] if store_id is not None else []
    query = (
        select(rows, stores.c.slug, people.c.name.label("person"))
        .join_from(rows, stores)
        .outerjoin(people, people.c.id == rows.c.person_id)
        .where(*mine, *which)
        .order_by(rows.c.revoked_at.is_not(None), rows.c.id)
    )
    with engine.read() as conn:
        return list(conn.execute(query))


def _listed(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "store": row.slug,
        "kind": row.kind,
        "name": row.name,
        "for": row.person,
        "enrolled": row.token_hash is not None,
        "seen_at": row.seen_at,
    }


def _state(conn: Connection, row: Row[Any], now: datetime) -> str:
    if row.revoked_at:
        return "revoked"
    if row.token_hash is None:
        return "invited" if row.code_expires_at and row.code_expires_at > now else "lapsed"
    if now - row.seen_at <= ALIVE:
        return "live"
    if row.kind != devices.BROWSER and devices.is_overdue(conn, row.store_id, row.seen_at, now):
        return "confirm"
    return "asleep"


def _battery(row: Row[Any], now: datetime) -> dict[str, Any]:
    known = row.battery_at is not None and now - row.battery_at <= BATTERY_TOLD
    return {"battery": row.battery if known else None, "charging": bool(known and row.charging)}


def care(store_id: int) -> dict[str, int]:
    """How careful the store is: ``confirm_after_h`` and ``lock_after_s``."""
    with engine.read() as conn:
        return _care(conn, store_id)


def _care(conn: Connection, store_id: int) -> dict[str, int]:
    columns = (stores.c.confirm_after_h, stores.c.lock_after_s)
    return dict(conn.execute(select(*columns).where(stores.c.id == store_id)).one()._mapping)


def take_care(
    store_id: int, confirm_after_h: int, lock_after_s: int, now: datetime, by: Actor, seen: str | None = None
) -> None:
    """After how many opening hours unseen a screen must be confirmed (0 is never), and after how many
    seconds without a touch a tablet locks.

    Raises:
        Invalid: if it is not one of the choices.
        Outdated: if it is not what ``seen`` marks any more.
    """
    if confirm_after_h not in CONFIRM_AFTER_H or lock_after_s not in LOCK_AFTER_S:
        raise invalid("care", "This is not one of the choices.")
    values = {"confirm_after_h": confirm_after_h, "lock_after_s": lock_after_s}
    with changing(store_id, now, by, "screens_care") as change:
        change.unchanged(seen, _care(change.conn, store_id))
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(values))
