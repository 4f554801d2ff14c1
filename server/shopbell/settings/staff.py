"""People of the staff: their roles, skills, languages and PINs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from shopbell import floor
from shopbell.auth import secrets
from shopbell.auth.devices import BROWSER, OWNED
from shopbell.auth.people import in_store
from shopbell.db import engine, places, visits
from shopbell.db.tables import grants, lines, people, skills
from shopbell.domain.people import RANK, STAFF, Actor
from shopbell.domain.said import Invalid
from shopbell.settings import checks, doors
from shopbell.settings.checks import Change, changing, invalid
from shopbell.settings.reaching import end_own_channels

AT_ONCE = 200  # people in one go
LAST_MANAGER = "is the last manager here: make somebody else a manager first."


@dataclass(frozen=True)
class Someone:
    """A person as settings know him. ``skills`` are names or slugs of lines, none means all of them.

    ``pin`` is six digits; None leaves it as it is.
    """

    name: str
    role: str = "associate"
    pin: str | None = None
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


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
    """Someone new in a store's staff. Returns his id."""
    someone = Someone(name, role, pin, tuple(line_names), tuple(languages))
    try:
        return add_people(store_id, [someone], now, by)[0]
    except Invalid as error:
        raise Invalid([(field.removesuffix("-0"), sentence) for field, sentence in error.errors]) from None


def add_people(store_id: int, new: Sequence[Someone], now: datetime, by: Actor) -> list[int]:
    """Several new people, all or none; returns their ids.

    A person of the same name and PIN who works in another store is the same one and gets one more role.

    Raises:
        Invalid: each field with the number of its person behind it: "pin-0", "name-3".
    """
    tidy = _tidy(new)
    known = [_elsewhere(store_id, each.name, each.pin) for each in tidy]
    # Slow, so before the transaction.
    hashes = [secrets.hash_pin(each.pin) if each.pin else None for each in tidy]
    with changing(store_id, now, by, "person_added") as change:
        added: list[int] = []
        for n, someone in enumerate(tidy):
            with checks.numbered(n):
                added.append(_add(change, someone, known[n], hashes[n]))
        change.ids["person"] = added[-1]
        return added


def _tidy(new: Sequence[Someone]) -> list[Someone]:
    if not 0 < len(new) <= AT_ONCE:
        raise invalid("name-0", f"Give at least one name, and {AT_ONCE} at the most.")
    errors: list[tuple[str, str]] = []
    tidy: list[Someone] = []
    for n, someone in enumerate(new):
        try:
            with checks.numbered(n):
                tidy.append(_checked(someone))
        except Invalid as error:
            errors += error.errors
    if errors:
        raise Invalid(errors)
    return tidy


def _checked(someone: Someone) -> Someone:
    return Someone(
        checks.name(someone.name),
        checks.one_of(someone.role, STAFF, "role"),
        checks.pin(someone.pin) if someone.pin else None,
        tuple(dict.fromkeys(someone.skills)),
        tuple(checks.languages(someone.languages)),
    )


def _add(change: Change, someone: Someone, known: int | None, pin_hash: str | None) -> int:
    store_id = change.door.store.id
    _free_name(change.conn, store_id, someone.name)
    person_id = known or insert_person(change.conn, someone.name, pin_hash, someone.languages)
    grant(change.conn, person_id, store_id, someone.role)
    _set_skills(change.conn, store_id, person_id, someone.skills)
    return person_id


def _free_name(conn: Connection, store_id: int, name: str) -> None:
    if named(conn, store_id, name):
        raise invalid(
            "name", f"There is already a “{name}” here. Add a letter or a surname to tell them apart."
        )


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


def _set_skills(conn: Connection, store_id: int, person_id: int, names: Sequence[str]) -> None:
    # In this store only: the same person may help with other lines elsewhere.
    here = select(lines.c.id).where(lines.c.store_id == store_id)
    conn.execute(delete(skills).where(skills.c.person_id == person_id, skills.c.line_id.in_(here)))
    for name in names:
        line = places.line(conn, store_id, checks.slug_of(name, "line"))
        if line is None:
            raise invalid("line", f"There is no line “{name[:80]}” here.")
        conn.execute(skills.insert().values(person_id=person_id, line_id=line.id))


def about(conn: Connection, store_id: int, person_id: int) -> Someone:
    """A person as he is set up in this store; never his PIN.

    Raises:
        NotFound: if he has no role in it.
    """
    person = in_store(conn, person_id, store_id)
    if person is None:
        raise places.NotFound("person")
    of_his = select(lines.c.slug).join(skills, skills.c.line_id == lines.c.id)
    held = conn.scalars(of_his.where(skills.c.person_id == person_id, lines.c.store_id == store_id))
    spoken = conn.scalars(select(people.c.languages).where(people.c.id == person_id)).one()
    return Someone(person.name, person.role, None, tuple(sorted(held)), tuple(spoken))


