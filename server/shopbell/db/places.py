"""Stores, lines, zones and people: rows to what the domain needs to know of them."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, case, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from shopbell.db.tables import grants, lines, meta, people, presence, skills, stores, visits, zones
from shopbell.domain import rules
from shopbell.domain.estimate import Range, wait_range
from shopbell.domain.people import PersonRef, audience_roles

PRESENCE_LASTS = timedelta(minutes=60)
SEEN_EVERY = timedelta(seconds=60)
_PEOPLE: Any = bindparam("people", expanding=True)


class NotFound(LookupError):
    """No such thing, or one of another store."""


@dataclass(frozen=True)
class Store:
    """A store with its rules. ``seq`` is the number of its last event when it was read."""

    id: int
    slug: str
    name: str
    timezone: str
    threshold_s: int
    languages: tuple[str, ...]
    hours: rules.Hours
    steps: tuple[rules.Step, ...]
    grace_s: int
    seq: int


@dataclass(frozen=True)
class Line:
    """A line of help with the numbers it hands out and its recent service times in seconds."""

    id: int
    slug: str
    name: str
    letter: str
    about: str
    icon: str
    threshold_s: int | None
    is_help: bool
    is_open: bool
    last_number: int
    number_day: date | None
    serve_times: tuple[float, ...]


_STORE = select(stores).where(stores.c.id == bindparam("store_id"))
_LOCKED_STORE = _STORE.with_for_update()


def store(connection: Connection, store_id: int) -> Store:
    """The store.

    Raises:
        NotFound: if there is none of that id.
    """
    return _store(connection, _STORE, store_id)


def locked_store(connection: Connection, store_id: int) -> Store:
    """The store, its row locked until the transaction ends: the one lock that orders all its changes.

    Raises:
        NotFound: if there is none of that id.
    """
    return _store(connection, _LOCKED_STORE, store_id)


def _store(connection: Connection, query: Select[Any], store_id: int) -> Store:
    row = connection.execute(query, {"store_id": store_id}).one_or_none()
    if row is None:
        raise NotFound("store")
    hours = rules.read_hours(row.timezone, row.hours)
    steps = tuple(rules.Step(after_s, audience) for after_s, audience in row.ladder)
    return Store(
        row.id,
        row.slug,
        row.name,
        row.timezone,
        row.threshold_s,
        tuple(row.languages),
        hours,
        steps,
        row.grace_s,
        row.seq,
    )


_COUNT = update(stores).where(stores.c.id == bindparam("store_id"))


def keep_seq(connection: Connection, store_id: int, seq: int) -> None:
    """The store's row counts as far as its journal; call it under the store's lock."""
    connection.execute(_COUNT, {"store_id": store_id, "seq": seq})


def store_ids(connection: Connection) -> list[int]:
    """All stores, oldest first."""
    return list(connection.scalars(select(stores.c.id).order_by(stores.c.id)))


def store_id(connection: Connection, slug: str) -> int:
    """The id behind a store's slug.

    Raises:
        NotFound: if no store has it.
    """
    found: int | None = connection.scalar(select(stores.c.id).where(stores.c.slug == slug))
    if found is None:
        raise NotFound("store")
    return found


_LINES = select(lines).where(lines.c.store_id == bindparam("store_id")).order_by(lines.c.rank, lines.c.id)
_LINE = select(lines).where(lines.c.store_id == bindparam("store_id"), lines.c.slug == bindparam("slug"))
_LINE_BY_ID = select(lines).where(lines.c.id == bindparam("line_id"))


def all_lines(connection: Connection, store_id: int) -> list[Line]:
    """A store's lines in the order in which screens show them."""
    return [_line(row) for row in connection.execute(_LINES, {"store_id": store_id})]


def line(connection: Connection, store_id: int, slug: str) -> Line | None:
    """The line of that slug, None if the store has none."""
    row = connection.execute(_LINE, {"store_id": store_id, "slug": slug}).one_or_none()
    return _line(row) if row else None


def line_by_id(connection: Connection, line_id: int) -> Line:
    """The line of a visit."""
    return _line(connection.execute(_LINE_BY_ID, {"line_id": line_id}).one())


def _line(row: Row[Any]) -> Line:
    return Line(
        row.id,
        row.slug,
        row.name,
        row.letter,
        row.about,
        row.icon,
        row.threshold_s,
        row.is_help,
        row.is_open,
        row.last_number,
        row.number_day,
        tuple(row.serve_times),
    )


_NUMBER = (
    update(lines)
    .where(lines.c.id == bindparam("line_id"))
    .values(last_number=bindparam("number"), number_day=bindparam("day"))
)


