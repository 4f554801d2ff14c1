"""The first store of an empty database, made by whoever holds the one-time link that the server printed."""

import json
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from shopbell.auth import secrets
from shopbell.db import engine, meta, tables
from shopbell.db.tables import grants, people, stores
from shopbell.settings import checks
from shopbell.settings.checks import CONSOLE, changing, invalid
from shopbell.settings.stores import About, checked, insert_store

KEY = "setup"
LEADS_ON = timedelta(hours=2)


def setup_code(conn: Connection, now: datetime) -> str:
    """A new code for the set-up link; the one before ends."""
    code = secrets.token()
    _keep(conn, code, None if is_empty(conn) else now + LEADS_ON)
    return code


def _keep(conn: Connection, code: str, until: datetime | None) -> None:
    kept = {"hash": secrets.digest(code), "until": until.isoformat() if until else None}
    meta.keep(conn, KEY, json.dumps(kept))


def is_empty(conn: Connection) -> bool:
    """Whether there is no store yet."""
    return conn.execute(select(stores.c.id).limit(1)).first() is None


def is_unmanaged(conn: Connection) -> bool:
    """Whether nobody could sign in to set up: no store yet, or no manager with a PIN."""
    managers = select(people.c.id).join(grants, grants.c.person_id == people.c.id)
    able = (grants.c.role == "manager", people.c.pin_hash.is_not(None), people.c.removed_at.is_(None))
    return conn.execute(managers.where(*able).limit(1)).first() is None


def opens_setup(conn: Connection, code: str, now: datetime) -> bool:
    """Whether a code opens the set-up: until a store is made, and two hours more for all the rest."""
    kept = meta.kept_or(conn, KEY)
    if not kept:
        return False
    setup = json.loads(kept)
    in_time = setup["until"] is None or now < datetime.fromisoformat(setup["until"])
    return in_time and setup["hash"] == secrets.digest(code)


def first_store(code: str, said: About, now: datetime) -> int:
    """Makes the store; returns its id.

    Raises:
        Invalid: on bad input, on a code that is not the link's, and if there is a store already.
    """
    slug = checks.slug_of(checks.name(said.name))
    values = checked(said, now)
    with engine.begin() as conn:
        _once(conn, code, now)
        store_id = insert_store(conn, slug, said.name, now, said.timezone)
        conn.execute(update(stores).where(stores.c.id == store_id).values(values))
    with changing(store_id, now, CONSOLE, "store_added"):
        return store_id


def _once(conn: Connection, code: str, now: datetime) -> None:
    # Of two who send the form at the same time the second waits here, and then finds a store.
    conn.execute(select(tables.meta.c.key).where(tables.meta.c.key == KEY).with_for_update())
    if not is_empty(conn):
        raise invalid("setup", "This Shopbell is set up already.")
    if not opens_setup(conn, code, now):
        raise invalid("setup", "This set-up link has ended. The server prints a new one each time it starts.")
    _keep(conn, code, now + LEADS_ON)
