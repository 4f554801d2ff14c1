"""Visits: rows to domain objects and back."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    Row,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from shopbell.db.places import NotFound
from shopbell.db.tables import join_keys, people, stores, visits
from shopbell.db.writes import Writes
from shopbell.domain.outlook import Outlook
from shopbell.domain.people import PersonRef
from shopbell.domain.proof import FROM_POSTERS, NONE, POSTER
from shopbell.domain.visit import Visit

# Whoever looks for open visits says so with this too: by it the database finds them among all that ended.
is_open = visits.c.ended_at.is_(None)

_FIELDS = [field.name for field in fields(Visit) if field.name != "holder"]
_of = attrgetter(*_FIELDS)
_SELECT = select(
    *(visits.c[name] for name in _FIELDS), visits.c.holder_id, people.c.name.label("holder_name")
).outerjoin(people, people.c.id == visits.c.holder_id)
_ONE = _SELECT.where(visits.c.id == bindparam("visit_id"), visits.c.store_id == bindparam("store_id"))
_STILL_DUE: Any = _SELECT.where(
    visits.c.store_id.in_(bindparam("store_ids", expanding=True)),
    visits.c.id.in_(bindparam("ids", expanding=True)),
    visits.c.due_at <= bindparam("now"),
).order_by(visits.c.id)
_WAITING = _SELECT.where(
    visits.c.store_id == bindparam("store_id"), is_open, visits.c.state.in_(("waiting", "claimed"))
).order_by(visits.c.waiting_since, visits.c.id)
_HELD = _SELECT.where(
    visits.c.store_id == bindparam("store_id"),
    visits.c.holder_id == bindparam("person_id"),
    is_open,
)


def visit(connection: Connection, store_id: int, visit_id: int) -> Visit:
    """The visit, if it belongs to the store.

    Raises:
        NotFound: if it does not.
    """
    row = connection.execute(_ONE, {"store_id": store_id, "visit_id": visit_id}).one_or_none()
    if row is None:
        raise NotFound("visit")
    return from_row(row)


def still_due(
    connection: Connection, store_ids: Collection[int], visit_ids: Collection[int], now: datetime
) -> list[Visit]:
    """Those of these stores' visits that are due, oldest first: another may have seen to some meanwhile."""
    values = {"store_ids": list(store_ids), "ids": list(visit_ids), "now": now}
    return [from_row(row) for row in connection.execute(_STILL_DUE, values)]


def waiting(connection: Connection, store_id: int) -> list[Visit]:
    """Everyone whose wait runs, longest first."""
    return [from_row(row) for row in connection.execute(_WAITING, {"store_id": store_id})]


_OUTLOOK = [field.name for field in fields(Outlook)]
_OUTLOOKS: Any = (
    select(*(visits.c[name] for name in _OUTLOOK))
    .where(visits.c.store_id.in_(bindparam("store_ids", expanding=True)))
    .where(is_open, visits.c.state == "waiting", visits.c.proof != NONE)
)


def outlooks(connection: Connection, store_ids: Collection[int]) -> list[Outlook]:
    """All in these stores who are told how long they still wait."""
    rows = connection.execute(_OUTLOOKS, {"store_ids": list(store_ids)})
    return [Outlook(**dict(zip(_OUTLOOK, row, strict=True))) for row in rows]


def held_by(connection: Connection, store_id: int, person_id: int) -> list[Visit]:
    """The customers whom a person is on the way to or with."""
    return [
        from_row(row) for row in connection.execute(_HELD, {"store_id": store_id, "person_id": person_id})
    ]


_BURST = _SELECT.where(
    visits.c.store_id == bindparam("store_id"),
    visits.c.burst == bindparam("first"),
    visits.c.state == bindparam("state"),
).order_by(visits.c.id)


def of_burst(connection: Connection, store_id: int, first: int, state: str) -> list[Visit]:
    """A group of joins that came very fast at one kiosk, as far as they are in this state."""
    values = {"store_id": store_id, "first": first, "state": state}
    return [from_row(row) for row in connection.execute(_BURST, values)]


def from_row(row: Any) -> Visit:
    """A domain object from a row of ``visits`` joined with its holder's name."""
    values = dict(zip(_FIELDS, _of(row), strict=True))
    values["needs"] = tuple(values["needs"])
    holder = PersonRef(row.holder_id, row.holder_name) if row.holder_id else None
    return Visit(**values, holder=holder)


_ADD = visits.insert().returning(visits.c.id)
_SAVE = update(visits).where(visits.c.id == bindparam("visit_id"))


