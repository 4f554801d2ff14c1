"""The append-only journal: one row for everything that happened in a store, numbered by its seq."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from shopbell.db import chain
from shopbell.db.tables import events
from shopbell.db.writes import Writes
from shopbell.domain.event import Entry, Event
from shopbell.domain.people import Actor, PersonRef

_APPEND = events.insert()
_SINCE = (
    select(events)
    .where(events.c.store_id == bindparam("store_id"), events.c.seq > bindparam("since"))
    .order_by(events.c.seq)
    .limit(bindparam("limit"))
)
_ONE = select(events).where(events.c.store_id == bindparam("store_id"), events.c.seq == bindparam("seq"))


def append(
    to: Writes | Connection,
    store_id: int,
    seq: int,
    event: Event,
    visit_id: int | None,
    by: Actor,
    at: datetime,
    before: str,
) -> str:
    """Writes one event and returns its digest; ``before`` is that of the event before it.

    The caller holds the store's lock and counts its seq up.
    """
    row = {
        "store_id": store_id,
        "seq": seq,
        "type": event.type,
        "at": at,
        "visit_id": visit_id,
        "by_kind": by.kind,
        "by_person": by.person_id,
        "detail": event.detail,
    }
    kept = chain.sealed(before, row)
    to.execute(_APPEND, kept)
    return str(kept["digest"])


def since(connection: Connection, store_id: int, seq: int, limit: int = 500) -> list[Entry]:
    """What happened in a store after ``seq``, in order."""
    rows = connection.execute(_SINCE, {"store_id": store_id, "since": seq, "limit": limit})
    return [_entry(row) for row in rows]


def entry(connection: Connection, store_id: int, seq: int) -> Entry:
    """One event."""
    return _entry(connection.execute(_ONE, {"store_id": store_id, "seq": seq}).one())


def of_visit(connection: Connection, visit_id: int) -> list[Entry]:
    """A visit's whole story, in order."""
    rows = connection.execute(select(events).where(events.c.visit_id == visit_id).order_by(events.c.seq))
    return [_entry(row) for row in rows]


def _entry(row: Any) -> Entry:
    return Entry(row.seq, row.type, row.at, row.visit_id, row.by_kind, row.by_person, row.detail)


def pack(value: Any) -> Any:
    """A value of a visit as the journal keeps it: times as text, people as ids."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, PersonRef):
        return value.id
    return list(value) if isinstance(value, tuple) else value


def unpack(field: str, value: Any) -> Any:
    """The value again; the holder stays an id, which whoever has the people turns into a person."""
    if value is not None and (field.endswith(("_at", "_since", "_until"))):
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
