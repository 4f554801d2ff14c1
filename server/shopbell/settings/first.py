"""The first store of an empty database, made by whoever holds the one-time link that the server printed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from shopbell.auth import secrets
from shopbell.db import engine, meta, tables
from shopbell.db.tables import stores
from shopbell.settings import checks, staff
from shopbell.settings.checks import CONSOLE, changing, invalid
from shopbell.settings.stores import insert_store

KEY = "setup"
LEADS_ON = timedelta(minutes=30)


@dataclass(frozen=True)
class First:
    """What the form asks for."""

    name: str
    timezone: str
    line_names: Sequence[str]
    manager: str
    pin: str


def setup_code(conn: Connection) -> str:
    """A new code for the set-up link; the one before ends."""
    code = secrets.token()
    meta.keep(conn, KEY, json.dumps({"hash": secrets.digest(code), "until": None}))
    return code


def is_empty(conn: Connection) -> bool:
    """Whether there is no store yet."""
    return conn.execute(select(stores.c.id).limit(1)).first() is None


def opens_setup(conn: Connection, code: str, now: datetime) -> bool:
    """Whether a code opens the set-up: until a store is made, and 30 minutes more for its first screens."""
    kept = meta.kept_or(conn, KEY)
    if not kept:
        return False
    setup = json.loads(kept)
    in_time = setup["until"] is None or now < datetime.fromisoformat(setup["until"])
    return in_time and setup["hash"] == secrets.digest(code)


def first_store(code: str, first: First, now: datetime) -> int:
    """Makes the store, its lines and its manager in one transaction; returns the store's id.

    Raises:
        Invalid: on bad input, on a code that is not the link's, and if there is a store already.
    """
    slug, manager = checks.slug_of(checks.name(first.name)), checks.name(first.manager, "manager")
    pin_hash = secrets.hash_pin(checks.pin(first.pin))  # slow, so before the transaction
    if not first.line_names:
        raise invalid("lines", "Choose at least one line.")
    with engine.begin() as conn:
        _once(conn, code, now)
        store_id = insert_store(conn, slug, first.name, now, first.timezone, None, first.line_names)
        staff.grant(conn, staff.insert_person(conn, manager, pin_hash), store_id, "manager")
    with changing(store_id, now, CONSOLE, "store_added"):
        return store_id


def _once(conn: Connection, code: str, now: datetime) -> None:
    # Of two who send the form at the same time the second waits here, and then finds a store.
    conn.execute(select(tables.meta.c.key).where(tables.meta.c.key == KEY).with_for_update())
    if not is_empty(conn):
        raise invalid("setup", "This Shopbell is set up already.")
    if not opens_setup(conn, code, now):
        raise invalid("setup", "This set-up link has ended. The server prints a new one each time it starts.")
    until = now + LEADS_ON
    meta.keep(conn, KEY, json.dumps({"hash": secrets.digest(code), "until": until.isoformat()}))
