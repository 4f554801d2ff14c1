"""Screens of a store: invited by a one-time code, then known by an opaque token."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from shopbell.auth import secrets
from shopbell.db.tables import devices

KINDS = ("tablet", "kiosk", "display", "phone")
CODE_LASTS = timedelta(minutes=10)
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Device:
    """An enrolled screen. ``person_id`` is whose phone it is."""

    id: int
    store_id: int
    kind: str
    name: str
    person_id: int | None
    seen_at: datetime | None
    locked_at: datetime | None


def invite(
    conn: Connection, store_id: int, kind: str, name: str, person_id: int | None, now: datetime
) -> str:
    """A one-time code, good for 10 minutes, that makes the screen which enters it this device."""
    code = secrets.code()
    conn.execute(
        devices.insert().values(
            store_id=store_id,
            kind=kind,
            name=name,
            person_id=person_id,
            code_hash=secrets.digest(secrets.plain(code)),
            code_expires_at=now + CODE_LASTS,
        )
    )
    return code


def enrol(conn: Connection, code: str, now: datetime) -> tuple[Device, str] | None:
    """The device of a code and its new token; None if the code is wrong, used or too old.

    One UPDATE both looks and takes, so of two screens with one code only one gets in.
    """
    token = secrets.token()
    taken = conn.execute(
        update(devices)
        .where(
            devices.c.code_hash == secrets.digest(secrets.plain(code)),
            devices.c.code_expires_at > now,
            devices.c.revoked_at.is_(None),
        )
        .values(
            code_hash=None,
            code_expires_at=None,
            token_hash=secrets.digest(token),
            enrolled_at=now,
            seen_at=now,
        )
    )
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
    return Device(row.id, row.store_id, row.kind, row.name, row.person_id, row.seen_at, row.locked_at)


def is_stale(device: Device, now: datetime) -> bool:
    """Whether the device's last sign of life should be written anew: at most once a minute."""
    return device.seen_at is None or now - device.seen_at >= SEEN_EVERY


def touch(conn: Connection, device_id: int, now: datetime) -> None:
    """Writes a sign of life."""
    conn.execute(update(devices).where(devices.c.id == device_id).values(seen_at=now))


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
        .values(revoked_at=now, code_hash=None, token_hash=None)
    )
