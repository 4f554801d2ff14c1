"""Zones: where customers stand, and where a code of their own may hang."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from shopbell.db import engine, places
from shopbell.db.tables import devices, zones
from shopbell.domain.people import Actor
from shopbell.settings import checks
from shopbell.settings.checks import Change, changing, invalid
from shopbell.settings.listed import insert


def add_zone(store_id: int, name: str, now: datetime, by: Actor) -> int:
    """A new zone, or one that is back after it was removed; returns its id."""
    return add_zones(store_id, [name], now, by)[0]


def add_zones(store_id: int, names: Sequence[str], now: datetime, by: Actor) -> list[int]:
    """Several new zones, all or none."""
    if not names:
        raise invalid("name", "Give a name.")
    with changing(store_id, now, by, "zone_added") as change:
        added = [_add(change, checks.name(name)) for name in names]
        change.ids["zone"] = added[-1]
        return added


def _add(change: Change, name: str) -> int:
    slug = checks.slug_of(name)
    if places.zone_id(change.conn, change.door.store.id, slug) is not None:
        raise invalid("name", f"There is already a zone “{slug}”.")
    return keep_zone(change.conn, change.door.store.id, name)


def keep_zone(conn: Connection, store_id: int, name: str) -> int:
    """The zone of that name, made if the store has none; returns its id. The name has a slug."""
    slug = checks.slug_of(name)
    row = _row(conn, store_id, slug)
    if row is None:
        return insert(conn, zones, store_id, {"name": name, "slug": slug})
    conn.execute(update(zones).where(zones.c.id == row.id).values(name=name, removed_at=None))
    return int(row.id)


def _row(conn: Connection, store_id: int, slug: str) -> Row[Any] | None:
    return conn.execute(select(zones).where(zones.c.store_id == store_id, zones.c.slug == slug)).one_or_none()


def rename_zone(
    store_id: int, slug: str, name: str, now: datetime, by: Actor, seen: str | None = None
) -> None:
    """Another name for a zone; its slug stays, as printed codes carry it.

    Raises:
        NotFound: if the store has no such zone.
        Outdated: if it is not what ``seen`` marks any more.
    """
    name = checks.name(name)
    with changing(store_id, now, by, "zone_changed") as change:
        row = _living(change, slug)
        change.unchanged(seen, {"name": row.name})
        change.conn.execute(update(zones).where(zones.c.id == row.id).values(name=name))


def remove_zone(store_id: int, slug: str, now: datetime, by: Actor) -> None:
    """Nobody can stand there any more. Who said so before is still found there.

    Raises:
        NotFound: if the store has no such zone.
        Invalid: if a kiosk stands there.
    """
    with changing(store_id, now, by, "zone_removed") as change:
        row = _living(change, slug)
        if name := _kiosk_in(change.conn, store_id, row.slug):
            raise invalid("zone", f"The kiosk “{name}” stands there: revoke or rename it first.")
        change.conn.execute(update(zones).where(zones.c.id == row.id).values(removed_at=now))


def _living(change: Change, slug: str) -> Row[Any]:
    row = _row(change.conn, change.door.store.id, slug)
    if row is None or row.removed_at:
        raise places.NotFound("zone")
    change.ids["zone"] = row.id
    return row


def _kiosk_in(conn: Connection, store_id: int, slug: str) -> str | None:
    kiosks = (devices.c.store_id == store_id, devices.c.kind == "kiosk", devices.c.revoked_at.is_(None))
    names = conn.scalars(select(devices.c.name).where(*kiosks)).all()
    named = (name for name in names if any(map(str.isalnum, name)))
    return next((name for name in named if checks.slug_of(name) == slug), None)


def list_zones(store_id: int) -> list[dict[str, Any]]:
    """The store's zones in their order, as plain values."""
    query = select(zones).where(zones.c.store_id == store_id, zones.c.removed_at.is_(None))
    with engine.read() as conn:
        found = conn.execute(query.order_by(zones.c.rank, zones.c.id))
        return [{"zone": row.slug, "name": row.name} for row in found]