def add(connection: Connection, visit: Visit, day: date, phone: str | None) -> int:
    """Inserts a new visit and returns its id."""
    values = {**_values(visit), "id": None, "day": day, "phone": phone}
    # What is not there yet need not be said: for a new visit that is more than half of the columns.
    values = {name: value for name, value in values.items() if value is not None}
    visit_id: int = connection.execute(_ADD, values).scalar_one()
    return visit_id


def save(to: Writes | Connection, visit: Visit, changed: list[str]) -> None:
    """Writes the changed fields of a visit; the caller holds the store's lock."""
    values = _values(visit)
    columns = ["holder_id" if name == "holder" else name for name in changed]
    to.execute(_SAVE, {"visit_id": visit.id, **{column: values[column] for column in columns}})


def _values(visit: Visit) -> dict[str, Any]:
    values = dict(zip(_FIELDS, _of(visit), strict=True))
    values["needs"] = list(visit.needs)
    values["holder_id"] = visit.holder.id if visit.holder else None
    return values


_is_proven = visits.c.proof != NONE
_ALL_BY_LINE = (
    select(visits.c.line_id, func.count(), func.sum(case((_is_proven, 1), else_=0)))
    .where(visits.c.store_id == bindparam("store_id"), is_open, visits.c.state == "waiting")
    .group_by(visits.c.line_id)
)
_WAITING_BY_LINE = (
    select(visits.c.line_id, func.count())
    .where(visits.c.store_id == bindparam("store_id"), is_open, visits.c.state == "waiting")
    .group_by(visits.c.line_id)
)
_PROVEN_BY_LINE = _WAITING_BY_LINE.where(_is_proven)
_is_before = or_(
    visits.c.waiting_since < bindparam("since"),
    and_(visits.c.waiting_since == bindparam("since"), visits.c.id < bindparam("visit_id")),
)
_BEFORE = _PROVEN_BY_LINE.where(_is_before)
_BEFORE_UNPROVEN = _WAITING_BY_LINE.where(or_(_is_proven, _is_before))


def all_by_line(connection: Connection, store_id: int) -> dict[int, tuple[int, int]]:
    """How many wait unclaimed, and how many of them are known to be in the store, for each line with any."""
    rows = connection.execute(_ALL_BY_LINE, {"store_id": store_id})
    return {line_id: (all_, proven) for line_id, all_, proven in rows}


def waiting_by_line(connection: Connection, store_id: int) -> dict[int, int]:
    """How many wait unclaimed before whoever joins now, for each line in which someone does.

    Who is not proven to be in the store stands after all who are.
    """
    return dict(iter(connection.execute(_PROVEN_BY_LINE, {"store_id": store_id})))


class Placed(Protocol):
    """Whatever says where someone stands: a visit, or the row of one."""

    @property
    def id(self) -> int: ...
    @property
    def store_id(self) -> int: ...
    @property
    def waiting_since(self) -> datetime: ...
    @property
    def proof(self) -> str: ...


def before_by_line(connection: Connection, visit: Placed) -> dict[int, int]:
    """How many of them stand before her, by (waiting_since, id); who is unproven stands after the others."""
    values = {"store_id": visit.store_id, "since": visit.waiting_since, "visit_id": visit.id}
    query = _BEFORE_UNPROVEN if visit.proof == NONE else _BEFORE
    return dict(iter(connection.execute(query, values)))


_other = visits.alias("other")
_stands_before = or_(
    _other.c.waiting_since < visits.c.waiting_since,
    and_(_other.c.waiting_since == visits.c.waiting_since, _other.c.id < visits.c.id),
)
_other_is_proven = _other.c.proof != NONE
# Counted for each by herself: as a join, PostgreSQL without fresh statistics goes through all who ever came.
_count_before = (
    select(func.count())
    .where(_other.c.store_id == visits.c.store_id, _other.c.line_id == visits.c.line_id)
    .where(_other.c.ended_at.is_(None), _other.c.state == "waiting")
    .where(
        or_(
            and_(_other_is_proven, _stands_before),
            and_(visits.c.proof == NONE, or_(_other_is_proven, _stands_before)),
        )
    )
    .correlate(visits)
    .scalar_subquery()
)
_BEFORE_EACH: Any = select(visits.c.id, _count_before).where(
    visits.c.id.in_(bindparam("ids", expanding=True))
)


