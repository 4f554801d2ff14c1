"""People at the door: their roles in a store, who is signed in, and their PINs."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from shopbell.auth import secrets, tries
from shopbell.db import engine, roster
from shopbell.db.tables import grants, people, sessions
from shopbell.domain.people import FLOOR, Actor, staff


@dataclass(frozen=True)
class Person:
    """Someone of the staff with the role that he holds in the store asked about."""

    person_id: int
    name: str
    role: str

    @property
    def actor(self) -> Actor:
        return staff(self.person_id, self.name, self.role)


def check_pin(person_id: int, pin: str, now: datetime, device_id: int) -> bool:
    """Whether this is the person's PIN. Takes about 30 ms, so never inside a write transaction.

    Wrong ones count for this person on this device alone, so nobody can lock a colleague out from elsewhere.

    Raises:
        TooSoon: after five wrong ones, for 5 s, then twice as long each time, 15 min at most.
    """
    place = f"device-{device_id}"
    tries.count(place, person_id, now)
    with engine.read() as conn:
        kept = conn.scalar(_HASHES.where(people.c.id == person_id))
    right = kept is not None and secrets.pin_matches(kept, pin)
    if right:
        tries.forget(place, person_id, now)
    return right


_HASHES = select(people.c.pin_hash).where(people.c.removed_at.is_(None))


def of_store(conn: Connection, store_id: int) -> tuple[Person, ...]:
    """Everyone who holds a role in the store, by name."""
    found = _people(conn.execute(_HOLDING, {"store_id": store_id}))
    return tuple(sorted(found, key=lambda person: (person.name.casefold(), person.person_id)))


def in_store(conn: Connection, person_id: int, store_id: int) -> Person | None:
    """A person in a store; None if he holds no role there or was removed."""
    return next(iter(_people(conn.execute(_ONE, {"store_id": store_id, "person_id": person_id}))), None)


def on_device(conn: Connection, device_id: int, store_id: int, now: datetime) -> tuple[Person, ...]:
    """Who is signed in on a device, in the order of signing in, without who lost his role or whose shift is
    long over."""
    which = {"device_id": device_id, "store_id": store_id, "since": roster.shift_began(now)}
    return tuple(_people(conn.execute(_SIGNED_IN, which)))


def _people(rows: Iterable[Any]) -> list[Person]:
    # One each: a grant for this very store comes last and so stands before one for all.
    return list({row.id: Person(row.id, row.name, row.role) for row in rows}.values())


_is_own = grants.c.store_id.is_not(None)
_ROLES = (
    select(people.c.id, people.c.name, grants.c.role)
    .join_from(people, grants, grants.c.person_id == people.c.id)
    .where(people.c.removed_at.is_(None))
    .where(or_(grants.c.store_id == bindparam("store_id"), grants.c.store_id.is_(None)))
)
_HOLDING = _ROLES.order_by(_is_own)
_ONE = _HOLDING.where(people.c.id == bindparam("person_id"))
_SIGNED_IN = (
    _ROLES.join(sessions, sessions.c.person_id == people.c.id)
    .where(sessions.c.device_id == bindparam("device_id"), sessions.c.ended_at.is_(None))
    .where(sessions.c.signed_in_at > bindparam("since"))
    .order_by(sessions.c.id, _is_own)
)


def stores_of(conn: Connection, person_id: int, roles: Collection[str] = FLOOR) -> tuple[int, ...] | None:
    """The stores in which a person holds one of these roles; None means all."""
    query = select(grants.c.store_id).where(grants.c.person_id == person_id, grants.c.role.in_(roles))
    held = conn.execute(query).scalars().all()
    return None if None in held else tuple(sorted({store for store in held if store is not None}))
