"""Who is on the floor: presence, skills and roles."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, or_, select, update

from shopbell.db.places import NotFound
from shopbell.db.tables import grants, lines, people, presence, skills, stores, visits
from shopbell.domain.hours import read
from shopbell.domain.people import PersonRef, audience_roles

SHIFT = timedelta(hours=16)  # the longest that one signing in counts
PRESENCE_LASTS = timedelta(minutes=60)
SEEN_EVERY = timedelta(seconds=60)

_PEOPLE: Any = bindparam("people", expanding=True)
_SKILLS = (
    select(skills.c.person_id, skills.c.line_id)
    .join(lines, lines.c.id == skills.c.line_id)
    .where(lines.c.store_id == bindparam("store_id"))
)
_skilled = _SKILLS.subquery("skilled")
_holds = (
    select(visits.c.id)
    .where(visits.c.store_id == presence.c.store_id, visits.c.holder_id == presence.c.person_id)
    .where(visits.c.ended_at.is_(None))
    .exists()
)
_STAFFING = (
    select(presence.c.person_id, presence.c.status, _holds.label("holds"), _skilled.c.line_id)
    .outerjoin(_skilled, _skilled.c.person_id == presence.c.person_id)
    .where(presence.c.store_id == bindparam("store_id"))
    .where(presence.c.status.in_(("available", "with_someone")))
)


@dataclass(frozen=True)
class Staffing:
    """Who is there, who of them is free, and what each is skilled for (no entry: everything)."""

    present: frozenset[int]
    available: frozenset[int]
    free: frozenset[int]
    skills: dict[int, frozenset[int]]

    def can_help(self, line_id: int) -> int:
        """How many are free for the line."""
        return len(self.eligible(line_id))

    def eligible(self, line_id: int) -> list[int]:
        """Who is free for the line."""
        return sorted(person for person in self.free if self.helps(person, line_id))

    def helps(self, person: int, line_id: int) -> bool:
        """Whether someone is skilled for a line."""
        return line_id in self.skills.get(person, {line_id})


def staffing(connection: Connection, store_id: int) -> Staffing:
    """The floor as it stands: *free* is available and holding nobody."""
    # One row for each line that a person is skilled for, one without a line for who helps with all.
    rows = connection.execute(_STAFFING, {"store_id": store_id}).all()
    available = frozenset(row.person_id for row in rows if row.status == "available")
    free = available - {row.person_id for row in rows if row.holds}
    present = frozenset(row.person_id for row in rows)
    return Staffing(present, available, free, _by_person(row for row in rows if row.line_id))


def skills_of(connection: Connection, store_id: int) -> dict[int, frozenset[int]]:
    """The lines that each person is skilled for; people without an entry help with all."""
    return _by_person(connection.execute(_SKILLS, {"store_id": store_id}))


def _by_person(rows: Iterable[Row[Any]]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for row in rows:
        found.setdefault(row.person_id, set()).add(row.line_id)
    return {person_id: frozenset(line_ids) for person_id, line_ids in found.items()}


_ABOVE: Any = (
    select(grants.c.person_id)
    .where(or_(grants.c.store_id == bindparam("store_id"), grants.c.store_id.is_(None)))
    .where(grants.c.role != "associate")
)


def above(connection: Connection, store_id: int) -> frozenset[int]:
    """The store's supervisors and managers, wherever they are."""
    return frozenset(connection.scalars(_ABOVE, {"store_id": store_id}))


_ON_DUTY: Any = (
    select(grants.c.store_id, grants.c.person_id, people.c.duty)
    .join(people, people.c.id == grants.c.person_id)
    .where(or_(grants.c.store_id.in_(bindparam("store_ids", expanding=True)), grants.c.store_id.is_(None)))
    .where(grants.c.role.in_(bindparam("roles", expanding=True)), people.c.removed_at.is_(None))
    .order_by(grants.c.person_id)
)
_TIMEZONE = select(stores.c.timezone).where(stores.c.id == bindparam("store_id"))


def on_duty(connection: Connection, store_id: int, audience: str, now: datetime) -> list[int]:
    """The people whom a rung speaks to. Associates only if they are on the floor; those above are
    on duty whenever no hours of theirs say otherwise, by the store's clock. A region is a manager with
    grants in several stores."""
    return on_duty_each(connection, [store_id], audience, now)[store_id]


