"""Screens and tokens: who may come in without being a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from shopbell import floor, live
from shopbell.auth import devices, tokens
from shopbell.auth.people import in_store, on_device
from shopbell.db import engine
from shopbell.db.places import NotFound
from shopbell.db.tables import devices as device_rows
from shopbell.db.tables import tokens as token_rows
from shopbell.domain.people import STAFF, Actor
from shopbell.settings import checks, staff
from shopbell.settings.checks import Change, changing, invalid
from shopbell.settings.zones import keep_zone


def invite_device(
    store_id: int, kind: str, now: datetime, by: Actor, *, name: str = "", person: str | int | None = None
) -> str:
    """A one-time code for a new screen. A phone is for a person of the store, by name or id."""
    with changing(store_id, now, by, "device_invited") as change:
        return devices.invite(change.conn, *new_screen(change, kind, name, person), now)


def new_screen(
    change: Change, kind: str, name: str, person: str | int | None
) -> tuple[int, str, str, int | None]:
    """A new screen's store, kind, name and owner.

    Raises:
        Invalid: on an unknown kind or person, or a phone that is nobody's.
    """
    checks.one_of(kind, devices.KINDS, "kind")
    if (kind == "phone") != (person is not None):
        raise invalid(
            "for", "Say whose phone it is." if kind == "phone" else "Only a phone belongs to one person."
        )
    store_id = change.door.store.id
    owner = _owner(change, store_id, person)
    shown = checks.name(name) if name else kind.capitalize()
    if kind == "kiosk":
        _stand(change, shown)
    return store_id, kind, shown, owner


def invited(code: str, now: datetime) -> int | None:
    """The screen that a code would enrol; None once it was used or its time is over."""
    with engine.read() as conn:
        device = devices.by_code(conn, code, now)
    return device.id if device else None


def _stand(change: Change, name: str) -> None:
    # Where a customer stands who uses this kiosk.
    if any(map(str.isalnum, name)):
        keep_zone(change.conn, change.door.store.id, name)


def rename_device(device_id: int, name: str, now: datetime, by: Actor) -> None:
    """Another name for a screen; customers at a kiosk of that name stand there.

    Raises:
        NotFound: if there is no such screen.
    """
    name = checks.name(name)
    with changing(_store_of(device_rows, device_id, "device"), now, by, "device_renamed") as change:
        change.ids["device"] = device_id
        mine = device_rows.c.id == device_id
        if change.conn.scalar(select(device_rows.c.kind).where(mine)) == "kiosk":
            _stand(change, name)
        change.conn.execute(update(device_rows).where(mine).values(name=name))


def _owner(change: Change, store_id: int, person: str | int | None) -> int | None:
    if person is None:
        return None
    held = in_store(change.conn, person, store_id) if isinstance(person, int) else None
    found = held.person_id if held else staff.named(change.conn, store_id, str(person))
    if found is None:
        raise invalid("for", f"There is no “{str(person)[:80]}” in this store.")
    return found


def revoke_device(device_id: int, now: datetime, by: Actor) -> None:
    """Ends a screen for good and signs out whoever is signed in on it.

    Raises:
        NotFound: if there is no such screen.
    """
    store_id = _store_of(device_rows, device_id, "device")
    with engine.read() as conn:
        signed_in = on_device(conn, device_id, store_id, now)
    for person in signed_in:
        floor.sign_out(store_id, device_id, person.person_id, now)
    with changing(store_id, now, by, "device_revoked") as change:
        devices.revoke(change.conn, device_id, now)
        change.ids["device"] = device_id
    live.recheck(store_id)


def create_token(store_id: int, role: str, name: str, now: datetime, by: Actor) -> str:
    """A bearer token, to be shown once. A staff role acts as the person of that name, made if absent."""
    name, role = checks.name(name), checks.one_of(role, tokens.ROLES, "role")
    with changing(store_id, now, by, "token_created") as change:
        person_id = _acting(change, store_id, role, name) if role in STAFF else None
        change.ids["token"], text = tokens.create(change.conn, store_id, role, name, person_id, now)
        return text


def _acting(change: Change, store_id: int, role: str, name: str) -> int:
    found = staff.named(change.conn, store_id, name)
    if found is None:
        found = staff.insert_person(change.conn, name, None)
        staff.grant(change.conn, found, store_id, role)
    return found


def list_tokens(store_id: int) -> list[dict[str, Any]]:
    """The store's tokens that still work; never their text."""
    with engine.read() as conn:
        return [
            {"id": str(each.id), "role": each.role, "name": each.name}
            for each in tokens.of_store(conn, store_id)
        ]


def revoke_token(token_id: int, now: datetime, by: Actor) -> None:
    """Ends a token for good.

    Raises:
        NotFound: if there is no such token.
    """
    with changing(_store_of(token_rows, token_id, "token"), now, by, "token_revoked") as change:
        tokens.revoke(change.conn, token_id, now)
        change.ids["token"] = token_id


def _store_of(table: Any, row_id: int, word: str) -> int:
    with engine.read() as conn:
        store_id = conn.scalar(
            select(table.c.store_id).where(table.c.id == row_id, table.c.revoked_at.is_(None))
        )
    if store_id is None:
        raise NotFound(word)
    return int(store_id)
