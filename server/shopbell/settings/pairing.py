"""Screens that ask to come in, or to be confirmed again: what a manager sees of them, and his yes or no."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from shopbell.auth import devices, pairing
from shopbell.auth.pairing import Pairing
from shopbell.db import engine
from shopbell.db.places import NotFound
from shopbell.db.tables import devices as device_rows
from shopbell.domain.people import Actor
from shopbell.settings.access import new_screen
from shopbell.settings.checks import changing, invalid

GONE = "No screen shows this code now. Look at it again: a code ends after 10 minutes."


def asking(store_id: int, code: str, now: datetime) -> Pairing | None:
    """The screen that shows this code: a new one, or one of this store that must be confirmed."""
    with engine.read() as conn:
        found = pairing.by_code(conn, code, now)
        if found and found.device_id and _store_of(conn, found.device_id) != store_id:
            return None
    return found


def _store_of(conn: Any, device_id: int) -> int | None:
    known = select(device_rows.c.store_id).where(
        device_rows.c.id == device_id, device_rows.c.revoked_at.is_(None)
    )
    found: int | None = conn.scalar(known)
    return found


def let_in(
    store_id: int,
    code: str,
    now: datetime,
    by: Actor,
    *,
    kind: str = "",
    name: str = "",
    person: int | None = None,
) -> None:
    """The screen that shows this code is one of ours: what it is told to be, or what it was before.

    Raises:
        Invalid: if no screen shows the code any more, or if there cannot be such a screen.
    """
    waiting = asking(store_id, code, now)
    if waiting is None:
        raise invalid("code", GONE)
    what = "device_confirmed" if waiting.device_id else "device_invited"
    with changing(store_id, now, by, what) as change:
        device_id = waiting.device_id
        if device_id is None:
            device_id = devices.add(change.conn, *new_screen(change, kind, name, person))
        change.ids["device"] = device_id
        if not pairing.grant(change.conn, waiting, device_id, now):
            raise invalid("code", GONE)


def turn_away(store_id: int, code: str, now: datetime) -> None:
    """The screen that shows this code is none of ours."""
    waiting = asking(store_id, code, now)
    if waiting:
        with engine.begin() as conn:
            pairing.refuse(conn, waiting)


def confirm_device(device_id: int, now: datetime, by: Actor) -> None:
    """A screen that was away for long is still ours.

    Raises:
        NotFound: if there is no such screen.
    """
    with engine.read() as conn:
        store_id = _store_of(conn, device_id)
    if store_id is None:
        raise NotFound("device")
    with changing(store_id, now, by, "device_confirmed") as change:
        change.ids["device"] = device_id
        devices.touch(change.conn, device_id, now)
