"""Managers' passwords, and the browsers that they open for the set-up."""

from datetime import datetime

from sqlalchemy import select, update

from shopbell.auth import devices, people, secrets
from shopbell.auth.passwords import LEAST, MOST
from shopbell.db import engine, places
from shopbell.db.tables import people as person_rows
from shopbell.domain.people import Actor
from shopbell.settings import doors
from shopbell.settings.checks import changing, invalid


def set_password(store_id: int, password: str, now: datetime, by: Actor) -> None:
    """A manager's own password from now on; what he has opened with an earlier one is closed.

    Raises:
        Invalid: if it is too short or too long to be one.
        NotFound: if he is no manager here.
    """
    if not LEAST <= len(password) <= MOST or len(set(password)) < 5 or not _is_text(password):
        raise invalid("password", f"Take at least {LEAST} characters, and not the same few again and again.")
    kept = secrets.hash_password(password)  # slow, so before the transaction
    with changing(store_id, now, by, "password_set") as change:
        person = people.in_store(change.conn, by.person_id or 0, store_id)
        if person is None or person.role != "manager":
            raise places.NotFound("person")
        change.ids["person"] = person.person_id
        mine = person_rows.c.id == person.person_id
        change.conn.execute(update(person_rows).where(mine).values(password_hash=kept))
        left = doors.end_devices(change, person.person_id, (devices.BROWSER,))
    doors.recheck(left)


def _is_text(password: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" or char < " " for char in password)


def has_password(person_id: int) -> bool:
    """Whether a person may sign in by password."""
    with engine.read() as conn:
        kept = conn.scalar(select(person_rows.c.password_hash).where(person_rows.c.id == person_id))
    return kept is not None


def open_browser(person_id: int, name: str, now: datetime, role: str = "manager") -> str:
    """The token of a browser in which somebody has shown who he is, for the store in which he has this role;
    of several the first one. ``name`` is what the browser is shown as.

    Raises:
        NotFound: if he has it in no store any more.
    """
    store_id = _first_store(person_id, role)
    with engine.read() as conn:
        person = people.in_store(conn, person_id, store_id)
    assert person
    with changing(store_id, now, person.actor, "browser_opened") as change:
        device_id = devices.add(change.conn, store_id, devices.BROWSER, name or "Browser", person_id)
        admitted = devices.admit(change.conn, device_id, now)
        assert admitted
        change.ids |= {"device": device_id, "person": person_id}
    return admitted[1]


def _first_store(person_id: int, role: str) -> int:
    with engine.read() as conn:
        held = people.stores_of(conn, person_id, (role,))
        stores = places.store_ids(conn) if held is None else held
    if not stores:
        raise places.NotFound("store")
    return stores[0]
