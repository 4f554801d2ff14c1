"""A manager's password: it opens the set-up in a browser that is no screen of the store."""

from datetime import datetime
from functools import cache

from sqlalchemy import select

from shopbell.auth import secrets, tries
from shopbell.db import engine
from shopbell.db.tables import grants, people

LEAST, MOST = 12, 200  # characters
ALIKE = 5  # people of one name who are looked at, each at 30 ms
# Guesses from browsers that have never been his count apart from those of one that was: nobody out there can
# make the owner wait at his own.
STRANGE, KNOWN = "strangers", "known"


def check(name: str, password: str, now: datetime, known: int | None = None) -> int | None:
    """The manager of this name and password, None if there is none. It takes as long for a name nobody has.

    Args:
        known: the person who signed in in this browser before.

    Raises:
        TooSoon: as for a PIN.
    """
    found = _of_name(" ".join(name.split()))
    for person_id, kept in found:
        if _right(person_id, kept, password, now, KNOWN if person_id == known else STRANGE):
            return person_id
    if not found:
        _right(tries.NOBODY, _nobodys(), password, now, STRANGE)
    return None


def is_his(person_id: int, password: str, now: datetime, device_id: int) -> bool:
    """Whether it is the password of one who is here already.

    Raises:
        TooSoon: as for a PIN.
    """
    with engine.read() as conn:
        kept = conn.scalar(_KEPT.where(people.c.id == person_id))
    return _right(person_id, kept or _nobodys(), password, now, f"device-{device_id}")


_KEPT = select(people.c.password_hash).where(people.c.removed_at.is_(None))
_MANAGERS = select(people.c.id, people.c.password_hash).where(
    people.c.password_hash.is_not(None),
    people.c.removed_at.is_(None),
    people.c.id.in_(select(grants.c.person_id).where(grants.c.role == "manager")),
)


def _of_name(name: str) -> list[tuple[int, str]]:
    if any("\ud800" <= char <= "\udfff" or char == "\0" for char in name):  # no text: no database takes it
        return []
    with engine.read() as conn:
        rows = conn.execute(_MANAGERS.where(people.c.name == name).order_by(people.c.id).limit(ALIKE))
        return [(row.id, str(row.password_hash)) for row in rows]


def _right(person_id: int, kept: str, password: str, now: datetime, place: str) -> bool:
    tries.count(place, person_id, now)
    right = secrets.password_matches(kept, password[:MOST]) and person_id != tries.NOBODY
    if right:
        tries.forget(place, person_id, now)
    return right


@cache
def _nobodys() -> str:
    return secrets.hash_password(secrets.token())