def change_person(
    store_id: int, person_id: int, said: Someone, now: datetime, by: Actor, seen: str | None = None
) -> None:
    """Another name, role, PIN, other skills or languages.

    Raises:
        NotFound: if he has no role in this store.
        Invalid: if something cannot be, or if it would leave the store without a manager.
        Outdated: if he is not set up as ``seen`` marks any more.
    """
    someone = _checked(said)
    pin_hash = secrets.hash_pin(someone.pin) if someone.pin else None
    with changing(store_id, now, by, "person_changed") as change:
        change.ids["person"] = person_id
        before = about(change.conn, store_id, person_id)
        change.unchanged(seen, vars(before))
        if someone.name != before.name:
            _free_name(change.conn, store_id, someone.name)
        if someone.role != before.role:
            _set_role(change, person_id, before, someone.role)
        _set_skills(change.conn, store_id, person_id, someone.skills)
        values = {"name": someone.name, "languages": list(someone.languages)}
        values |= {"pin_hash": pin_hash} if pin_hash else {}
        change.conn.execute(update(people).where(people.c.id == person_id).values(values))
        left = _left(change, person_id, before, someone)
    doors.recheck(left)


def _left(change: Change, person_id: int, before: Someone, after: Someone) -> set[int]:
    """The stores where he is signed out: everywhere with another PIN, here with less of a role."""
    if after.pin:
        return doors.end_sessions(change, person_id) | doors.end_devices(change, person_id, (BROWSER,))
    here = change.door.store.id
    fell = RANK[after.role] < RANK[before.role]
    return doors.end_sessions(change, person_id, here) | {here} if fell else set()


def _set_role(change: Change, person_id: int, before: Someone, role: str) -> None:
    _keep_a_manager(change, before)
    mine = (grants.c.person_id == person_id, grants.c.store_id == change.door.store.id)
    if not change.conn.execute(update(grants).where(*mine).values(role=role)).rowcount:
        grant(change.conn, person_id, change.door.store.id, role)  # his role was one for all stores


def _keep_a_manager(change: Change, leaving: Someone) -> None:
    if leaving.role != "manager":
        return
    here = grants.c.store_id.is_(None) | (grants.c.store_id == change.door.store.id)
    held = select(func.count(grants.c.person_id.distinct())).where(here, grants.c.role == "manager")
    if (change.conn.scalar(held) or 0) < 2:
        raise invalid("role", f"{leaving.name} {LAST_MANAGER}")


def remove_person(store_id: int, person_id: int, now: datetime, by: Actor) -> None:
    """Someone works here no more: he is signed out everywhere, and his phone shows nothing.

    Raises:
        NotFound: if he has no role in this store.
        Invalid: while a customer is with him, if he works in all stores, or if he is the last manager.
    """
    with changing(store_id, now, by, "person_removed") as change:
        change.ids["person"] = person_id
        leaving = about(change.conn, store_id, person_id)
        _keep_a_manager(change, leaving)
        if held := visits.held_by(change.conn, store_id, person_id):
            ticket = held[0].ticket
            raise invalid("person", f"{leaving.name} is with {ticket}: finish or hand over {ticket} first.")
        floor.go_off(change.door, person_id, by)
        _ungrant(change, person_id, leaving)
        doors.end_sessions(change, person_id, store_id)
        doors.end_devices(change, person_id, OWNED, store_id)
    doors.recheck((store_id,))


def _ungrant(change: Change, person_id: int, leaving: Someone) -> None:
    mine = (grants.c.person_id == person_id, grants.c.store_id == change.door.store.id)
    if not change.conn.execute(delete(grants).where(*mine)).rowcount:
        raise invalid("person", f"{leaving.name} works in all stores and cannot be removed from one.")
    _set_skills(change.conn, change.door.store.id, person_id, ())
    if not change.conn.scalar(select(func.count()).where(grants.c.person_id == person_id)):
        ways_in = dict.fromkeys(("pin_hash", "password_hash", "account_hash"))
        gone = {"removed_at": change.door.now, **ways_in}
        change.conn.execute(update(people).where(people.c.id == person_id).values(gone))
        end_own_channels(change.conn, person_id, change.door.now)


def list_people(store_id: int) -> list[dict[str, Any]]:
    """The store's staff by name, as plain values; whether each has a PIN, never the PIN."""
    with engine.read() as conn:
        here = grants.c.store_id.is_(None) | (grants.c.store_id == store_id)
        held = select(people.c.id, people.c.pin_hash).join(grants, grants.c.person_id == people.c.id)
        rows = conn.execute(held.where(here, people.c.removed_at.is_(None)).distinct()).all()
        found = [(about(conn, store_id, row.id), row) for row in rows]
    return [
        {
            "id": str(row.id),
            "name": someone.name,
            "role": someone.role,
            "pin": row.pin_hash is not None,
            "lines": list(someone.skills),
            "languages": list(someone.languages),
        }
        for someone, row in sorted(found, key=lambda each: (each[0].name.casefold(), each[1].id))
    ]
