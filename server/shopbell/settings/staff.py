"""People of the staff: their roles, skills and PINs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from shopbell.auth import secrets
from shopbell.auth.people import in_store
from shopbell.db import engine, places
from shopbell.db.tables import grants, people, skills
from shopbell.domain.people import STAFF, Actor
from shopbell.settings import checks
from shopbell.settings.checks import Change, changing, invalid


def add_person(
    store_id: int,
    name: str,
    now: datetime,
    by: Actor,
    *,
    role: str = "associate",
    pin: str | None = None,
    line_names: Sequence[str] = (),
    languages: Sequence[str] = (),
) -> int:
    """Someone new in a store's staff; ``line_names`` are his skills, none means all. Returns his id.

    A person of that name and PIN who works in another store is the same one and gets one more role.
    """
    name, role = checks.name(name), checks.one_of(role, STAFF, "role")
    known = _elsewhere(store_id, name, checks.pin(pin) if pin else None)
    pin_hash = secrets.hash_pin(pin) if pin and not known else None  # slow, so before the transaction
    with changing(store_id, now, by, "person_added") as change:
        if named(change.conn, store_id, name):
            raise invalid(
                "name", f"There is already a “{name}” here. Add a letter or a surname to tell them apart."
            )
        person_id = known or insert_person(change.conn, name, pin_hash, checks.languages(languages))
        grant(change.conn, person_id, store_id, role)
        _add_skills(change, store_id, person_id, line_names)
        change.ids["person"] = person_id
        return person_id


def _elsewhere(store_id: int, name: str, pin: str | None) -> int | None:
    # The PIN tells whether two stores mean one Bo; without it a name alone proves nothing.
    if pin is None:
        return None
    with engine.read() as conn:
        rows = conn.execute(
            select(people.c.id, people.c.pin_hash).where(
                people.c.name == name, people.c.removed_at.is_(None), people.c.pin_hash.is_not(None)
            )
        ).all()
        others = [row for row in rows if in_store(conn, row.id, store_id) is None]
    return next((row.id for row in others if secrets.pin_matches(row.pin_hash, pin)), None)


def named(conn: Connection, store_id: int, name: str) -> int | None:
    """The person of that name who works in the store."""
    found = conn.scalars(select(people.c.id).where(people.c.name == name, people.c.removed_at.is_(None)))
    return next((person_id for person_id in found.all() if in_store(conn, person_id, store_id)), None)


def insert_person(conn: Connection, name: str, pin_hash: str | None, languages: Sequence[str] = ()) -> int:
    """The row of a new person."""
    values = {"name": name, "pin_hash": pin_hash, "languages": list(languages)}
    added = conn.execute(people.insert().returning(people.c.id).values(values))
    return int(added.scalar_one())


def grant(conn: Connection, person_id: int, store_id: int | None, role: str) -> None:
    """Gives a person a role in a store, or in all."""
    conn.execute(grants.insert().values(person_id=person_id, store_id=store_id, role=role))


def _add_skills(change: Change, store_id: int, person_id: int, line_names: Sequence[str]) -> None:
    for line_name in dict.fromkeys(line_names):
        line = places.line(change.conn, store_id, checks.slug_of(line_name, "line"))
        if line is None:
            raise invalid("line", f"There is no line “{line_name[:80]}” here.")
        change.conn.execute(skills.insert().values(person_id=person_id, line_id=line.id))