def on_duty_each(
    connection: Connection, store_ids: Collection[int], audience: str, now: datetime
) -> dict[int, list[int]]:
    """The same for each of these stores."""
    values = {"store_ids": list(store_ids), "roles": list(audience_roles(audience))}
    granted = connection.execute(_ON_DUTY, values).all()
    return {store_id: _on_duty(connection, store_id, granted, audience, now) for store_id in store_ids}


def _on_duty(
    connection: Connection, store_id: int, granted: Sequence[Row[Any]], audience: str, now: datetime
) -> list[int]:
    duties = {row.person_id: row.duty for row in granted if row.store_id in (store_id, None)}
    if audience == "associates":
        there = staffing(connection, store_id).present
        return [person_id for person_id in duties if person_id in there]
    found = _in_their_hours(connection, store_id, duties, now)
    if audience == "regions":
        return [person_id for person_id in found if _is_region(connection, person_id)]
    return found


def _in_their_hours(
    connection: Connection, store_id: int, duties: Mapping[int, Any], now: datetime
) -> list[int]:
    if not any(duties.values()):
        return list(duties)
    timezone = connection.scalars(_TIMEZONE, {"store_id": store_id}).one()
    return [id_ for id_, duty in duties.items() if duty is None or read(timezone, duty, {}).is_open(now)]


def _is_region(connection: Connection, person_id: int) -> bool:
    held = list(connection.scalars(select(grants.c.store_id).where(grants.c.person_id == person_id)))
    return None in held or len(held) > 1


def role_of(connection: Connection, person_id: int, store_id: int) -> str | None:
    """The person's role in this store: his grant there, else one for all stores, else None."""
    query = (
        select(grants.c.role)
        .join(people, people.c.id == grants.c.person_id)
        .where(grants.c.person_id == person_id, people.c.removed_at.is_(None))
        .where(or_(grants.c.store_id == store_id, grants.c.store_id.is_(None)))
        .order_by(grants.c.store_id.is_(None))
    )
    return connection.scalars(query).first()


def person(connection: Connection, person_id: int) -> PersonRef:
    """A person as colleagues and customers are told of him.

    Raises:
        NotFound: if there is none of that id.
    """
    name = connection.scalar(select(people.c.name).where(people.c.id == person_id))
    if name is None:
        raise NotFound("person")
    return PersonRef(person_id, name)


def shift_began(now: datetime) -> datetime:
    """Who signed in before this has to sign in again."""
    return now - SHIFT


def presence_of(connection: Connection, store_id: int, person_id: int) -> Row[Any] | None:
    """The row of a person's presence in a store, None if he was never there."""
    query = select(presence).where(presence.c.store_id == store_id, presence.c.person_id == person_id)
    return connection.execute(query).one_or_none()


def save_presence(connection: Connection, store_id: int, person_id: int, **values: Any) -> None:
    """Writes a person's presence in a store; call it under the store's lock."""
    where = (presence.c.store_id == store_id, presence.c.person_id == person_id)
    if not connection.execute(update(presence).where(*where).values(**values)).rowcount:
        connection.execute(presence.insert().values(store_id=store_id, person_id=person_id, **values))


_SEEN = (
    update(presence)
    .where(presence.c.store_id == bindparam("at_store"), presence.c.person_id.in_(_PEOPLE))
    .where(presence.c.status != "off", presence.c.seen_at < bindparam("stale"))
    .values(
        seen_at=bindparam("now"),
        due_at=case((presence.c.status.in_(("task", "break")), presence.c.due_at), else_=bindparam("lapses")),
    )
)


def touch(connection: Connection, store_id: int, people: Collection[int], now: datetime) -> None:
    """A sign of life of people on the floor, written at most once a minute; no event."""
    times = {"now": now, "stale": now - SEEN_EVERY, "lapses": now + PRESENCE_LASTS}
    connection.execute(_SEEN, {"at_store": store_id, "people": list(people), **times})


PRESENCE_NEXT_AT = select(func.min(presence.c.due_at)).where(presence.c.due_at.is_not(None))  # in any store


def due_presence(connection: Connection, now: datetime, limit: int = 100) -> list[tuple[int, int]]:
    """(store, person) whose presence has something due by now."""
    query = select(presence.c.store_id, presence.c.person_id).where(presence.c.due_at <= now).limit(limit)
    return [(row.store_id, row.person_id) for row in connection.execute(query)]
