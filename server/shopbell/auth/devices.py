"""Screens of a store: invited by a one-time code, then known by an opaque token while they are seen."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, select, update

from shopbell.auth import secrets
from shopbell.db import places, roster
from shopbell.db.tables import devices, stores

KINDS = ("tablet", "kiosk", "display", "phone")
BROWSER = "browser"  # one in which a manager gave his password: it may set up, until his shift is over
OWNED = ("phone", BROWSER)  # those of one person
ENDED: dict[str, Any] = {"code_hash": None, "token_hash": None}  # what opens nothing any more
CODE_LASTS = timedelta(minutes=10)
SEEN_EVERY = timedelta(seconds=20)  # so that a board is known to be gone within a minute
LEAST_UNSEEN = timedelta(hours=1)  # no store may ask sooner
BATTERY_EVERY = timedelta(minutes=2)


@dataclass(frozen=True)
class Device:
    """An enrolled screen. ``person_id`` is whose phone or browser it is."""

    id: int
    store_id: int
    kind: str
    name: str
    person_id: int | None
    seen_at: datetime | None
    locked_at: datetime | None
    enrolled_at: datetime | None


def add(conn: Connection, store_id: int, kind: str, name: str, person_id: int | None) -> int:
    """A screen that nobody is yet; returns its id."""
    values = {"store_id": store_id, "kind": kind, "name": name, "person_id": person_id}
    return int(conn.execute(devices.insert().returning(devices.c.id).values(values)).scalar_one())


def invite(
    conn: Connection, store_id: int, kind: str, name: str, person_id: int | None, now: datetime
) -> str:
    """A one-time code, good for 10 minutes, that makes the screen which enters it this device."""
    code = secrets.code()
    mine = devices.c.id == add(conn, store_id, kind, name, person_id)
    values = {"code_hash": secrets.digest(secrets.plain(code)), "code_expires_at": now + CODE_LASTS}
    conn.execute(update(devices).where(mine).values(values))
    return code


def enrol(conn: Connection, code: str, now: datetime) -> tuple[Device, str] | None:
    """The device of a code and its new token; None if the code is wrong, used or too old.

    One UPDATE both looks and takes, so of two screens with one code only one gets in.
    """
    usable = devices.c.code_hash == secrets.digest(secrets.plain(code)), devices.c.code_expires_at > now
    return _admit(conn, usable, now)


def admit(conn: Connection, device_id: int, now: datetime) -> tuple[Device, str] | None:
    """The device and its new token, which ends the one it may have had; None if it was revoked meanwhile."""
    return _admit(conn, (devices.c.id == device_id,), now)


def _admit(
    conn: Connection, which: tuple[ColumnElement[bool], ...], now: datetime
) -> tuple[Device, str] | None:
    token = secrets.token()
    values = {"code_hash": None, "code_expires_at": None, "token_hash": secrets.digest(token)}
    known = update(devices).where(*which, devices.c.revoked_at.is_(None))
    taken = conn.execute(known.values(**values, enrolled_at=now, seen_at=now))
    device = by_token(conn, token) if taken.rowcount == 1 else None
    return (device, token) if device else None


_KNOWN = select(devices).where(devices.c.revoked_at.is_(None))
_BY_HASH = _KNOWN.where(devices.c.token_hash == bindparam("hash"))


def by_code(conn: Connection, code: str, now: datetime) -> Device | None:
    """The device that a code would enrol, without using the code up."""
    usable = devices.c.code_hash == secrets.digest(secrets.plain(code)), devices.c.code_expires_at > now
    row = conn.execute(_KNOWN.where(*usable)).one_or_none()
    return _device(row) if row else None


def by_token(conn: Connection, token: str) -> Device | None:
    """The enrolled device of a token; None if unknown or revoked."""
    row = conn.execute(_BY_HASH, {"hash": secrets.digest(token)}).one_or_none()
    return _device(row) if row else None


def _device(row: Row[Any]) -> Device:
    return Device(*(getattr(row, field) for field in _FIELDS))


_FIELDS = [field.name for field in fields(Device)]


def has_ended(device: Device, now: datetime) -> bool:
    """Whether a browser's time is over: a password, too, is given once a shift."""
    return device.kind == BROWSER and (device.enrolled_at or now) <= roster.shift_began(now)


def must_confirm(conn: Connection, device: Device, now: datetime) -> bool:
    """Whether it was unseen for so long that somebody has to say that it is still the store's.

    Only hours in which the store was open count: what is switched off from Saturday night to Monday morning
    is no stranger, and a screen that nobody missed while others worked may be in other hands.
    """
    unseen = now - device.seen_at if device.seen_at else timedelta(0)
    if device.kind == BROWSER or unseen < LEAST_UNSEEN:
        return False
    return is_overdue(conn, device.store_id, now - unseen, now)


def is_overdue(conn: Connection, store_id: int, seen_at: datetime, now: datetime) -> bool:
    """Whether a screen of the store that was seen last then must be confirmed."""
    allowed_h = conn.scalar(select(stores.c.confirm_after_h).where(stores.c.id == store_id))
    if not allowed_h or now - seen_at < timedelta(hours=allowed_h):
        return False
    opening = places.store(conn, store_id).hours.open_between(seen_at, now)
    return opening >= timedelta(hours=allowed_h)


def is_stale(device: Device, now: datetime) -> bool:
    """Whether the device's last sign of life should be written anew: at most every 20 s."""
    return device.seen_at is None or now - device.seen_at >= SEEN_EVERY


def touch(conn: Connection, device_id: int, now: datetime) -> None:
    """Writes a sign of life."""
    conn.execute(update(devices).where(devices.c.id == device_id).values(seen_at=now))


def touch_all(conn: Connection, device_ids: Collection[int], now: datetime) -> None:
    """The same for many at once, but for those that were seen just now."""
    stale = devices.c.id.in_(device_ids) & (devices.c.seen_at <= now - SEEN_EVERY / 2)
    conn.execute(update(devices).where(stale).values(seen_at=now))


def charge(conn: Connection, device_id: int, percent: int, charging: bool, now: datetime) -> None:
    """Writes how full a screen's battery is; what comes sooner than every two minutes is passed over."""
    due = devices.c.battery_at.is_(None) | (devices.c.battery_at <= now - BATTERY_EVERY)
    values = {"battery": percent, "charging": charging, "battery_at": now}
    conn.execute(update(devices).where(devices.c.id == device_id, due).values(values))


def lock(conn: Connection, device_id: int, now: datetime) -> None:
    """Locks a tablet: who is signed in stays so, but nothing personal is shown and nothing can be done."""
    conn.execute(
        update(devices).where(devices.c.id == device_id, devices.c.locked_at.is_(None)).values(locked_at=now)
    )


def unlock(conn: Connection, device_id: int) -> None:
    """Unlocks a tablet, after a PIN of someone signed in on it was checked."""
    conn.execute(update(devices).where(devices.c.id == device_id).values(locked_at=None))


def revoke(conn: Connection, device_id: int, now: datetime) -> None:
    """Ends a device for good, its unused code too."""
    conn.execute(
        update(devices)
        .where(devices.c.id == device_id, devices.c.revoked_at.is_(None))
        .values(revoked_at=now, **ENDED)
    )