def next_number(connection: Connection, line: Line, day: date) -> int:
    """Takes the line's next ticket number of the store day; call it under the store's lock."""
    number = line.last_number + 1 if line.number_day == day else 1
    connection.execute(_NUMBER, {"line_id": line.id, "number": number, "day": day})
    return number


def save_serve_times(connection: Connection, line_id: int, seconds: list[float]) -> None:
    """Keeps a line's recent service times, oldest first, for the wait range."""
    connection.execute(update(lines).where(lines.c.id == line_id).values(serve_times=seconds))


def rules_of(store: Store, line: Line) -> rules.Rules:
    """The rules that hold for visits of this line."""
    return rules.rules_for(store.threshold_s, line.threshold_s, store.steps, store.hours, store.grace_s)


def zone_id(connection: Connection, store_id: int, slug: str) -> int | None:
    """The id behind a zone's slug, None if the store has none."""
    return connection.scalar(select(zones.c.id).where(zones.c.store_id == store_id, zones.c.slug == slug))


# --- people on the floor ------------------------------------------------------------------------

_SKILLS = (
    select(skills.c.person_id, skills.c.line_id)
    .join(lines, lines.c.id == skills.c.line_id)
    .where(lines.c.store_id == bindparam("store_id"))
)
_skilled = _SKILLS.subquery("skilled")
_holds = (
    select(visits.c.id)
    .where(visits.c.store_id == presence.c.store_id, visits.c.holder_id == presence.c.person_id)
    .where(visits.c.state.in_(("claimed", "serving")))
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

    def range_for(self, line: Line, before: Mapping[int, int]) -> Range | None:
        """The wait range of one before whom so many stand in each line.

        Whoever waits elsewhere counts too, as far as the same people help there: with one associate
        on the floor all lines are one.
        """
        helpers = {person for person in self.present if self._helps(person, line.id)}
        free = len(helpers & self.free)
        shared = (other for other in before if any(self._helps(person, other) for person in helpers))
        return wait_range(sum(before[other] for other in shared), len(helpers), free, line.serve_times)

    def can_help(self, line_id: int) -> int:
        """How many are free for the line."""
        return sum(1 for person in self.free if self._helps(person, line_id))

    def _helps(self, person: int, line_id: int) -> bool:
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


def on_duty(connection: Connection, store_id: int, audience: str) -> list[int]:
    """The people whom a rung speaks to. Associates only if they are on the floor; those above are
    on duty whenever no duty hours say otherwise. A region is a manager with grants in several stores."""
    query = (
        select(grants.c.person_id)
        .join(people, people.c.id == grants.c.person_id)
        .where(or_(grants.c.store_id == store_id, grants.c.store_id.is_(None)))
        .where(grants.c.role.in_(audience_roles(audience)), people.c.removed_at.is_(None))
        .order_by(grants.c.person_id)
    )
    found = list(dict.fromkeys(connection.scalars(query)))
    if audience == "associates":
        there = staffing(connection, store_id).present
        return [person_id for person_id in found if person_id in there]
    if audience == "regions":
        return [person_id for person_id in found if _is_region(connection, person_id)]
    return found


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


def due_presence(connection: Connection, now: datetime, limit: int = 100) -> list[tuple[int, int]]:
    """(store, person) whose presence has something due by now."""
    query = select(presence.c.store_id, presence.c.person_id).where(presence.c.due_at <= now).limit(limit)
    return [(row.store_id, row.person_id) for row in connection.execute(query)]


def next_presence_at(connection: Connection) -> datetime | None:
    """When the clock has to look at someone's presence next, in any store."""
    at: datetime | None = connection.scalar(select(func.min(presence.c.due_at)))
    return at


# --- secrets of the server ----------------------------------------------------------------------


def keep(connection: Connection, key: str, value: str) -> None:
    """Writes one of the server's own values."""
    if not connection.execute(update(meta).where(meta.c.key == key).values(value=value)).rowcount:
        connection.execute(meta.insert().values(key=key, value=value))


def kept(connection: Connection, key: str) -> str:
    """One of the server's own values (``secret``, ``epoch``); made at first use, in a write transaction.

    Two processes that start together agree on one: the row's key is unique.
    """
    found: str | None = connection.scalar(select(meta.c.value).where(meta.c.key == key))
    if found is None:
        try:
            with connection.begin_nested():
                connection.execute(meta.insert().values(key=key, value=secrets.token_hex(16)))
        except IntegrityError:
            pass
        found = connection.scalars(select(meta.c.value).where(meta.c.key == key)).one()
    return found


def kept_or(connection: Connection, key: str, default: str = "") -> str:
    """The same for readers: the default where nothing has been kept yet."""
    return connection.scalar(select(meta.c.value).where(meta.c.key == key)) or default