def before_each(connection: Connection, visit_ids: Collection[int]) -> dict[int, int]:
    """How many stand before each of these in the same line, as `before_by_line`."""
    return dict(iter(connection.execute(_BEFORE_EACH, {"ids": list(visit_ids)})))


_FROM_POSTERS = select(func.count()).where(
    visits.c.store_id == bindparam("store_id"), is_open, visits.c.proof == POSTER
)
_LATEST_FROM_POSTERS = (
    select(visits.c.state)
    .where(visits.c.store_id == bindparam("store_id"), visits.c.ended_at > bindparam("since"))
    .where(visits.c.proof.in_(FROM_POSTERS))
    .order_by(visits.c.ended_at.desc(), visits.c.id.desc())
    .limit(bindparam("most"))
)


def open_from_posters(connection: Connection, store_id: int) -> int:
    """How many open visits came by a printed code and are trusted without a proof."""
    return connection.scalar(_FROM_POSTERS, {"store_id": store_id}) or 0


_PHONES = (
    select(visits.c.token, visits.c.phone)
    .where(visits.c.store_id == bindparam("store_id"), is_open, visits.c.phone.is_not(None))
    .order_by(visits.c.id.desc())
)


def open_with_phones(connection: Connection, store_id: int) -> list[tuple[str, str]]:
    """(token, phone number) of the open visits that left one, the latest first."""
    return [(token, phone) for token, phone in connection.execute(_PHONES, {"store_id": store_id})]


def ends_from_posters(connection: Connection, store_id: int, since: datetime, most: int) -> list[str]:
    """How the latest visits that came by a printed code ended since then, the last one first."""
    values = {"store_id": store_id, "since": since, "most": most}
    return list(connection.scalars(_LATEST_FROM_POSTERS, values))


_DUE = (
    select(visits.c.store_id, visits.c.id, visits.c.due_at)
    .where(visits.c.due_at <= bindparam("now"))
    .order_by(visits.c.due_at)
    .limit(bindparam("limit"))
)
NEXT_AT = select(func.min(visits.c.due_at)).where(visits.c.due_at.is_not(None))  # in any store


def due(connection: Connection, now: datetime, limit: int = 500) -> list[tuple[int, int]]:
    """(store, visit) of everything that the clock has to do by now, earliest first."""
    rows = connection.execute(_DUE, {"now": now, "limit": limit})
    return [(row.store_id, row.id) for row in rows]


def _waits(*where: ColumnElement[bool]) -> Exists:
    """Whether someone waits in a store of whom this is true."""
    waiting = (visits.c.store_id == stores.c.id, is_open, visits.c.state == "waiting", visits.c.proof != NONE)
    return select(visits.c.id).where(*waiting, *where).exists()


_STORES_WAITING = (
    select(stores.c.id, stores.c.seq, _waits(visits.c.low_s.is_not(None)).label("is_told"))
    .where(_waits())
    .order_by(stores.c.id)
)


def stores_waiting(connection: Connection) -> Sequence[Row[tuple[int, int, bool]]]:
    """The stores in which someone waits whom nobody has claimed: the store's id and seq, and whether anyone
    of them is told how long."""
    return connection.execute(_STORES_WAITING).all()


_IS_KEY = and_(join_keys.c.store_id == bindparam("store_id"), join_keys.c.key == bindparam("key"))
_KEY = select(join_keys).where(_IS_KEY)
_DROP_KEY = join_keys.delete().where(_IS_KEY)
_ADD_KEY = join_keys.insert()


def join_key(connection: Connection, store_id: int, key: str, newer_than: datetime) -> tuple[str, int] | None:
    """(hash of the body, visit) that a join key stands for, None if it is new. One that was kept long enough
    gives way; so call it under the store's lock."""
    row = connection.execute(_KEY, {"store_id": store_id, "key": key}).one_or_none()
    if row and row.at <= newer_than:
        connection.execute(_DROP_KEY, {"store_id": store_id, "key": key})
        return None
    return (row.body_hash, row.visit_id) if row else None


def forget_join_keys(connection: Connection, before: datetime) -> None:
    """Deletes keys that have been kept long enough."""
    connection.execute(join_keys.delete().where(join_keys.c.at < before))


def add_join_key(
    connection: Connection, store_id: int, key: str, body_hash: str, visit_id: int, at: datetime
) -> None:
    """Keeps a join's key, after `join_key` found none."""
    values = {"store_id": store_id, "key": key, "body_hash": body_hash, "visit_id": visit_id, "at": at}
    connection.execute(_ADD_KEY, values)
